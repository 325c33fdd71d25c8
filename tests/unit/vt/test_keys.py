"""What keys send."""

from __future__ import annotations

import pytest

from widgets.vt import Modes
from widgets.vt.keys import encode_focus, encode_key, encode_paste


def sent(key: str, character: str | None = None, **modes: object) -> bytes:
    return encode_key(key, character, Modes(**modes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("a", b"a"),
        ("A", b"A"),
        ("ä", "ä".encode()),
        ("日", "日".encode()),
        ("space", b" "),
        ("question_mark", b"?"),
        ("slash", b"/"),
        ("minus", b"-"),
        ("plus", b"+"),
        ("underscore", b"_"),
        ("left_square_bracket", b"["),
        ("enter", b"\r"),
        ("tab", b"\t"),
        ("shift+tab", b"\x1b[Z"),
        ("escape", b"\x1b"),
        ("backspace", b"\x7f"),
        ("ctrl+backspace", b"\x08"),
        ("alt+backspace", b"\x1b\x7f"),
        ("alt+enter", b"\x1b\r"),
        ("ctrl+a", b"\x01"),
        ("ctrl+c", b"\x03"),
        ("ctrl+p", b"\x10"),
        ("ctrl+q", b"\x11"),
        ("ctrl+z", b"\x1a"),
        ("ctrl+j", b"\n"),
        ("ctrl+@", b"\x00"),
        ("ctrl+at", b"\x00"),
        ("ctrl+space", b"\x00"),
        ("ctrl+backslash", b"\x1c"),
        ("ctrl+right_square_bracket", b"\x1d"),
        ("ctrl+left_square_bracket", b"\x1b"),
        ("ctrl+circumflex_accent", b"\x1e"),
        ("ctrl+underscore", b"\x1f"),
        ("ctrl+slash", b"\x1f"),
        ("ctrl+2", b"\x00"),
        ("ctrl+8", b"\x7f"),
        ("ctrl+1", b"1"),
        ("alt+x", b"\x1bx"),
        ("alt+shift+x", b"\x1bX"),
        ("alt+ctrl+c", b"\x1b\x03"),
        ("ctrl+alt+c", b"\x1b\x03"),
        ("ctrl+shift+c", b"\x03"),
        ("alt+full_stop", b"\x1b."),
        ("alt+up", b"\x1b[1;3A"),
        ("up", b"\x1b[A"),
        ("down", b"\x1b[B"),
        ("right", b"\x1b[C"),
        ("left", b"\x1b[D"),
        ("home", b"\x1b[H"),
        ("end", b"\x1b[F"),
        ("ctrl+left", b"\x1b[1;5D"),
        ("shift+up", b"\x1b[1;2A"),
        ("ctrl+shift+up", b"\x1b[1;6A"),
        ("alt+ctrl+shift+end", b"\x1b[1;8F"),
        ("insert", b"\x1b[2~"),
        ("delete", b"\x1b[3~"),
        ("ctrl+delete", b"\x1b[3;5~"),
        ("pageup", b"\x1b[5~"),
        ("shift+pagedown", b"\x1b[6;2~"),
        ("f1", b"\x1bOP"),
        ("f4", b"\x1bOS"),
        ("f5", b"\x1b[15~"),
        ("f12", b"\x1b[24~"),
        ("f13", b"\x1b[1;2P"),
        ("f17", b"\x1b[15;2~"),
        ("f24", b"\x1b[24;2~"),
        ("f25", b"\x1b[1;5P"),
        ("ctrl+f1", b"\x1b[1;5P"),
        ("shift+f5", b"\x1b[15;2~"),
        ("super+a", b"a"),
        ("left_shift", b""),
        ("media_play", b""),
        ("<ignore>", b""),
    ],
)
def test_keys(key: str, expected: bytes) -> None:
    assert sent(key) == expected


def test_the_character_is_what_is_typed() -> None:
    assert sent("question_mark", "?") == b"?"
    assert sent("euro_sign", "€") == "€".encode()
    assert sent("upper_a", "A") == b"A"
    assert sent("unknown_name", None) == b""


def test_every_key_that_textual_names_is_encoded_without_an_error() -> None:
    for modifiers in ("", "shift+", "alt+", "ctrl+", "ctrl+shift+", "alt+ctrl+shift+"):
        for name in [*"abcxyz019", "up", "f1", "f12", "f20", "enter", "tab", "space", "at", "+"]:
            for level in (0, 1, 2):
                assert sent(modifiers + name, modify_other_keys=level)


def test_application_cursor_mode() -> None:
    assert sent("up", application_cursor=True) == b"\x1bOA"
    assert sent("home", application_cursor=True) == b"\x1bOH"
    assert sent("ctrl+up", application_cursor=True) == b"\x1b[1;5A"


def test_the_keypad() -> None:
    assert sent("add") == b"+"
    assert sent("add", application_keypad=True) == b"\x1bOk"
    assert sent("kp_5", application_keypad=True) == b"\x1bOu"
    assert sent("kp_enter", application_keypad=True) == b"\x1bOM"
    assert sent("5", application_keypad=True) == b"5"


@pytest.mark.parametrize(
    ("key", "level", "expected"),
    [
        ("ctrl+1", 1, b"\x1b[27;5;49~"),
        ("ctrl+a", 1, b"\x01"),
        ("ctrl+enter", 1, b"\x1b[27;5;13~"),
        ("shift+enter", 1, b"\x1b[27;2;13~"),
        ("ctrl+tab", 1, b"\x1b[27;5;9~"),
        ("alt+x", 1, b"\x1bx"),
        ("ctrl+a", 2, b"\x1b[27;5;97~"),
        ("ctrl+shift+a", 2, b"\x1b[27;6;65~"),
        ("alt+x", 2, b"\x1b[27;3;120~"),
        ("ctrl+i", 2, b"\x1b[27;5;105~"),
        ("enter", 2, b"\r"),
        ("escape", 2, b"\x1b"),
        ("A", 2, b"A"),
        ("shift+tab", 2, b"\x1b[Z"),
    ],
)
def test_modify_other_keys(key: str, level: int, expected: bytes) -> None:
    assert sent(key, modify_other_keys=level) == expected


def test_newline_mode_and_backarrow_mode() -> None:
    assert sent("enter", newline=True) == b"\r\n"
    assert sent("backspace", backarrow_sends_backspace=True) == b"\x08"
    assert sent("ctrl+backspace", backarrow_sends_backspace=True) == b"\x7f"


def test_pastes() -> None:
    assert encode_paste("a\nb\r\nc\rd", Modes()) == b"a\rb\rc\rd"
    bracketed = Modes(bracketed_paste=True)
    assert encode_paste("é", bracketed) == b"\x1b[200~\xc3\xa9\x1b[201~"
    hostile = "x\x1b[201~y\x1b[20\x1b[201~1~z"
    assert encode_paste(hostile, bracketed) == b"\x1b[200~xyz\x1b[201~"


def test_focus_is_told_only_where_asked() -> None:
    assert encode_focus(True, Modes()) == b""
    assert encode_focus(True, Modes(focus_events=True)) == b"\x1b[I"
    assert encode_focus(False, Modes(focus_events=True)) == b"\x1b[O"
