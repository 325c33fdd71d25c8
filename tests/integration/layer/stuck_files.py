"""A file system in a container that takes requests and never answers them.

A process that waits for an answer of it is in uninterruptible sleep (D) from its first signal on,
and not even SIGKILL ends it: the request has been taken, so the kernel waits it out (fuse(4)).
"""

from __future__ import annotations

import ctypes
import os
import struct

from runtime.kernel.pidfd import wait_readable

_CLONE_NEWNS = 0x00020000
_INIT = 26
# include/uapi/linux/fuse.h: fuse_in_header, fuse_init_in, fuse_out_header, fuse_init_out
_IN_HEADER = struct.Struct("=IIQQIIIHH")
_INIT_IN = struct.Struct("=IIII")
_OUT_HEADER = struct.Struct("=IiQ")
_INIT_OUT = struct.Struct("=IIIIHHIIHHI28x")
_LARGEST_REQUEST = 1024 * 1024


class StuckFiles:
    """The file system, mounted at `/tmp` of the container with this first process."""

    def __init__(self, init: int) -> None:
        self._device = os.open("/dev/fuse", os.O_RDWR | os.O_CLOEXEC | os.O_NONBLOCK)
        self._mount(init)

    def _mount(self, init: int) -> None:
        libc = ctypes.CDLL(None, use_errno=True)
        options = f"fd={self._device},rootmode=40000,user_id=0,group_id=0,allow_other".encode()
        child = os.fork()
        if child == 0:  # a process of its own: it goes to another mount namespace
            namespace = os.open(f"/proc/{init}/ns/mnt", os.O_RDONLY)
            failed = libc.setns(namespace, _CLONE_NEWNS) or libc.mount(
                b"stuck", b"/tmp", b"fuse", 0, options
            )
            os._exit(ctypes.get_errno() if failed else 0)
        _, status = os.waitpid(child, 0)
        code = os.waitstatus_to_exitcode(status)
        assert code == 0, f"cannot mount: {os.strerror(code)}"

    async def greet(self) -> None:
        """Answer the first request, which the kernel makes by itself."""
        request = await self._take()
        _, opcode, unique, *_ = _IN_HEADER.unpack_from(request)
        assert opcode == _INIT
        major, minor, *_ = _INIT_IN.unpack_from(request, _IN_HEADER.size)
        answer = _INIT_OUT.pack(major, minor, 0, 0, 12, 9, 4096, 1, 0, 0, 0)
        header = _OUT_HEADER.pack(_OUT_HEADER.size + len(answer), 0, unique)
        os.write(self._device, header + answer)

    async def wait_asked(self) -> None:
        """Wait until somebody wants something, and take that request."""
        await self._take()

    async def _take(self) -> bytes:
        assert await wait_readable(self._device, 60), "nobody asks for anything"
        return os.read(self._device, _LARGEST_REQUEST)

    def close(self) -> None:
        """Give up: everybody who waits gets an error. Once more is fine."""
        device, self._device = self._device, -1
        if device >= 0:
            os.close(device)
