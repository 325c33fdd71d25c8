"""Reading one container's state as runc, crun and youki write it.

runc keeps `<root>/<id>/state.json` (libcontainer State), crun `<root>/<id>/status` beside a copy
of `config.json`. Both name the first process by pid and start time. youki has a `state.json`, too,
which is the OCI specification's with a few more fields, and knows the pid only.
"""

from __future__ import annotations

import datetime
from pathlib import Path

import msgspec

from runtime.kernel.beneath import read_file
from runtime.kernel.proc import identify, started_at
from runtime.model import ProcessIdentity
from runtime.oci.container import ContainerRecord

RUNC_FILE = "state.json"
CRUN_FILE = "status"
DEMO_ANNOTATION = "org.exectop.demo"
# A state file of a hundred thousand mounts is smaller.
_LARGEST = 32 * 1024 * 1024
# Processes count time from the boot, state files by the clock, which may have been set since.
_SLACK = 2.0


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


class _YoukiState(msgspec.Struct, rename="camel"):
    oci_version: str
    bundle: str
    status: str = ""
    pid: int | None = None
    annotations: dict[str, str] | None = None
    created: str | None = None


class _Bundle(msgspec.Struct):
    annotations: dict[str, str] | None = None


def read_record(folder: Path) -> ContainerRecord | None:
    """The record in a container's state folder; None if it holds none (yet, or any more).

    Raises PermissionError, and msgspec.DecodeError for a file that is no such record.
    """
    for file, read in ((RUNC_FILE, _read_state), (CRUN_FILE, _read_crun)):
        try:
            return read(folder, read_file(folder / file, _LARGEST))
        except FileNotFoundError:
            continue
    return None


def _read_state(_folder: Path, text: bytes) -> ContainerRecord:
    try:
        return _describe_runc(msgspec.json.decode(text, type=_RuncState))
    except msgspec.ValidationError:
        found = _youki_state(text)
        if found is None:
            raise
        return _describe_youki(found)


def _youki_state(text: bytes) -> _YoukiState | None:
    try:
        return msgspec.json.decode(text, type=_YoukiState)
    except msgspec.ValidationError:
        return None


def _describe_runc(state: _RuncState) -> ContainerRecord:
    # runc keeps the bundle and the annotations as labels, "name=value" (libcontainer/specconv).
    labels = dict(label.partition("=")[::2] for label in state.config.labels or [])
    bundle = labels.pop("bundle", "")
    return ContainerRecord(
        runtime="runc",
        bundle=bundle,
        config_path=f"{bundle}/config.json",
        init=_identity(state.init_process_pid, state.init_process_start),
        created=seconds(state.created),
        annotations=labels,
    )


def _describe_youki(state: _YoukiState) -> ContainerRecord:
    created = seconds(state.created or "")
    init = identify(state.pid) if state.pid else None
    # youki notes when it was created once its first process exists, so a younger process with that
    # pid is another.
    if init is not None and created is not None and started_at(init) > created + _SLACK:
        init = None
    return ContainerRecord(
        runtime="youki",
        bundle=state.bundle,
        config_path=f"{state.bundle}/config.json",
        init=init,
        created=created,
        annotations=state.annotations or {},
        waits=state.status in ("creating", "created"),
    )


def _read_crun(folder: Path, text: bytes) -> ContainerRecord:
    status = msgspec.json.decode(text, type=_CrunStatus)
    config = folder / "config.json"
    return ContainerRecord(
        runtime="crun",
        bundle=status.bundle,
        config_path=str(config),
        init=_identity(status.pid, status.process_start_time),
        created=seconds(status.created),
        annotations=msgspec.json.decode(read_file(config, _LARGEST), type=_Bundle).annotations
        or {},
    )


def _identity(pid: int, start_time: int) -> ProcessIdentity | None:
    return ProcessIdentity(pid=pid, start_time=start_time) if pid > 0 else None


def seconds(text: str) -> float | None:
    """A time of an engine's in seconds since the epoch, None for what is none."""
    try:
        # runc writes nanoseconds, which datetime takes and cuts to microseconds.
        return datetime.datetime.fromisoformat(text).timestamp()
    except ValueError:
        return None
