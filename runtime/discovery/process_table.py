"""Which processes of the host live in namespaces other than ours; kept from look to look.

A full look reads one or two links for every process. After that, what is known stays known for as
long as a process has its pid: only new ones are looked at. A process's pid namespace never changes
(setns(2) is for its children), its mount namespace may: so young processes, and a few of the old
ones in turn, are looked at again.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable, Mapping

import msgspec

from runtime.kernel.namespaces import own_namespace
from runtime.kernel.proc_folder import ProcFolder

# How long, in seconds, a process counts as young: it is likely to be what it is going to be then.
_YOUTH = 3.0
# So many of the old processes are looked at again in each look, at least.
_AGAIN = 64
# And this share of them: a change is noticed after so many looks at the latest.
_ROUND = 20
# But no more often than this, in seconds, however often somebody looks.
_PACE = 0.5


class Place(msgspec.Struct, frozen=True, eq=False):
    """A process in a pid or mount namespace that is not ours, by the texts of its links.

    `mnt_ns` is "" where it was not needed, or could not be read.
    """

    pid: int
    pid_ns: str
    mnt_ns: str = ""


class ProcessTable:
    """All processes, by pid; those in other namespaces by their place, too."""

    def __init__(self, proc: ProcFolder) -> None:
        """Nothing is read before the first look."""
        self.proc = proc
        self.own_pid_ns = own_namespace("pid")
        self.own_mnt_ns = own_namespace("mnt")
        self.elsewhere: dict[int, Place] = {}
        self._inodes: dict[int, int] = {}
        self._unread: set[int] = set()
        self._changed: set[int] = set()
        self._young: deque[tuple[float, int]] = deque()
        self._turns: deque[int] = deque()
        self._turned = -_PACE
        self._mounts: dict[Place, str] = {}

    def look(self) -> None:
        """Look at every process that has come since the last look, and forget those that went."""
        now = self.proc.pids()
        for pid in self._inodes.keys() - now.keys():
            self._forget(pid)
        self.look_again()
        for pid, inode in now.items() - self._inodes.items():
            self._enter(pid, inode)

    def changed(self, pids: Iterable[int]) -> None:
        """Look at these now, whatever is known of them: they came, went, or run another program.

        For whoever learns of processes by events: with all of them told here no `look` is needed,
        though `look_again` is, for setns(2) has no event.
        """
        for pid in pids:
            inode = self.proc.inode(pid)
            if inode is None:
                self._forget(pid)
            elif self._inodes.get(pid) != inode:
                self._enter(pid, inode)
            else:
                self._look_again_at(pid)
                self._changed.add(pid)

    def look_again(self) -> None:
        """Whether young processes, and some of the others in turn, entered another namespace."""
        old = time.monotonic() - _YOUTH
        pids = {pid for _, pid in self._young}
        while self._young and self._young[0][0] < old:
            self._turns.append(self._young.popleft()[1])
        if time.monotonic() >= self._turned + _PACE:
            self._turned = time.monotonic()
            pids |= self._take_turns()
        for pid in pids:
            self._look_again_at(pid)

    def _take_turns(self) -> set[int]:
        """The old processes whose turn it is."""
        count = min(len(self._turns), max(_AGAIN, len(self._turns) // _ROUND))
        pids = {self._turns.popleft() for _ in range(count)}
        self._turns.extend(pids)
        if len(self._turns) > 2 * len(self._inodes) + _AGAIN:
            self._turns = deque(dict.fromkeys(each for each in self._turns if each in self._inodes))
        return pids

    def take_changes(self) -> set[int]:
        """The pids that came, went or moved since this was last asked."""
        changed, self._changed = self._changed, set()
        return changed

    def inode(self, pid: int) -> int | None:
        """A number that tells this process from another with its pid; None when it is unknown."""
        return self._inodes.get(pid)

    def is_unread(self, pid: int) -> bool:
        """Whether the namespaces of a process could not be read."""
        return pid in self._unread

    def mount_namespace(self, place: Place) -> str:
        """The mount namespace of a process elsewhere, "" where it cannot be read.

        Read once for one in another pid namespace: it is for first processes of containers.
        """
        if place.mnt_ns:
            return place.mnt_ns
        if place not in self._mounts:
            self._mounts[place] = self.proc.link(place.pid, "ns/mnt") or ""
        return self._mounts[place]

    def pids(self) -> Iterable[int]:
        """All pids of the last look."""
        return self._inodes.keys()

    def inodes(self) -> Mapping[int, int]:
        """The same with what `inode` gives for each, as `ProcFolder.pids` would."""
        return self._inodes

    def _enter(self, pid: int, inode: int) -> None:
        if pid in self._inodes:
            self._forget(pid)
        self._inodes[pid] = inode
        self._changed.add(pid)
        self._place(pid)
        if pid not in self.elsewhere or self.elsewhere[pid].mnt_ns:
            self._young.append((time.monotonic(), pid))

    def _forget(self, pid: int) -> None:
        if self._inodes.pop(pid, None) is not None:
            self._changed.add(pid)
            self._unread.discard(pid)
            place = self.elsewhere.pop(pid, None)
            if place is not None:
                self._mounts.pop(place, None)

    def _place(self, pid: int) -> None:
        pid_ns = self.proc.link(pid, "ns/pid")
        if pid_ns is None:
            self._unread.add(pid)  # a zombie, another user's, or gone: nothing can be told
            return
        self._unread.discard(pid)
        if pid_ns != self.own_pid_ns:
            self.elsewhere[pid] = Place(pid, pid_ns)
        else:
            self._place_mount(pid)

    def _place_mount(self, pid: int) -> None:
        mnt_ns = self.proc.link(pid, "ns/mnt")
        before = self.elsewhere.get(pid)
        if mnt_ns is None:
            self._unread.add(pid)
        if mnt_ns is None or (before is not None and before.mnt_ns == mnt_ns):
            return
        if mnt_ns != self.own_mnt_ns:
            self.elsewhere[pid] = Place(pid, self.own_pid_ns, mnt_ns)
        elif before is not None:
            del self.elsewhere[pid]

    def _look_again_at(self, pid: int) -> None:
        if pid not in self._inodes:
            return
        before = self.elsewhere.get(pid)
        if pid in self._unread:
            self._place(pid)
        elif before is None or before.mnt_ns:
            self._place_mount(pid)
        if self.elsewhere.get(pid) is not before:
            self._changed.add(pid)
