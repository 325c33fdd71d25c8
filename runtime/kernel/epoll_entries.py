"""What a process waits for with epoll(7), as proc(5) /proc/PID/fdinfo tells of it."""

from __future__ import annotations

import re

import msgspec

from runtime.kernel.proc import PROC
from runtime.model import ProcessIdentity

_ENTRY = re.compile(r"^tfd: *(\d+) events: *([0-9a-f]+) data: *([0-9a-f]+)", re.MULTILINE)


class EpollEntry(msgspec.Struct, frozen=True):
    """One descriptor in one epoll instance: their numbers, and struct epoll_event."""

    epoll: int
    number: int
    events: int
    data: int


def epoll_entries(holder: ProcessIdentity, number: int) -> list[EpollEntry]:
    """The epoll instances of the holder in which its descriptor `number` is; none if it is gone."""
    folder = PROC / str(holder.pid)
    found: list[EpollEntry] = []
    try:
        for entry in (folder / "fd").iterdir():
            if "[eventpoll]" in str(entry.readlink()):
                text = (folder / "fdinfo" / entry.name).read_text()
                found += _entries(int(entry.name), text)
    except OSError:
        return []
    return [each for each in found if each.number == number]


def _entries(epoll: int, text: str) -> list[EpollEntry]:
    return [
        EpollEntry(epoll, int(number), int(events, 16), int(data, 16))
        for number, events, data in _ENTRY.findall(text)
    ]
