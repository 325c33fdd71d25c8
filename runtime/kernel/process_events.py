"""The kernel's news of processes, as they happen: the proc connector (drivers/connector/cn_proc.c).

Only root in the initial pid and user namespaces gets them. A socket filter lets through what makes
a process another than it was: that it ran a program. What is known by a pidfd (that a process
ended) is not asked for, nor are forks, of which there are many.
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

_NONE = 0  # the answer to our own request
_EXEC = 0x2

_ANSWER_LIMIT = 1000  # ms
_BUFFER = 4 * 1024 * 1024
_LARGEST = 4096


class ProcessEvents:
    """Pids whose process ran a program since they were last asked for."""

    def __init__(self) -> None:
        """Begin to listen. Raises AccessDeniedError where the kernel tells us nothing."""
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
        _attach_filter(self._socket)
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
                found |= _pids(packet)

    def close(self) -> None:
        """Listen no more."""
        self._socket.close()


def _pids(packet: bytes) -> set[int]:
    """The process of an event: a thread's counts for its process (tgid)."""
    if len(packet) < _PIDS_AT + _PIDS.size:
        return set()
    what, _, _ = _EVENT.unpack_from(packet, _EVENT_AT)
    if what != _EXEC:
        return set()
    return {_PIDS.unpack_from(packet, _PIDS_AT)[1]}


def _attach_filter(connector: socket.socket) -> None:
    """Let through only the events that are asked for (socket(7) SO_ATTACH_FILTER, classic BPF)."""
    load, equal, give = 0x20, 0x15, 0x06  # BPF_LD|W|ABS, BPF_JMP|JEQ|K, BPF_RET|K
    wanted = [socket.htonl(each) for each in (_NONE, _EXEC)]  # loads are big-endian
    program = [(load, 0, 0, _EVENT_AT)]
    for number, what in enumerate(wanted):
        program.append((equal, len(wanted) - number, 0, what))
    program += [(give, 0, 0, 0), (give, 0, 0, 0xFFFFFFFF)]
    code = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *each) for each in program))
    # struct sock_fprog: the number of instructions and where they are.
    header = struct.pack("@HP", len(program), ctypes.addressof(code))
    connector.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, header)


def _refused(reason: str) -> AccessDeniedError:
    return AccessDeniedError(
        f"the kernel does not tell of new processes: {reason}",
        hint="run as root, outside of a container; without it /proc is looked through instead",
    )
