"""Lines for programs without a terminal."""

from __future__ import annotations

from app.line_input import LineInput, Typed


def test_a_line_is_echoed_key_by_key_and_sent_whole() -> None:
    line = LineInput()
    assert line.press(b"h") == Typed(echo=b"h")
    assert line.press(b"i") == Typed(echo=b"i")
    assert line.press(b"\r") == Typed(echo=b"\n", send=b"hi\n")
    assert line.press(b"\r") == Typed(echo=b"\n", send=b"\n")


def test_erasing() -> None:
    line = LineInput()
    line.press("aé".encode())
    assert line.press(b"\x7f") == Typed(echo=b"\b \b")
    assert line.press(b"\r").send == b"a\n"
    assert line.press(b"\x7f") == Typed()
    line.press(b"abc")
    assert line.press(b"\x15") == Typed(echo=b"\b \b" * 3)
    assert line.press(b"\r").send == b"\n"


def test_the_end_of_input() -> None:
    line = LineInput()
    line.press(b"rest")
    assert line.press(b"\x04") == Typed(send=b"rest")
    assert line.press(b"\x04") == Typed(end=True)


def test_a_paste_of_lines_and_keys_of_no_use() -> None:
    line = LineInput()
    assert line.press(b"\x1b[A") == Typed()
    assert line.press(b"one\r\ntwo\rthr") == Typed(echo=b"one\ntwo\nthr", send=b"one\ntwo\n")
    assert line.press(b"ee\r").send == b"three\n"
