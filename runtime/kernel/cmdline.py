"""The command line a process was started with."""

from __future__ import annotations

from runtime.kernel.proc import PROC


def command_line(pid: int) -> list[str]:
    """The words of /proc/PID/cmdline; empty for a zombie, or where it cannot be read."""
    try:
        text = (PROC / str(pid) / "cmdline").read_bytes()
    except OSError:
        return []
    return text.decode(errors="surrogateescape").split("\0")[:-1]
