"""A variable in the environment that a process was started with."""

from __future__ import annotations

from runtime.kernel.proc import PROC


def has_variable(pid: int, variable: bytes) -> bool:
    """Whether `NAME=value` is in /proc/PID/environ; False where that cannot be read."""
    try:
        return variable in (PROC / str(pid) / "environ").read_bytes().split(b"\0")
    except OSError:
        return False


def pid_namespace(pid: int) -> int | None:
    """The inode of the pid namespace that the process is in, None where it cannot be told."""
    try:
        return (PROC / str(pid) / "ns/pid").stat().st_ino
    except OSError:
        return None
