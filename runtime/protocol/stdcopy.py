"""Docker's framing of stdout and stderr on one stream (moby pkg/stdcopy, Engine API "Attach").

A frame is 8 bytes, `[stream, 0, 0, 0, size]` with the size as a big-endian u32, and then that
many bytes. Only the way to the client is framed, and only for sessions without a terminal; what
the client sends is always raw.
"""

from __future__ import annotations

import struct

from runtime.errors import StreamFormatError

STDIN = 0  # what was typed, shown on stdout
STDOUT = 1
STDERR = 2
SYSTEM_ERROR = 3  # a failure of the server, in words

_HEADER = struct.Struct(">B3xL")
_PADDED = b"\0\0\0"


def encode_frame(stream: int, data: bytes) -> bytes:
    """`data` as one frame of `stream`; it must be shorter than 4 GiB."""
    return _HEADER.pack(stream, len(data)) + data


class FrameDecoder:
    """Takes frames apart, whatever pieces they come in.

    A frame's bytes are given on as they come, not gathered: so a frame that claims to be of any
    size takes no more room than what was really sent.
    """

    def __init__(self) -> None:
        self._header = b""
        self._stream = STDOUT
        self._left = 0

    @property
    def incomplete(self) -> bool:
        """Whether a frame was begun and is not whole: no good place for the stream to end."""
        return bool(self._header or self._left)

    def feed(self, data: bytes) -> list[tuple[int, bytes]]:
        """What `data` brings, as (stream, bytes) in order.

        Raises StreamFormatError for what can be no frame; nothing after it makes sense.
        """
        found = []
        position = 0
        while position < len(data):
            if self._left:
                piece = data[position : position + self._left]
                found.append((self._stream, piece))
                self._left -= len(piece)
            else:
                piece = data[position : position + _HEADER.size - len(self._header)]
                self._take_header(piece)
            position += len(piece)
        return found

    def _take_header(self, piece: bytes) -> None:
        self._header += piece
        if len(self._header) < _HEADER.size:
            return
        stream, size = _HEADER.unpack(self._header)
        if stream > SYSTEM_ERROR or self._header[1:4] != _PADDED:
            raise StreamFormatError(
                f"{self._header.hex()} is no head of a frame",
                hint="the stream may not be framed: those of terminals are not",
            )
        self._stream, self._left, self._header = stream, size, b""
