"""Who a process is, as the host and as its container count."""

from __future__ import annotations

import msgspec

from runtime.discovery.lineage import Inhabitant
from runtime.kernel.namespaces import status_fields
from runtime.kernel.proc_folder import ProcFolder

# (uid_t) -1: no login was recorded (pam_loginuid(8)).
_NO_LOGIN = 2**32 - 1


class User(msgspec.Struct, frozen=True):
    """A process's effective user: `uid` outside, `inner` inside of its user namespace.

    `login` is who logged in, which survives su and sudo; None where no login is recorded. Names
    are not looked up: the container's passwd file is the container's to answer for.
    """

    uid: int
    inner: int | None
    login: int | None

    @property
    def name(self) -> str:
        """The user inside: "root", or a number; "" where it has none there."""
        if self.inner is None:
            return ""
        return "root" if self.inner == 0 else str(self.inner)


class Users:
    """Reads users; again only when a process runs another program than before."""

    def __init__(self, proc: ProcFolder) -> None:
        self._proc = proc
        self._known: dict[Inhabitant, tuple[str, User]] = {}

    def of(self, one: Inhabitant, comm: str) -> User:
        """The user of a process whose program has the name `comm` now."""
        known = self._known.get(one)
        if known is None or known[0] != comm:
            known = self._known[one] = (comm, read_user(self._proc, one.pid))
        return known[1]

    def forget_the_dead(self) -> None:
        """Keep what is known of living processes only."""
        self._known = {one: known for one, known in self._known.items() if one.alive}


def read_user(proc: ProcFolder, pid: int) -> User:
    """The user of a process; root, where it is gone."""
    uids = status_fields(proc, pid).get("Uid", [])
    owner = proc.status(pid)
    uid = int(uids[1]) if len(uids) > 1 else owner.st_uid if owner else 0
    return User(uid, _inside(uid, proc.read(pid, "uid_map") or b""), login_of(proc, pid))


def login_of(proc: ProcFolder, pid: int) -> int | None:
    """Who logged in to begin what became this process, None where no login is recorded."""
    text = proc.read(pid, "loginuid") or b""
    return int(text) if text.isdigit() and int(text) != _NO_LOGIN else None


def _inside(uid: int, uid_map: bytes) -> int | None:
    """A user id as the user namespace has it (user_namespaces(7)), None where it has none."""
    for line in uid_map.splitlines():
        first, outer, count = map(int, line.split())
        if outer <= uid < outer + count:
            return first + uid - outer
    return None
