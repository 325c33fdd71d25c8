"""What a process was started with, and where: its environment, its namespaces."""

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
    return _namespace(pid, "pid")


def mount_namespace(pid: int) -> int | None:
    """The same of its mount namespace."""
    return _namespace(pid, "mnt")


def user_namespace(pid: int) -> int | None:
    """The same of its user namespace."""
    return _namespace(pid, "user")


def _namespace(pid: int, kind: str) -> int | None:
    try:
        return (PROC / str(pid) / "ns" / kind).stat().st_ino
    except OSError:
        return None
