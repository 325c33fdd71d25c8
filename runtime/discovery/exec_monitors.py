"""The conmons of exec sessions, and what their command lines tell: each is read once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence

import msgspec

from runtime.kernel.proc_folder import ProcFolder
from runtime.protocol.conmon_options import conmon_flags, conmon_options


class ExecMonitor(msgspec.Struct, frozen=True, kw_only=True):
    """What the command line of an exec's conmon tells; `delay` is 0 where it does not wait."""

    words: Sequence[str]
    session: str
    container: str
    bundle: str
    exit_dir: str
    delay: float
    spec: str
    terminal: bool


class ExecMonitors:
    """Those that run; a conmon and what it forks, until that becomes something else."""

    def __init__(self, proc: ProcFolder, monitors: Callable[[], Mapping[int, int]]) -> None:
        """`monitors` gives all conmons that run, by pid with their inodes."""
        self._proc = proc
        self._monitors = monitors
        self._known: dict[int, tuple[int, ExecMonitor | None]] = {}

    def look(self) -> None:
        """Take in those that came since the last look, and forget those that went."""
        before, self._known = self._known, {}
        for pid, inode in self._monitors().items():
            known = before.get(pid)
            if known is None or known[0] != inode:
                known = inode, self._read(pid)
            self._known[pid] = known

    def sessions(self) -> set[str]:
        """The ids of the sessions that they are for."""
        return {each.session for _, each in self._known.values() if each is not None}

    def get(self, pid: int) -> ExecMonitor | None:
        """What the process with this pid tells; None for any that is no exec's conmon."""
        return self._known.get(pid, (0, None))[1]

    def with_delay(self) -> Iterator[tuple[int, ExecMonitor]]:
        """Those that are to wait in the end and have a child with their own words, and that child.

        Each by its pid.
        """
        told = {pid: each for pid, (_, each) in self._known.items() if each is not None}
        seen = Counter(each.session for each in told.values())
        for pid, each in told.items():
            if each.delay and seen[each.session] > 1:
                yield pid, each

    def _read(self, pid: int) -> ExecMonitor | None:
        words = self._proc.command(pid)
        given = {name: values[-1] for name, values in conmon_options(words).items()}
        flags = conmon_flags(words)
        if "exec" not in flags or "cuuid" not in given:
            return None
        delay = given.get("exit-delay", "")
        return ExecMonitor(
            words=words,
            session=given["cuuid"],
            container=given.get("cid", ""),
            bundle=given.get("bundle", ""),
            exit_dir=given.get("exit-dir", ""),
            delay=float(delay) if delay.isdigit() else 0.0,
            spec=given.get("exec-process-spec", ""),
            terminal="terminal" in flags,
        )
