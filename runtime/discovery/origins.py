"""Where a process that entered a container comes from: which program began it, as which session.

The parent tells (its monitor, or whatever let it in), and files in which monitors note their
processes. What was certain once stays: a monitor may die, and its files be removed, later.
"""

from __future__ import annotations

from pathlib import PurePath

import msgspec

from runtime.discovery.exec_files import ExecFiles, is_noted, podman_exec_id
from runtime.discovery.lineage import Inhabitant
from runtime.discovery.marks import Marks
from runtime.discovery.parents import Parent, ParentKind, Parents
from runtime.kernel.proc_folder import ProcFolder
from runtime.model import Certainty
from runtime.protocol.process_spec import MARKER

_DOCKER = "moby"


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """Where a session comes from.

    `session` is its engine's id of it, "" where that is not known. `left` tells of a process that
    an ended session left running. `monitor` and `client` are pids, 0 where there is none: of the
    process that watches over the session (`conmon` or another), and of the program in whose
    foreground it runs.
    """

    name: str
    certainty: Certainty
    session: str = ""
    bundle: str = ""
    left: bool = False
    monitor: int = 0
    conmon: bool = False
    monitor_gone: bool = False
    client: int = 0


class Origins:
    """Finds origins; what was found is kept for as long as the parent is the same."""

    def __init__(self, proc: ProcFolder, parents: Parents, marks: Marks) -> None:
        self._proc = proc
        self._parents = parents
        self._marks = marks
        self._files = ExecFiles()
        self._known: dict[Inhabitant, tuple[int, Origin | None]] = {}

    def of(self, one: Inhabitant, ppid: int) -> Origin | None:
        """The origin of a process that entered, None for one that is no session (yet)."""
        before = self._known.get(one)
        if before is not None and before[0] == ppid:
            return before[1]
        found = self._find(one, self._parents.get(ppid))
        if before is not None and before[1] is not None:
            found = _kept(before[1], found)
        self._known[one] = (ppid, found)
        return found

    def marker(self, one: Inhabitant) -> str:
        """The session of ours that the process's environment names, "" where it names none."""
        head = f"{MARKER}=".encode()
        variables = (self._proc.read(one.pid, "environ") or b"").split(b"\0")
        found = next((each for each in variables if each.startswith(head)), head)
        return found.removeprefix(head).decode(errors="replace")

    def forget_the_dead(self) -> None:
        """Keep what is known of living processes only."""
        self._known = {one: known for one, known in self._known.items() if one.alive}
        self._files.forget_all_but({one.container.bundle for one in self._known})

    def _find(self, one: Inhabitant, parent: Parent) -> Origin | None:
        match parent.kind:
            case ParentKind.CONMON_EXEC:
                return self._of_conmon(one, parent)
            case ParentKind.SHIM:
                return self._of_shim(one, parent)
            case ParentKind.RUNTIME_EXEC:
                return self._of_runtime(one, parent)
            case ParentKind.CONMON_INIT | ParentKind.RUNTIME:
                return None  # a container's first process, or what that left to its monitor
            case ParentKind.NSENTER:
                return Origin(name="nsenter", certainty=Certainty.CERTAIN, client=parent.pid)
            case ParentKind.REAPER:
                return self._of_nobody(one)
        return self._of_stranger(one, parent)

    def _of_conmon(self, one: Inhabitant, parent: Parent) -> Origin:
        # Where there is no pid namespace, conmon is also given what its session left.
        stray = bool(one.place.mnt_ns) and not is_noted(parent.pid_file, one.identity)
        return Origin(
            name=_conmon_s_caller(one, parent),
            certainty=Certainty.CERTAIN,
            session=parent.session,
            bundle=parent.bundle,
            left=stray and one.first.session != one.pid,
            monitor=parent.pid,
            conmon=True,
        )

    def _of_shim(self, one: Inhabitant, parent: Parent) -> Origin | None:
        session = self._files.shim_exec_id(one.container.bundle, one.identity)
        origin = Origin(
            name="docker" if parent.namespace == _DOCKER else "containerd",
            certainty=Certainty.CERTAIN,
            session=session,
            bundle=one.container.bundle,
            monitor=parent.pid,
        )
        if session or not one.place.mnt_ns:
            return origin
        # No pid namespace: the shim is given what an exec left, and daemons of the container, too.
        certainty = self._marks.of(one)
        if certainty is None:
            return None
        return msgspec.structs.replace(origin, certainty=certainty, left=True)

    def _of_runtime(self, one: Inhabitant, parent: Parent) -> Origin:
        above = self._parents.get(parent.ppid)
        if above.kind is ParentKind.CONMON_EXEC:
            return self._of_conmon(one, above)
        if above.kind is ParentKind.SHIM:
            return Origin(
                name="docker" if above.namespace == _DOCKER else "containerd",
                certainty=Certainty.CERTAIN,
                session=PurePath(parent.pid_file).name.removesuffix(".pid"),
                bundle=one.container.bundle,
                monitor=above.pid,
            )
        name = "cri-o" if above.program == "crio" else parent.program
        return Origin(name=name, certainty=Certainty.CERTAIN, client=parent.pid)

    def _of_nobody(self, one: Inhabitant) -> Origin | None:
        """Its parent is gone: nobody watches over it, and its monitor may never have been there."""
        if session := self.marker(one):
            return Origin(
                name="exectop", certainty=Certainty.CERTAIN, session=session, monitor_gone=True
            )
        session = podman_exec_id(one.container.bundle, one.identity)
        name = one.container.engine
        if not session:
            session = self._files.shim_exec_id(one.container.bundle, one.identity)
        if session:
            certain = Certainty.CERTAIN
            return Origin(name=name, certainty=certain, session=session, monitor_gone=True)
        certainty = Certainty.LIKELY
        if one.place.mnt_ns:  # then it may as well be a daemon of the container's
            found = self._marks.of(one)
            if found is None:
                return None
            certainty = found
        if self._marks.in_container_s_cgroup(one):
            return Origin(name=one.container.runtime, certainty=certainty)
        return Origin(name="nsenter", certainty=certainty)

    def _of_stranger(self, one: Inhabitant, parent: Parent) -> Origin:
        """Let in by a program that is not known: by setns(2), or by a runtime of another name."""
        inside = self._marks.in_container_s_cgroup(one)
        name = one.container.runtime if inside else "nsenter"
        return Origin(name=name, certainty=Certainty.LIKELY, client=parent.pid)


def _conmon_s_caller(one: Inhabitant, parent: Parent) -> str:
    # Our own bundles are in folders named after their container (runtime.sessions.places).
    if PurePath(parent.bundle).parent.name == one.container.key:
        return "exectop"
    return "cri-o" if one.container.engine == "cri-o" else "podman"


def _kept(before: Origin, found: Origin | None) -> Origin:
    """What is known now of a process that got another parent."""
    if found is None:
        return msgspec.structs.replace(before, client=0)
    if before.certainty is not Certainty.CERTAIN or found.session:
        return found
    gone = before.monitor > 0 and found.monitor == 0
    return msgspec.structs.replace(
        before, monitor=found.monitor, conmon=found.conmon, client=0, monitor_gone=gone
    )
