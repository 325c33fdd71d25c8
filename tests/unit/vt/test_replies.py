"""Answers to the program, and what a hostile program cannot make of them."""

from __future__ import annotations

import re

import pytest

from widgets.vt import Terminal


def answer(question: str) -> bytes:
    terminal = Terminal(80, 24)
    terminal.feed(question.encode())
    assert "".join(terminal.rows()[0]).strip() == ""
    return terminal.take_replies()


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("\x1b[c", b"\x1b[?64;6;22c"),
        ("\x1b[0;0c", b"\x1b[?64;6;22c"),
        ("\x1bZ", b"\x1b[?64;6;22c"),
        ("\x1b[>c", b"\x1b[>41;380;0c"),
        ("\x1b[=c", b"\x1bP!|00000000\x1b\\"),
        ("\x1b[>q", b"\x1bP>|exectop(1)\x1b\\"),
        ("\x1b[5n", b"\x1b[0n"),
        ("\x1b[3;4H\x1b[6n", b"\x1b[3;4R"),
        ("\x1b[3;4H\x1b[?6n", b"\x1b[?3;4;1R"),
        ("\x1b[?996n", b"\x1b[?997;1n"),
        ("\x1b[18t", b"\x1b[8;24;80t"),
        ("\x1b[19t", b"\x1b[9;24;80t"),
        ("\x1b[?7$p", b"\x1b[?7;1$y"),
        ("\x1b[?2026$p", b"\x1b[?2026;2$y"),
        ("\x1b[?31337$p", b"\x1b[?31337;0$y"),
        ("\x1b[4$p", b"\x1b[4;2$y"),
        ("\x1b[1;4;38;2;1;2;3m\x1bP$qm\x1b\\", b"\x1bP1$r0;1;4;38;2;1;2;3m\x1b\\"),
        ("\x1b[2;5r\x1bP$qr\x1b\\", b"\x1bP1$r2;5r\x1b\\"),
        ("\x1b[4 q\x1bP$q q\x1b\\", b"\x1bP1$r4 q\x1b\\"),
        ('\x1b[1"q\x1bP$q"q\x1b\\', b'\x1bP1$r1"q\x1b\\'),
        ("\x1bP$qwhat\x1b\\", b"\x1bP0$r\x1b\\"),
        ("\x1bP+q544E\x1b\\", b"\x1bP1+r544E=787465726D2D323536636F6C6F72\x1b\\"),
        ("\x1bP+q436f\x1b\\", b"\x1bP1+r436F=323536\x1b\\"),
        ("\x1bP+q6162\x1b\\", b"\x1bP0+r\x1b\\"),
        ("\x1b]10;?\x07", b"\x1b]10;rgb:e5e5/e5e5/e5e5\x1b\\"),
        ("\x1b]4;196;?\x07", b"\x1b]4;196;rgb:ffff/0000/0000\x1b\\"),
        ("\x1b[x", b"\x1b[2;1;1;128;128;1;0x"),
        # Not answered: the kitty keyboard, titles, the clipboard, a checksum, ENQ.
        ("\x1b[?u", b""),
        ("\x1b]2;rm -rf\x07\x1b[20t\x1b[21t", b""),
        ("\x1b]52;c;?\x07", b""),
        ("\x1b[1;1;1;1;1;1*y", b""),
        ("\x05", b""),
    ],
)
def test_questions(question: str, expected: bytes) -> None:
    assert answer(question) == expected


@pytest.mark.parametrize(
    "question",
    [
        "\x1bP$q\r rm -rf /\r\x1b\\",
        "\x1bP+q0d726d0d\x1b\\",
        "\x1b]4;1;rm -rf\x07\x1b]4;1;?\x07",
        "\x1b]10;\rrm\r\x07\x1b]10;?\x07",
        "\x1b]0;\rrm\r\x07\x1b[21t",
    ],
)
def test_no_answer_repeats_text_of_the_program(question: str) -> None:
    given = answer(question)
    assert b"rm" not in given
    assert b"\r" not in given


def test_answers_nobody_reads_are_bounded() -> None:
    terminal = Terminal(80, 24)
    terminal.feed(b"\x1b[c\x1b[6n" * 10_000)
    assert len(terminal.take_replies()) <= 16_384
    terminal.feed(b"\x1b[5n")
    assert terminal.take_replies() == b"\x1b[0n"


def test_every_answer_is_a_complete_control_function() -> None:
    form = re.compile(rb"(\x1b\[[0-?]*[ -/]*[@-~]|\x1b[P\]][ -~]*\x1b\\)*")
    terminal = Terminal(80, 24)
    for final in "cnptqux":
        for prefix in ("", "?", ">", "="):
            for number in range(60):
                terminal.feed(f"\x1b[{prefix}{number}{final}\x1b[{prefix}{number}${final}".encode())
                assert form.fullmatch(terminal.take_replies())
