"""Reading conmon's reports from a pipe of packets."""

from __future__ import annotations

import socket

from runtime.kernel.seqpacket import receive
from runtime.protocol.sync_pipe import Report, ReportParser

_LARGEST = 64 * 1024


async def next_report(pipe: socket.socket) -> Report | None:
    """The next report, None when conmon closed the pipe without one."""
    parser = ReportParser()
    while data := await receive(pipe, _LARGEST):
        reports = parser.feed(data)
        if reports:
            return reports[0]
    return None
