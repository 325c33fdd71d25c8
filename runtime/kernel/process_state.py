"""What a process is doing, in a word for people."""

from __future__ import annotations

from runtime.kernel.cgroup import is_frozen
from runtime.kernel.proc import read_stat
from runtime.model import ProcessIdentity

# The letters of proc(5), /proc/PID/stat field 3, in ps(1)'s words.
_WORDS = {
    "R": "running",
    "S": "sleeping",
    "D": "in uninterruptible sleep",
    "T": "stopped",
    "t": "stopped by a debugger",
    "Z": "zombie",
    "X": "dead",
    "I": "idle",
}


def process_state(process: ProcessIdentity) -> str:
    """The state of exactly this process, "frozen" where its cgroup is, "" when it is gone."""
    stat = read_stat(process.pid)
    if stat is None or stat.start_time != process.start_time:
        return ""
    # The freezer of cgroup v1 shows as D, that of v2 as S.
    if not stat.ended and is_frozen(process.pid):
        return "frozen"
    return _WORDS.get(stat.state, stat.state)
