"""A container for the double of the monitor: what a runtime notes of one, and nothing behind it.

Its first process is this very program, so its users are the host's; it runs for as long as we do.
"""

from __future__ import annotations

import datetime
import os
from pathlib import Path
from typing import Any

import msgspec

from runtime.kernel.proc import identify
from runtime.model import ContainerInfo, ContainerState

_PROCESS: dict[str, Any] = {
    "user": {"uid": 0, "gid": 0},
    "args": ["init"],
    "env": ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
    "cwd": "/",
}


def write_fake_container(
    root: Path, name: str, process: dict[str, Any] | None = None
) -> ContainerInfo:
    """Note a running container below `root`, as runc does in its state folder.

    `process` is the process object of its configuration. The engine finds it where `root` is one
    of the roots in its settings.
    """
    folder = root / name
    bundle = folder / "bundle"
    bundle.mkdir(parents=True)
    (bundle / "config.json").write_bytes(msgspec.json.encode({"process": process or _PROCESS}))
    init = identify(os.getpid())
    assert init is not None
    state = {
        "id": name,
        "init_process_pid": init.pid,
        "init_process_start": init.start_time,
        "created": datetime.datetime.now(datetime.UTC).isoformat(),
        "config": {"labels": [f"bundle={bundle}"]},
    }
    (folder / "state.json").write_bytes(msgspec.json.encode(state))
    return ContainerInfo(
        id=name,
        name=name,
        engine="runc",
        runtime="runc",
        root=str(root),
        bundle=str(bundle),
        state=ContainerState.RUNNING,
        init=init,
    )
