"""Handing descriptors on through conmon and the runtime to a session, and none besides.

A runtime is told how many it gets, from 3 on. A number among them that is not open when the
runtime begins is soon one of its own: its log, which lies on the host and can be written to, or
whatever else it opens. So those numbers are given to /dev/null.
"""

from __future__ import annotations

import fcntl
import socket
import sys

# Opens /dev/null under each number between those that are given, and becomes the command. Numbers
# that are taken in our own process can only be used in another.
_FILL = """
import os, sys
given = {int(number) for number in sys.argv[1].split(",")}
null = os.open(os.devnull, os.O_RDWR)
for number in set(range(3, max(given))) - given:
    os.dup2(null, number)
    os.set_inheritable(number, True)
os.execv(sys.argv[2], sys.argv[2:])
"""


def filled(command: list[str], descriptors: list[int]) -> list[str]:
    """The command as it is to be run for a session that gets these, each of them once."""
    if not descriptors or len(descriptors) == max(descriptors) - 2:
        return command
    numbers = ",".join(map(str, descriptors))
    return [sys.executable, "-I", "-S", "-c", _FILL, numbers, *command]


def above(connection: socket.socket, descriptors: list[int]) -> socket.socket:
    """The socket, with a number of its own above all that a session gets; closes the old one."""
    lowest = max(descriptors, default=2) + 1
    if connection.fileno() >= lowest:
        return connection
    with connection:
        return socket.socket(fileno=fcntl.fcntl(connection, fcntl.F_DUPFD_CLOEXEC, lowest))
