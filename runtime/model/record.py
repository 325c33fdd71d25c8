"""What all records share, and the smallest of them."""

from __future__ import annotations

import msgspec


class Record(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What all records share: immutable, keyword-only, camelCase in JSON."""


class TerminalSize(Record, frozen=True, kw_only=True, rename="camel"):
    """The size of a terminal in character cells (struct winsize, libpod resize.TerminalSize)."""

    rows: int
    columns: int


class ProcessIdentity(Record, frozen=True, kw_only=True, rename="camel"):
    """A process: its pid and its start time in clock ticks since boot (proc(5) stat, field 22).

    A pid alone is never enough: it may be another process by the time one looks again.
    """

    pid: int
    start_time: int
