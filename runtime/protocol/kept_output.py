"""Reading back what conmon's k8s-file log keeps of a session's output.

A record is `TIME STREAM TAG TEXT\\n` (conmon src/ctr_logging.c). With tag F the text was followed
by a newline, with P it was not: so the output can be rebuilt byte by byte.
"""

from __future__ import annotations

import re

# A time of conmon's has no spaces; the text runs to the first newline, as it never holds one.
_RECORD = re.compile(rb"[^ \n]+ (stdout|stderr) ([FP]) ([^\n]*\n)")


class KeptOutputDecoder:
    """Turns the bytes of a log, in whatever pieces they are read, into the output they keep."""

    def __init__(self) -> None:
        self._incomplete = b""

    def feed(self, data: bytes) -> list[tuple[int, bytes]]:
        """The output, as (stream, bytes) with 1 stdout and 2 stderr; neighbours are joined."""
        whole, newline, self._incomplete = (self._incomplete + data).rpartition(b"\n")
        runs: list[tuple[int, list[bytes]]] = []
        for name, tag, text in _RECORD.findall(whole + newline):
            stream = 1 if name == b"stdout" else 2
            if not runs or runs[-1][0] != stream:
                runs.append((stream, []))
            runs[-1][1].append(text if tag == b"F" else text[:-1])
        joined = ((stream, b"".join(parts)) for stream, parts in runs)
        return [(stream, text) for stream, text in joined if text]
