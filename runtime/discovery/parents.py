"""What the parent of a process that entered a container is: its monitor, or what let it in."""

from __future__ import annotations

import enum
import itertools

import msgspec

from runtime.discovery.command_lines import conmon_options, program_name, shim_words
from runtime.discovery.process_table import ProcessTable

RUNTIMES = ("runc", "crun", "youki", "runsc", "kata-runtime")
# Programs that are given other processes' orphans: init systems, and small ones for containers.
_REAPERS = ("systemd", "init", "tini", "dumb-init", "docker-init", "catatonit", "s6-svscan")
# comm(5) holds 15 characters: containerd-shim-runc-v2 is cut.
_SHIM = "containerd-shim"


class ParentKind(enum.Enum):
    """How the parent of a process that entered stands to it."""

    CONMON_EXEC = "conmon of an exec session"
    CONMON_INIT = "conmon of a container"
    SHIM = "containerd's shim"
    RUNTIME_EXEC = "an OCI runtime in the middle of its exec"
    RUNTIME = "an OCI runtime that does something else"
    NSENTER = "nsenter"
    REAPER = "whoever is given orphans"
    OTHER = "any other program"


class Parent(msgspec.Struct, frozen=True, kw_only=True):
    """A parent, and what its command line tells.

    `session` is the exec session's id, `bundle` its folder and `pid_file` where its first process
    is noted, each "" where that is not told. `namespace` is containerd's.
    """

    kind: ParentKind
    pid: int
    ppid: int
    program: str
    session: str = ""
    bundle: str = ""
    pid_file: str = ""
    namespace: str = ""


class Parents:
    """Reads what parents are, once each."""

    def __init__(self, table: ProcessTable) -> None:
        self._table = table
        self._known: dict[int, tuple[int | None, int, Parent]] = {}

    def get(self, pid: int) -> Parent:
        """What the process with this pid is to its children."""
        inode, known = self._table.inode(pid), self._known.get(pid)
        stat = self._table.proc.stat(pid)
        ppid = stat.ppid if stat else 0
        if known is not None and inode is not None and known[:2] == (inode, ppid):
            return known[2]
        parent = _describe(pid, ppid, stat.comm if stat else "", self._table.proc.command(pid))
        self._known[pid] = (inode, ppid, parent)
        return parent

    def forget_all_but(self, pids: set[int]) -> None:
        """Keep what is known of these only."""
        self._known = {pid: known for pid, known in self._known.items() if pid in pids}


def _describe(pid: int, ppid: int, comm: str, words: list[str]) -> Parent:
    program = program_name(words[0]) if words else comm
    kind = _kind(pid, comm, program, words)
    known: dict[str, str] = {}
    if kind is ParentKind.CONMON_EXEC:
        options = conmon_options(words)
        names = {"session": "cuuid", "bundle": "bundle", "pid_file": "container-pidfile"}
        known = {field: options.get(name, [""])[-1] for field, name in names.items()}
    elif kind is ParentKind.SHIM:
        known = {"namespace": shim_words(words).namespace}
    elif kind is ParentKind.RUNTIME_EXEC:
        known = {"pid_file": _after("--pid-file", words)}
    return Parent(kind=kind, pid=pid, ppid=ppid, program=program, **known)


def _kind(pid: int, comm: str, program: str, words: list[str]) -> ParentKind:
    if comm == "conmon" or program == "conmon":
        execs = {"-e", "--exec", "--exec-attach"} & set(words)
        return ParentKind.CONMON_EXEC if execs else ParentKind.CONMON_INIT
    if comm == _SHIM or program.startswith(_SHIM):
        return ParentKind.SHIM
    if program in RUNTIMES or comm in RUNTIMES:
        return ParentKind.RUNTIME_EXEC if "exec" in words[1:] else ParentKind.RUNTIME
    if comm == "nsenter" or program == "nsenter":
        return ParentKind.NSENTER
    return ParentKind.REAPER if pid <= 1 or comm in _REAPERS else ParentKind.OTHER


def _after(option: str, words: list[str]) -> str:
    return next((value for name, value in itertools.pairwise(words) if name == option), "")
