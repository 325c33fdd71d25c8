"""What the running processes of container engines tell: roots, names, programs, data folders.

conmon, containerd's shims and dockerd say on their command lines, in their environment or in their
working folder where they keep things, so nothing has to be set. Only new processes are looked at.
As an ordinary user only one's own are: what others have cannot be read anyway.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from runtime.discovery import command_lines, roots
from runtime.discovery.docker_daemon import DockerDaemon, docker_daemon
from runtime.kernel.beneath import read_file
from runtime.kernel.namespaces import means_our_folder
from runtime.kernel.proc import PROC
from runtime.kernel.proc_folder import ProcFolder

# comm(5) holds 15 characters: containerd-shim-runc-v2 is cut.
_PROGRAMS = {b"conmon", b"conmonrs", b"containerd-shim", b"dockerd", b"podman"}
# For so many seconds a folder that a process names may still be about to be made.
_PATIENCE = 60.0
# And for so many a process that was just forked may still be about to run the engine's program.
_YOUTH = 2.0
_OPTIONS_LIMIT = 64 * 1024


class Monitor(msgspec.Struct, frozen=True):
    """What a conmon tells of its container: its name, and the program of its OCI runtime."""

    name: str
    runtime: str


class _Options(msgspec.Struct):
    root: str = ""


class _Told(msgspec.Struct):
    """What one process told. `whole` when there is nothing more to come."""

    since: float
    patterns: list[str] = []
    monitor: tuple[str, Monitor] | None = None
    daemon: DockerDaemon | None = None
    podman_sockets: tuple[str, ...] = ()
    whole: bool = False


class EngineProcesses:
    """The engines' processes on this host, known from look to look."""

    def __init__(self, path: Path = PROC) -> None:
        """`path` is where /proc is mounted. Nothing is opened before the first look."""
        self._path = path
        self._folder: ProcFolder | None = None
        self._is_stale = True
        self._pids: Mapping[int, int] | None = None
        self._seen: Mapping[int, int] = {}
        self._young: dict[int, float] = {}
        self._told: dict[int, _Told] = {}
        self._monitors: dict[str, Monitor] = {}

    def begin_look(self, pids: Mapping[int, int] | None = None) -> None:
        """Look anew when something is asked next; `pids` is what `ProcFolder.pids` would give."""
        self._is_stale, self._pids = True, pids

    def close(self) -> None:
        """Look no more."""
        if self._folder is not None:
            self._folder.close()
            self._folder = None

    @property
    def _proc(self) -> ProcFolder:
        if self._folder is None:
            self._folder = ProcFolder(self._path)
        return self._folder

    def _look(self) -> None:
        if not self._is_stale:
            return
        self._is_stale = False
        now = self._proc.pids() if self._pids is None else self._pids
        new = set[int]()
        if now != self._seen:
            new = {pid for pid, _ in now.items() - self._seen.items()}
            for pid in (self._told.keys() - now.keys()) | (self._told.keys() & new):
                del self._told[pid]
        # More than once, because a process that was just forked has its parent's name.
        for pid in (new | self._young.keys()) & now.keys():
            if pid not in self._told and self._is_engine(pid):
                self._told[pid] = _Told(since=time.monotonic())
        self._grow_older(new)
        if now != self._seen:
            self._seen = dict(now)
        for pid, told in self._told.items():
            if not told.whole:
                self._read(pid, told)
        self._monitors = dict(each.monitor for each in self._told.values() if each.monitor)

    def _grow_older(self, new: set[int]) -> None:
        now = time.monotonic()
        young = {pid: until for pid, until in self._young.items() if until > now}
        # What was there before us is looked at in one more look only: it may be thousands.
        until = now + _YOUTH if self._seen else now
        self._young = young | dict.fromkeys(new, until)

    def patterns(self) -> list[str]:
        """The runtime roots that are in use, as patterns."""
        self._look()
        return list(dict.fromkeys(each for told in self._told.values() for each in told.patterns))

    def monitor(self, container_id: str) -> Monitor | None:
        """What the conmon of this container tells, None where there is none."""
        self._look()
        return self._monitors.get(container_id)

    def monitors(self) -> dict[int, int]:
        """The conmons that run, of containers and of exec sessions, by pid with their inodes."""
        self._look()
        return {pid: self._seen[pid] for pid, told in self._told.items() if told.monitor}

    def daemons(self) -> list[DockerDaemon]:
        """The Docker daemons that run."""
        self._look()
        return [told.daemon for told in self._told.values() if told.daemon is not None]

    def sockets(self, engine: str) -> list[str]:
        """Where running daemons of this engine say that they listen."""
        self._look()
        told = self._told.values()
        if engine == "docker":
            return [path for each in told if each.daemon for path in each.daemon.sockets]
        return [path for each in told if engine == "podman" for path in each.podman_sockets]

    def _is_engine(self, pid: int) -> bool:
        name = (self._proc.read(pid, "comm") or b"").strip()
        if name not in _PROGRAMS:
            return False
        # Any other podman may be on its way to become a conmon.
        if name == b"podman" and not command_lines.podman_sockets(self._proc.command(pid)):
            return False
        status = self._proc.status(pid)
        return status is not None and os.geteuid() in (0, status.st_uid)

    def _read(self, pid: int, told: _Told) -> None:
        words = self._proc.command(pid)
        program = command_lines.program_name(words[0]) if words else ""
        if program == "podman":
            told.podman_sockets, told.whole = command_lines.podman_sockets(words), True
            return
        if program.startswith("containerd-shim"):
            found = self._shim_roots(pid, words)
        elif program.startswith("dockerd"):
            told.daemon = docker_daemon(self._proc, pid, words)
            found = iter([roots.docker_roots(told.daemon.exec_root)])
        else:
            self._read_monitor(pid, words, told)
            found = self._monitor_roots(pid, words)
        told.patterns = [each for each in found if self._has_ours(pid, each)]
        told.whole = bool(told.patterns) or time.monotonic() > told.since + _PATIENCE

    def _read_monitor(self, pid: int, words: list[str], told: _Told) -> None:
        status = self._proc.status(pid)
        found = command_lines.monitor_words(words)
        if status is None or not found.container_id:
            return
        # Whoever runs a program because it is named here should not run another user's.
        trusted = status.st_uid in (0, os.geteuid())
        runtime = found.runtime if trusted else ""
        told.monitor = (found.container_id, Monitor(name=found.name, runtime=runtime))

    def _monitor_roots(self, pid: int, words: list[str]) -> Iterator[str]:
        found = command_lines.monitor_words(words)
        root = found.root or command_lines.conmonrs_root(words)
        if root:
            yield root
        elif found.runtime:
            # As runc and crun have it: /run, or XDG_RUNTIME_DIR, which runc as root ignores.
            name = command_lines.program_name(found.runtime)
            base = self._variable(pid, "XDG_RUNTIME_DIR")
            if base:
                yield f"{base}/{name}"
            status = self._proc.status(pid)
            if status is not None and status.st_uid == 0:
                yield f"/run/{name}"

    def _shim_roots(self, pid: int, words: list[str]) -> Iterator[str]:
        found = command_lines.shim_words(words)
        if not found.namespace:
            return
        if found.runtime_root:
            yield roots.containerd_root(found.namespace, found.runtime_root)
            return
        # The shim works in its first container's bundle; what it is told is noted there.
        try:
            text = read_file(Path(f"{self._proc.link(pid, 'cwd')}/options.json"), _OPTIONS_LIMIT)
            base = msgspec.json.decode(text, type=_Options).root
        except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return  # it is about to be written
        yield roots.containerd_root(found.namespace, base)

    def _variable(self, pid: int, name: str) -> str:
        start = f"{name}=".encode()
        variables = (self._proc.read(pid, "environ") or b"").split(b"\0")
        found = next((each for each in variables if each.startswith(start)), start)
        return found[len(start) :].decode(errors="replace")

    def _has_ours(self, pid: int, pattern: str) -> bool:
        folder = Path(pattern.removesuffix(roots.DOCKER_PARTS))
        seen = self._path / str(pid) / "root"
        return "*" not in str(folder) and means_our_folder(self._proc, pid, folder, seen)
