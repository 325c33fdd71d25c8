"""The report on a terminal: what was asked of it, what it did not know, and nothing that steers."""

from __future__ import annotations

from app.attachment import Attachment
from app.attachments import Attachments
from app.terminal_report import changed_modes, facts, report, unknown_sequences
from tests.unit.dashboard.known import CONTAINER
from widgets.vt import Modes


def fed(data: bytes) -> Attachment:
    attachment = Attachments(lambda _: None).shell(CONTAINER)
    attachment.terminal.feed(data)
    return attachment


def test_unknown_sequences_are_told_with_their_counts() -> None:
    attachment = fed(b"\x1b[?7777h\x1b]777;x\x07\x1b[?7777h")
    assert unknown_sequences(attachment) == [("CSI ? 7777 h", 2), ("OSC 777", 1)]
    text = report(attachment)
    assert "unknown sequences: 3" in text
    assert "2 x CSI ? 7777 h" in text


def test_modes_are_told_that_a_program_changed() -> None:
    modes = fed(b"\x1b[?1049h\x1b[?1002;1006;2004h\x1b[?7l").terminal.modes
    assert changed_modes(modes) == [
        "autowrap: false",
        "alternate screen",
        "mouse tracking: button",
        "mouse encoding: sgr",
        "bracketed paste",
    ]
    assert changed_modes(Modes()) == []


def test_whatever_a_program_prints_the_report_steers_nothing() -> None:
    attachment = fed(bytes(range(256)) * 3 + b"\x1b]2;a\x1b[31mb\x07\x1b]9\x9b;x\x07\x1b[\x01~")
    lines = [*(value for _, value in facts(attachment)), report(attachment)]
    assert all(char.isprintable() or char == "\n" for line in lines for char in line)
