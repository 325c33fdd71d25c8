"""The kernel's news of processes, as they happen: the proc connector (drivers/connector/cn_proc.c).

Only root in the initial pid and user namespaces gets them. A socket filter lets through what is
asked for: that a process ran a program, or, too, that one came or ended. Of the latter there are
many, so they are for who reads them now and then and is not woken by them. Threads are no
processes: that they come and end is not told.
"""

from __future__ import annotations

import ctypes
import errno
import os
import select
import socket
import struct

from runtime.errors import AccessDeniedError

_NETLINK_CONNECTOR = 11
_CN_IDX_PROC = _CN_VAL_PROC = 1
_PROC_CN_MCAST_LISTEN = 1
_NLMSG_DONE = 3
_SO_ATTACH_FILTER = 26
_SO_RCVBUFFORCE = 33

# struct nlmsghdr (16 bytes), struct cn_msg (20), then struct proc_event.
_NLMSGHDR = struct.Struct("=IHHII")
_CN_MSG = struct.Struct("=IIIIHH")
_EVENT = struct.Struct("=IIQ")
_PIDS = struct.Struct("=II")
_EVENT_AT = _NLMSGHDR.size + _CN_MSG.size
_PIDS_AT = _EVENT_AT + _EVENT.size
_CHILD_AT = _PIDS_AT + _PIDS.size  # of a fork, whose parent comes first

_NONE = 0  # the answer to our own request
_FORK = 0x1
_EXEC = 0x2
_EXIT = 0x80000000

_ANSWER_LIMIT = 1000  # ms
_BUFFER = 4 * 1024 * 1024
_LARGEST = 4096


class ProcessEvents:
    """Pids whose process ran a program since they were last asked for."""

    def __init__(self, *, lives: bool = False) -> None:
        """Begin to listen. Raises AccessDeniedError where the kernel tells us nothing.

        With `lives` processes that came or ended are told of, too, and the latter are in `ended`
        until their pid is given anew: they stay in /proc until their parent has waited for them,
        which no event tells of. Whoever sees that one is gone may take it out.
        """
        self.ended: set[int] = set()
        self._program = _program(lives)
        try:
            self._socket = socket.socket(
                socket.AF_NETLINK, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC, _NETLINK_CONNECTOR
            )
        except OSError as error:
            raise _refused(os.strerror(error.errno or 0)) from error
        try:
            self._listen()
        except OSError as error:
            self._socket.close()
            raise _refused(error.strerror or str(error)) from error

    def _listen(self) -> None:
        _attach_filter(self._socket, self._program)
        self._socket.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, _BUFFER)
        self._socket.bind((0, _CN_IDX_PROC))
        self._socket.setblocking(False)
        body = struct.pack("=I", _PROC_CN_MCAST_LISTEN)
        message = _CN_MSG.pack(_CN_IDX_PROC, _CN_VAL_PROC, 0, 0, len(body), 0) + body
        length = _NLMSGHDR.size + len(message)
        self._socket.send(_NLMSGHDR.pack(length, _NLMSG_DONE, 0, 0, os.getpid()) + message)
        # In another pid namespace the kernel does not even refuse: it says nothing.
        poll = select.poll()
        poll.register(self._socket, select.POLLIN)
        if not poll.poll(_ANSWER_LIMIT):
            raise OSError(errno.ENOTSUP, "the kernel does not answer")

    def fileno(self) -> int:
        """For select, poll, and an event loop's `add_reader`."""
        return self._socket.fileno()

    def read(self) -> set[int] | None:
        """The pids of all events that have come; None when some were lost: any may have changed."""
        found: set[int] = set()
        lost = False
        while True:
            try:
                packet = self._socket.recv(_LARGEST)
            except BlockingIOError:
                return None if lost else found
            except OSError as error:
                if error.errno != errno.ENOBUFS:
                    raise
                lost = True
            else:
                self._take(_event(packet), found)

    def _take(self, event: tuple[int, int] | None, found: set[int]) -> None:
        if event is None:
            return
        what, pid = event
        found.add(pid)
        if what == _EXIT:
            self.ended.add(pid)
        else:
            self.ended.discard(pid)

    def close(self) -> None:
        """Listen no more."""
        self._socket.close()


def _event(packet: bytes) -> tuple[int, int] | None:
    """What happened to which process: a thread's event counts for its process (tgid)."""
    if len(packet) < _CHILD_AT + _PIDS.size:  # an event is as long as its longest kind
        return None
    what, _, _ = _EVENT.unpack_from(packet, _EVENT_AT)
    if what == _NONE:
        return None
    return what, _PIDS.unpack_from(packet, _CHILD_AT if what == _FORK else _PIDS_AT)[1]


_Instruction = tuple[int, int, int, int]


def _program(lives: bool) -> list[_Instruction]:
    """A filter of classic BPF (socket(7) SO_ATTACH_FILTER) for the events that are asked for.

    Jumps are counted from the next instruction. Loads are big-endian.
    """
    load, equal, give = 0x20, 0x15, 0x06  # BPF_LD|W|ABS, BPF_JMP|JEQ|K, BPF_RET|K
    none, execs, forks, exits = (socket.htonl(each) for each in (_NONE, _EXEC, _FORK, _EXIT))
    what, refuse, take = (load, 0, 0, _EVENT_AT), (give, 0, 0, 0), (give, 0, 0, 0xFFFFFFFF)
    if not lives:
        return [what, (equal, 2, 0, none), (equal, 1, 0, execs), refuse, take]
    return [
        what,
        (equal, 13, 0, none),
        (equal, 12, 0, execs),
        (equal, 2, 0, forks),
        (equal, 5, 0, exits),
        refuse,
        *_is_process(_CHILD_AT, (5, 4)),
        *_is_process(_PIDS_AT, (1, 0)),
        refuse,
        take,
    ]


def _is_process(at: int, jumps: tuple[int, int]) -> list[_Instruction]:
    """Jump by whether two pids are the same: that of a thread and that of its process."""
    load, keep, same = 0x20, 0x07, 0x1D  # BPF_LD|W|ABS, BPF_MISC|TAX, BPF_JMP|JEQ|X
    return [(load, 0, 0, at), (keep, 0, 0, 0), (load, 0, 0, at + 4), (same, *jumps, 0)]


def _attach_filter(connector: socket.socket, program: list[_Instruction]) -> None:
    """Let through only the events that the filter gives."""
    code = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *each) for each in program))
    # struct sock_fprog: the number of instructions and where they are.
    header = struct.pack("@HP", len(program), ctypes.addressof(code))
    connector.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, header)


def _refused(reason: str) -> AccessDeniedError:
    return AccessDeniedError(
        f"the kernel does not tell of new processes: {reason}",
        hint="run as root, outside of a container; without it /proc is looked through instead",
    )
