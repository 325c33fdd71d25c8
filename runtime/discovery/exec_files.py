"""Exec ids, from the files in which monitors note the first processes of exec sessions.

containerd's shim has `<bundle>/<exec id>.pid` (containerd pkg/process newExecPidFile), podman
`<userdata>/<session>/exec_pid` (libpod ExecSessionBundlePath), where userdata is the container's
bundle. A number in a file proves little by itself: the file must not be older than
the process.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path

from runtime.kernel.beneath import read_file
from runtime.kernel.proc import started_at
from runtime.model import ProcessIdentity

_INIT = "init.pid"
# A file's time comes from a coarser clock than a process's; both are in seconds.
_SLACK = 2.0
_LONGEST_PID = 16


class ExecFiles:
    """Looks for the file that names a process; a folder is read again only when it changed."""

    def __init__(self) -> None:
        self._noted: dict[str, tuple[float, dict[int, str]]] = {}

    def shim_exec_id(self, bundle: str, process: ProcessIdentity) -> str:
        """The exec id under which containerd's shim knows the process, "" where it has none."""
        try:
            changed = Path(bundle).stat().st_mtime
        except OSError:
            return ""
        known = self._noted.get(bundle)
        if known is None or known[0] != changed:
            known = (changed, dict(_shim_files(Path(bundle))))
            if time.time() - changed > _SLACK:  # else more may come under the same time
                self._noted[bundle] = known
        return known[1].get(process.pid, "")

    def forget_all_but(self, bundles: set[str]) -> None:
        """Keep what is known of these folders only."""
        self._noted = {name: known for name, known in self._noted.items() if name in bundles}


def podman_exec_id(userdata: str, process: ProcessIdentity) -> str:
    """The podman session whose first process this is, "" where none says so.

    For processes whose monitor is gone: a living one names its session itself.
    """
    try:
        folders = sorted(each for each in Path(userdata).iterdir() if each.is_dir())
    except OSError:
        return ""
    for folder in folders:
        if is_noted(str(folder / "exec_pid"), process):
            return folder.name
    return ""


def is_noted(file: str, process: ProcessIdentity) -> bool:
    """Whether this process is the one that was noted in the file."""
    path = Path(file)
    try:
        noted = _noted_pid(path)
        return noted == process.pid and path.stat().st_mtime >= started_at(process) - _SLACK
    except OSError:
        return False


def _shim_files(bundle: Path) -> Iterator[tuple[int, str]]:
    for path in bundle.glob("*.pid"):
        with contextlib.suppress(OSError):
            if path.name != _INIT and (pid := _noted_pid(path)):
                yield pid, path.name.removesuffix(".pid")


def _noted_pid(file: Path) -> int:
    """The pid that is noted in a file, 0 for none. Raises OSError."""
    text = read_file(file, _LONGEST_PID).strip()
    return int(text) if text.isdigit() else 0
