"""The state files of OCI runtimes: the parts that matter, among some that do not."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

from runtime.kernel.proc import identify
from runtime.model import ProcessIdentity


def us() -> ProcessIdentity:
    """A process that is alive: this one."""
    found = identify(os.getpid())
    assert found is not None
    return found


def runc_state(
    init: ProcessIdentity | None = None, *, labels: list[str] | None = None, **changes: Any
) -> dict[str, Any]:
    """runc 1.1's state.json."""
    init = init or us()
    if labels is None:
        labels = ["org.example.note=a=b", "io.container.manager=libpod", "bundle=/bundles/box"]
    state: dict[str, Any] = {
        "id": "box",
        "init_process_pid": init.pid,
        "init_process_start": init.start_time,
        "created": "2026-11-24T05:57:23.131293233Z",
        "config": {"no_pivot_root": False, "rootfs": "/bundles/box/rootfs", "labels": labels},
        "rootless": False,
        "cgroup_paths": {"freezer": "/sys/fs/cgroup/freezer/box"},
    }
    return state | changes


def crun_status(init: ProcessIdentity | None = None, **changes: Any) -> dict[str, Any]:
    """crun 1.8's status file."""
    init = init or us()
    status: dict[str, Any] = {
        "pid": init.pid,
        "process-start-time": init.start_time,
        "cgroup-path": "/box",
        "scope": None,
        "rootfs": "/bundles/box/rootfs",
        "systemd-cgroup": False,
        "bundle": "/bundles/box",
        "created": "2026-11-24T05:57:24.131293Z",
        "owner": "root",
        "detached": True,
        "external_descriptors": '["/dev/null","/dev/null","/dev/null"]',
    }
    return status | changes


def youki_state(**changes: Any) -> dict[str, Any]:
    """youki 0.5's state.json."""
    state: dict[str, Any] = {
        "ociVersion": "v1.0.2",
        "id": "box",
        "status": "running",
        "pid": os.getpid(),
        "bundle": "/bundles/box",
        "annotations": {"note": "x"},
        "created": "2036-11-24T05:57:24.131293233Z",
        "creator": 0,
        "useSystemd": False,
        "cleanUpIntelRdtSubdirectory": False,
    }
    return state | changes


def write_runc(folder: Path, text: bytes | None = None, **changes: Any) -> Path:
    """A runc container's folder, with this state or the given text in its place."""
    folder.mkdir(parents=True, exist_ok=True)
    if text is None:
        text = json.dumps(runc_state(**changes)).encode()
    (folder / "state.json").write_bytes(text)
    return folder


def write_crun(folder: Path, annotations: dict[str, str] | None = None, **changes: Any) -> Path:
    """A crun container's folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "status").write_text(json.dumps(crun_status(**changes)))
    config = {"ociVersion": "1.0.0", "annotations": annotations, "process": {}}
    (folder / "config.json").write_text(json.dumps(config))
    return folder


def age(*paths: Path, seconds: float = 60) -> None:
    """Let files look as if they were written so long ago."""
    then = time.time() - seconds
    for path in paths:
        os.utime(path, (then, then))
