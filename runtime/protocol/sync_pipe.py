"""What conmon says on its attach pipe and its sync pipe (conmon src/parent_pipe_fd.c, API 1).

Each message is one line of JSON: `{"data": 0}` on the attach pipe once the attach socket listens;
on the sync pipe `{"data": PID}`, or a negative number with a `message`, then `{"data": CODE}`.
"""

from __future__ import annotations

import msgspec


class Report(msgspec.Struct, frozen=True):
    """One message: `data` is a pid, an exit code, 0 for ready, or negative for a failure."""

    data: int
    message: str = ""

    @property
    def failed(self) -> bool:
        """Whether it tells of a failure."""
        return self.data < 0


class ReportParser:
    """Gathers bytes and gives back whole reports; text that is no report is kept as `noise`."""

    def __init__(self) -> None:
        self._buffer = b""
        self.noise = b""

    def feed(self, data: bytes) -> list[Report]:
        """The reports that `data` completes."""
        *lines, self._buffer = (self._buffer + data).split(b"\n")
        return [report for line in lines if (report := self._parse(line))]

    def _parse(self, line: bytes) -> Report | None:
        try:
            return msgspec.json.decode(line, type=Report)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            self.noise += line + b"\n"
            return None
