"""The records and their JSON."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from runtime.model import (
    AttachEvent,
    CaughtUp,
    ContainerInfo,
    ContainerState,
    Ended,
    ExecConfig,
    ExecSession,
    ExecState,
    InspectExecProcess,
    InspectExecSession,
    Output,
    Overview,
    ProcessIdentity,
    SessionInfo,
    SizeChanged,
    StopStep,
    TerminalSize,
    container_key,
)

PROCESS = ProcessIdentity(pid=7, start_time=8)
CONTAINER = ContainerInfo(
    id="box",
    name="box",
    engine="podman",
    runtime="crun",
    root="/run/crun",
    bundle="/b",
    state=ContainerState.PAUSED,
    init=PROCESS,
    created=1.5,
    demo=True,
)
CONFIG = ExecConfig(command=["sh"], detach_keys="", environment={"A": "b"}, work_dir="/")
SESSION = ExecSession(
    id="a" * 64,
    container_id="box",
    container_key="k",
    container_name="box",
    container_root="/r",
    state=ExecState.RUNNING,
    config=CONFIG,
    created=1.0,
    boot_id="b",
    process=PROCESS,
    monitor=PROCESS,
    exit_code=0,
    initial_size=TerminalSize(rows=1, columns=2),
)
LINE = SessionInfo(
    id="a",
    container_id="box",
    container_key="k",
    container_name="box",
    origin="exectop",
    state=ExecState.STOPPED,
    pid=0,
    start_time=0,
    command=["sh"],
    tty=True,
    user="",
    created=1.0,
    exit_code=3,
)
RECORDS = [
    PROCESS,
    CONTAINER,
    CONFIG,
    SESSION,
    LINE,
    Overview(containers=[CONTAINER], sessions=[LINE], problems=["p"], taken=1.0),
    StopStep(session_id="a", phase="term", timeout=1.0, remaining=0.5),
]


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: type(record).__name__)
def test_a_record_survives_json(record: Any) -> None:
    assert msgspec.json.decode(msgspec.json.encode(record), type=type(record)) == record


@pytest.mark.parametrize(
    "event",
    [
        Output(data=b"\x00\xff", stream=2, replay=True),
        SizeChanged(size=TerminalSize(rows=1, columns=2)),
        CaughtUp(truncated=True),
        Ended(exit_code=137),
        Ended(),
    ],
)
def test_what_an_attachment_tells_survives_json(event: AttachEvent) -> None:
    assert msgspec.json.decode(msgspec.json.encode(event), type=AttachEvent) == event


def keys(record: Any) -> set[str]:
    return set(msgspec.json.decode(msgspec.json.encode(record)))


def test_json_names_are_camel_case() -> None:
    # The names that the command line's JSON promises to keep.
    assert keys(LINE) >= set(
        "id containerId containerName origin state pid startTime command tty user created "
        "exitCode attached".split()
    )
    assert keys(CONTAINER) >= set("id name engine runtime root bundle state".split())
    assert keys(PROCESS) == {"pid", "startTime"}
    assert keys(CONFIG) >= set(
        "command terminal attachStdin attachStdout attachStderr detachKeys environment "
        "privileged user workDir preserveFds exitCommand".split()
    )


def test_inspect_has_libpod_s_names() -> None:
    process = InspectExecProcess(arguments=[], entrypoint="sh", privileged=False, tty=True, user="")
    assert keys(process) == {"arguments", "entrypoint", "privileged", "tty", "user"}
    fields = {str(field.encode_name) for field in msgspec.structs.fields(InspectExecSession)}
    libpod = "CanRemove ContainerID DetachKeys ExitCode ID OpenStderr OpenStdin OpenStdout Running"
    assert fields >= {*libpod.split(), "Pid", "ProcessConfig"}


def test_states_are_their_words() -> None:
    assert msgspec.json.encode(ExecState.RUNNING) == b'"running"'
    assert f"{ContainerState.PAUSED}" == "paused"


def test_records_are_immutable() -> None:
    with pytest.raises(AttributeError):
        CONTAINER.name = "other"  # type: ignore[misc]


def test_pid_of_what_does_not_run() -> None:
    assert (CONTAINER.pid, SESSION.pid) == (7, 7)
    assert msgspec.structs.replace(CONTAINER, init=None).pid == 0
    assert msgspec.structs.replace(SESSION, process=None).pid == 0


def test_keys_of_containers_are_unique_on_the_host_and_safe_as_file_names() -> None:
    places = [("/run/runc", "a"), ("/run/crun", "a"), ("/run/runc", "b"), ("/run/run", "ca")]
    made = {container_key(*place) for place in places}
    assert len(made) == len(places)
    assert all(len(key) == 32 and set(key) <= set("0123456789abcdef") for key in made)
    assert CONTAINER.key == container_key("/run/crun", "box")
    # Recorded in databases, so it must never change.
    assert container_key("/run/runc", "a") == "de49939c2220fe97b313cd0c307e5866"
