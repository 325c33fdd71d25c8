"""Reading one container's state as runc and crun write it.

runc keeps `<root>/<id>/state.json` (libcontainer State), crun `<root>/<id>/status` beside a copy
of `config.json`. Both name the first process by pid and start time.
"""

from __future__ import annotations

import datetime
from pathlib import Path

import msgspec

from runtime.model import ProcessIdentity
from runtime.oci.container import ContainerRecord

RUNC_FILE = "state.json"
CRUN_FILE = "status"
DEMO_ANNOTATION = "org.exectop.demo"


class _RuncConfig(msgspec.Struct):
    labels: list[str] | None = None


class _RuncState(msgspec.Struct):
    init_process_pid: int
    init_process_start: int
    config: _RuncConfig
    created: str = ""


class _CrunStatus(msgspec.Struct, rename="kebab"):
    pid: int
    bundle: str
    process_start_time: int = 0
    created: str = ""


class _Bundle(msgspec.Struct):
    annotations: dict[str, str] | None = None


def read_record(folder: Path) -> ContainerRecord | None:
    """The record in a container's state folder; None if it holds none (yet, or any more).

    Raises PermissionError, and msgspec.DecodeError for a file that is no such record.
    """
    for file, read in ((RUNC_FILE, _read_runc), (CRUN_FILE, _read_crun)):
        try:
            return read(folder, (folder / file).read_bytes())
        except (FileNotFoundError, NotADirectoryError):
            continue
    return None


def _read_runc(_folder: Path, text: bytes) -> ContainerRecord:
    state = msgspec.json.decode(text, type=_RuncState)
    # runc keeps the bundle and the annotations as labels, "name=value" (libcontainer/specconv).
    labels = dict(label.partition("=")[::2] for label in state.config.labels or [])
    bundle = labels.pop("bundle", "")
    return ContainerRecord(
        runtime="runc",
        bundle=bundle,
        config_path=f"{bundle}/config.json",
        init=_identity(state.init_process_pid, state.init_process_start),
        created=_seconds(state.created),
        annotations=labels,
    )


def _read_crun(folder: Path, text: bytes) -> ContainerRecord:
    status = msgspec.json.decode(text, type=_CrunStatus)
    config = folder / "config.json"
    return ContainerRecord(
        runtime="crun",
        bundle=status.bundle,
        config_path=str(config),
        init=_identity(status.pid, status.process_start_time),
        created=_seconds(status.created),
        annotations=msgspec.json.decode(config.read_bytes(), type=_Bundle).annotations or {},
    )


def _identity(pid: int, start_time: int) -> ProcessIdentity | None:
    return ProcessIdentity(pid=pid, start_time=start_time) if pid > 0 else None


def _seconds(text: str) -> float | None:
    try:
        # runc writes nanoseconds, which datetime takes and cuts to microseconds.
        return datetime.datetime.fromisoformat(text).timestamp()
    except ValueError:
        return None
