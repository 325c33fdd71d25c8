"""Namespaces of processes (namespaces(7)), by the text of their links: "pid:[4026531836]"."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from runtime.kernel.proc import PROC
from runtime.kernel.proc_folder import ProcFolder

# linux/nsfs.h: a descriptor of the pid namespace that the given one was made in.
_NS_GET_PARENT = 0xB702


def own_namespace(kind: str) -> str:
    """The link of this process's namespace; "" where there is none of that kind."""
    try:
        return str((PROC / "self/ns" / kind).readlink())
    except OSError:
        return ""


def outer_pid_namespaces(pid: int) -> list[str]:
    """The pid namespaces around the process's own, the nearest first, as far as we may see.

    A process in a pid namespace is in all of those around it, too (pid_namespaces(7)).
    """
    found: list[str] = []
    try:
        namespace = os.open(PROC / str(pid) / "ns/pid", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return found
    try:
        while True:
            outer = fcntl.ioctl(namespace, _NS_GET_PARENT)
            os.close(namespace)
            namespace = outer
            os.set_inheritable(namespace, False)
            found.append(f"pid:[{os.fstat(namespace).st_ino}]")
    except OSError:
        return found  # EPERM: the next one is around ours
    finally:
        os.close(namespace)


def status_fields(proc: ProcFolder, pid: int) -> dict[str, list[str]]:
    """The fields of /proc/PID/status (proc(5)), each as its words; none when it is gone."""
    text = (proc.read(pid, "status") or b"").decode(errors="replace")
    lines = (line.partition(":") for line in text.splitlines())
    return {name: value.split() for name, _, value in lines}


def means_our_folder(proc: ProcFolder, pid: int, folder: Path, root: Path) -> bool:
    """Whether a path is the same folder to a process as to us; `root` is its /proc/PID/root.

    A process in a container names paths in that container, one of a user's podman our own.
    """
    namespace = proc.link(pid, "ns/mnt")
    try:
        here = folder.stat()
        if not folder.is_absolute() or namespace in (None, own_namespace("mnt")):
            return folder.is_absolute()
        there = (root / folder.relative_to("/")).stat()
    except OSError:
        return False
    return (here.st_dev, here.st_ino) == (there.st_dev, there.st_ino)
