"""Who began a session: the program that a user ran, and where that user came from.

A monitor is nobody's child, so podman's and docker's clients can only be told by their command
lines: likely, if it names the container, the command, and is older than the session. A client in
whose foreground a session runs is its parent, or above it. Where they came from is in the
environment of the client, or of a program above it (sudo removes SSH_CONNECTION).
"""

from __future__ import annotations

import msgspec

from runtime.discovery.users import login_of
from runtime.kernel.proc_folder import ProcFolder
from runtime.model import Certainty, SessionClient, SessionInfo

_CLIENTS = ("podman", "docker", "ctr", "nerdctl", "crictl", "kubectl", "exectop")
_SSH = b"SSH_CONNECTION="
# How far up the chain of parents is looked for it.
_LEVELS = 32


class ClientFinder:
    """Looks through all command lines: for one session at a time, when somebody asks."""

    def __init__(self, proc: ProcFolder) -> None:
        self._proc = proc

    def find(self, session: SessionInfo) -> SessionClient:
        """All that is known of who began the session."""
        client = session.client
        if client.process is None and not session.recorded and session.origin != "orphan":
            client = self._by_command_line(session)
        pid = client.process.pid if client.process else 0
        login = client.login_uid if client.login_uid is not None else self._login(session.pid, pid)
        owner = self._proc.status(pid) if pid else None
        return msgspec.structs.replace(
            client,
            uid=owner.st_uid if owner else None,
            login_uid=login,
            tty=self._tty(pid),
            ssh=self._ssh(pid) or self._ssh_of_login(session.pid),
        )

    def _login(self, leader: int, client: int) -> int | None:
        own = login_of(self._proc, client) if client else None
        return own if own is not None else login_of(self._proc, leader)

    def _by_command_line(self, session: SessionInfo) -> SessionClient:
        found: list[tuple[int, int]] = []
        for pid in self._proc.pids():
            words = self._proc.command(pid)
            if _is_client_of(words, session):
                stat = self._proc.stat(pid)
                if stat is not None and stat.start_time <= session.start_time:
                    found.append((stat.start_time, pid))
        if not found:
            return session.client
        # Of several that fit, the last one before the session began.
        stat = self._proc.stat(max(found)[1])
        if stat is None:
            return session.client
        named = session.id.rpartition("/")[2] in self._proc.command(stat.pid)
        return msgspec.structs.replace(
            session.client,
            process=stat.identity,
            command=self._proc.command(stat.pid),
            certainty=Certainty.CERTAIN if named else Certainty.LIKELY,
        )

    def _tty(self, pid: int) -> str:
        for number in range(3):
            link = self._proc.link(pid, f"fd/{number}") if pid else None
            if link is not None and link.startswith(("/dev/pts/", "/dev/tty")):
                return link
        return ""

    def _ssh(self, pid: int) -> str:
        """SSH_CONNECTION of the process or of the nearest one above it that has it."""
        for _ in range(_LEVELS):
            stat = self._proc.stat(pid) if pid > 1 else None
            if stat is None:
                return ""
            if found := self._ssh_here(pid):
                return found
            pid = stat.ppid
        return ""

    def _ssh_of_login(self, leader: int) -> str:
        """The same, of any program of the audit session that the session began in."""
        own = self._proc.read(leader, "sessionid") if leader else None
        if own is None or login_of(self._proc, leader) is None:
            return ""
        for pid in self._proc.pids():
            if self._proc.read(pid, "sessionid") == own and (found := self._ssh_here(pid)):
                return found
        return ""

    def _ssh_here(self, pid: int) -> str:
        for each in (self._proc.read(pid, "environ") or b"").split(b"\0"):
            if each.startswith(_SSH):
                return each.removeprefix(_SSH).decode(errors="replace")
        return ""


def _is_client_of(words: list[str], session: SessionInfo) -> bool:
    """Whether a command line is one that may have begun the session."""
    program = words[0].rpartition("/")[2] if words else ""
    if program not in _CLIENTS or "exec" not in words:
        return False
    if session.id.rpartition("/")[2] in words:
        return True  # ctr is told the id
    names = (session.container_name, session.container_id)
    after = words[words.index("exec") + 1 :]
    for position, word in enumerate(after):
        if word in names or (len(word) >= 3 and session.container_id.startswith(word)):
            return after[position + 1 :] == session.command or session.command[:1] == ["(unknown)"]
    return False
