"""Whatever a container's config.json says, a session is prepared, or an error tells why not."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from runtime.errors import ContainerStateError, NoShellError
from runtime.kernel.proc import boot_id, identify
from runtime.model import ContainerInfo, ContainerState, ExecConfig, ExecSession, ExecState
from runtime.oci.container import ContainerRecord
from runtime.protocol.process_spec import umask_of
from runtime.sessions.prepare import base_process, encode_process_spec, find_shell

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner),
    max_leaves=6,
)
IDS = st.integers(0, 2**32 - 1)
NAMES = st.lists(st.sampled_from(["CAP_KILL", "CAP_CHOWN", ""]), max_size=3)


def fields(**right: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Objects with some of these fields, most of them right."""
    return st.fixed_dictionaries({}, optional={name: each | JSON for name, each in right.items()})


PROCESSES = fields(
    args=st.just(["init"]),
    env=st.lists(st.sampled_from(["PATH=/bin", "PATH=/b\0in:/bin", "PATH=", "BARE", "HOME=/\n"])),
    cwd=st.sampled_from(["/", "", "relative"]),
    user=fields(uid=IDS, gid=IDS, umask=IDS, additionalGids=st.lists(IDS, max_size=3)),
    capabilities=fields(bounding=NAMES, effective=NAMES),
    rlimits=st.lists(fields(type=st.just("RLIMIT_CORE"), soft=IDS, hard=IDS), max_size=2),
    terminal=st.booleans(),
    consoleSize=st.just({"height": 1, "width": 2}),
    somethingNew=JSON,
)
CONFIGS = (fields(process=PROCESSES) | JSON).map(msgspec.json.encode) | st.binary(max_size=40)


@pytest.fixture(scope="module")
def record() -> Iterator[ContainerRecord]:
    """A container whose configuration is ours to write."""
    with tempfile.TemporaryDirectory(prefix="xt-") as folder:
        yield ContainerRecord(
            runtime="runc",
            bundle=folder,
            config_path=f"{folder}/config.json",
            init=None,
            created=None,
            annotations={},
        )


@pytest.fixture(scope="module")
def container() -> ContainerInfo:
    """A container that has the host's files, and this program as its first process."""
    return ContainerInfo(
        id="box",
        name="box",
        engine="runc",
        runtime="runc",
        root="/run/runc",
        bundle="",
        state=ContainerState.RUNNING,
        init=identify(os.getpid()),
        created=None,
    )


@given(config=CONFIGS, user=st.sampled_from(["", "0", "7:8"]), terminal=st.booleans())
@example(config=b'{"process": {"env": 5}}', user="", terminal=False)
@example(config=b'{"process": {"user": "x"}}', user="0", terminal=True)
@example(config=b'{"process": {"args": {}}}', user="", terminal=True)
def test_a_session_is_prepared_or_refused(
    record: ContainerRecord, container: ContainerInfo, config: bytes, user: str, terminal: bool
) -> None:
    Path(record.config_path).write_bytes(config)
    session = ExecSession(
        id="5e" * 32,
        container_id=container.id,
        container_key=container.key,
        container_name=container.name,
        container_root=container.root,
        state=ExecState.CREATED,
        config=ExecConfig(command=["sh"], user=user, terminal=terminal),
        created=1.0,
        boot_id=boot_id(),
    )
    try:
        base = base_process(container, record)
    except ContainerStateError as error:
        assert error.message.startswith(f"{record.config_path} is no configuration")
        with pytest.raises(ContainerStateError):
            find_shell(container, record)
        return
    assert 0 <= umask_of(base) <= 0o777
    made = msgspec.json.decode(encode_process_spec(base, container, session, None))
    assert made["args"] == ["sh"]
    assert made["terminal"] is terminal
    try:
        assert find_shell(container, record).startswith("/")
    except NoShellError as error:
        assert error.container_id == "box"
