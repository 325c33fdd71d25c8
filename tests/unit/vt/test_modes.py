"""Modes, the alternate screen, titles, colours, the clipboard."""

from __future__ import annotations

import pytest

from widgets.vt import ClipboardRequest, Terminal


def fed(text: str, columns: int = 8, lines: int = 3) -> Terminal:
    terminal = Terminal(columns, lines)
    terminal.feed(text.encode())
    return terminal


def text(terminal: Terminal) -> list[str]:
    return ["".join(row).rstrip() for row in terminal.rows()]


@pytest.mark.parametrize(
    ("number", "name"),
    [
        (1, "application_cursor"),
        (5, "reverse_screen"),
        (6, "origin"),
        (45, "reverse_wrap"),
        (66, "application_keypad"),
        (69, "left_right_margins"),
        (1004, "focus_events"),
        (2004, "bracketed_paste"),
        (2026, "synchronized"),
    ],
)
def test_private_modes_are_switched_and_reported(number: int, name: str) -> None:
    terminal = fed(f"\x1b[?{number}h\x1b[?{number}$p")
    assert getattr(terminal.modes, name) is True
    assert terminal.take_replies() == f"\x1b[?{number};1$y".encode()
    terminal.feed(f"\x1b[?{number}l\x1b[?{number}$p".encode())
    assert getattr(terminal.modes, name) is False
    assert terminal.take_replies() == f"\x1b[?{number};2$y".encode()


@pytest.mark.parametrize(
    ("number", "name"), [(9, "x10"), (1000, "normal"), (1002, "button"), (1003, "any")]
)
def test_mouse_tracking(number: int, name: str) -> None:
    terminal = fed(f"\x1b[?{number}h")
    assert terminal.modes.mouse_tracking == name
    terminal.feed(f"\x1b[?{number}l".encode())
    assert terminal.modes.mouse_tracking == "none"


@pytest.mark.parametrize(
    ("number", "name"), [(1005, "utf8"), (1006, "sgr"), (1015, "urxvt"), (1016, "sgr-pixels")]
)
def test_mouse_encoding(number: int, name: str) -> None:
    terminal = fed(f"\x1b[?{number}h")
    assert terminal.modes.mouse_encoding == name
    terminal.feed(f"\x1b[?{number}l".encode())
    assert terminal.modes.mouse_encoding == "default"


def test_several_modes_in_one_sequence() -> None:
    modes = fed("\x1b[?1000;1006;2004h").modes
    assert (modes.mouse_tracking, modes.mouse_encoding, modes.bracketed_paste) == (
        "normal",
        "sgr",
        True,
    )


def test_modes_are_stored_and_recalled() -> None:
    terminal = fed("\x1b[?2004h\x1b[?2004s\x1b[?2004l\x1b[?2004r")
    assert terminal.modes.bracketed_paste


def keypad_and_level(terminal: Terminal) -> tuple[bool, int]:
    return terminal.modes.application_keypad, terminal.modes.modify_other_keys


def test_the_keypad_and_modify_other_keys() -> None:
    terminal = fed("\x1b=\x1b[>4;2m\x1b[?4m")
    assert keypad_and_level(terminal) == (True, 2)
    assert terminal.take_replies() == b"\x1b[>4;2m"
    terminal.feed(b"\x1b>\x1b[>4m")
    assert keypad_and_level(terminal) == (False, 0)


@pytest.mark.parametrize("number", [47, 1047, 1049])
def test_the_alternate_screen_leaves_the_main_one_alone(number: int) -> None:
    terminal = fed(f"main\x1b[?{number}h\x1b[Halternate")
    assert terminal.modes.alternate_screen
    assert text(terminal)[0].startswith("alternat")
    terminal.feed(b"\n\n\n\n" + f"\x1b[?{number}l".encode())
    assert text(terminal)[0] == "main"
    assert terminal.history_length == 0


def test_1049_keeps_the_cursor_and_clears() -> None:
    terminal = fed("ab\x1b[?1049h\x1b[Hxyz\x1b[?1049lc")
    assert text(terminal)[0] == "abc"
    terminal.feed(b"\x1b[?1049h")
    assert text(terminal) == ["", "", ""]


def test_47_keeps_what_the_alternate_screen_showed() -> None:
    terminal = fed("\x1b[?47h\x1b[Hxyz\x1b[?47l\x1b[?47h")
    assert text(terminal)[0] == "xyz"


def test_1048_saves_the_cursor() -> None:
    terminal = fed("ab\x1b[?1048h\x1b[3;3H\x1b[?1048l")
    assert (terminal.cursor.row, terminal.cursor.column) == (0, 2)


@pytest.mark.parametrize(
    ("number", "shape", "blink"),
    [
        (0, "block", True),
        (1, "block", True),
        (2, "block", False),
        (3, "underline", True),
        (4, "underline", False),
        (5, "bar", True),
        (6, "bar", False),
    ],
)
def test_cursor_shapes(number: int, shape: str, blink: bool) -> None:
    cursor = fed(f"\x1b[{number} q").cursor
    assert (cursor.shape, cursor.blink) == (shape, blink)


def test_the_cursor_is_hidden_and_shown() -> None:
    terminal = fed("\x1b[?25l")
    assert not terminal.cursor.visible
    terminal.feed(b"\x1b[?25h")
    assert terminal.cursor.visible


def test_titles_and_their_stack() -> None:
    terminal = fed("\x1b]0;both\x07")
    assert (terminal.title, terminal.icon_name) == ("both", "both")
    terminal.feed(b"\x1b]2;one\x1b\\\x1b[22;0t\x1b]2;two\x07\x1b]1;icon\x07")
    assert (terminal.title, terminal.icon_name) == ("two", "icon")
    terminal.feed(b"\x1b[23;2t")
    assert (terminal.title, terminal.icon_name) == ("one", "icon")


def test_the_code_of_a_command_is_all_its_digits() -> None:
    terminal = fed("\x1b]133;A\x07\x1b]22;pointer\x07\x1b]1337;x\x07")
    assert (terminal.title, terminal.icon_name) == ("", "")


def test_titles_hold_no_control_characters_and_are_short() -> None:
    assert fed("\x1b]2;a\nb\tc\x07").title == "abc"
    assert len(fed("\x1b]2;" + "x" * 100_000 + "\x07").title) <= 1024


def test_shell_integration_and_the_directory() -> None:
    terminal = fed("\x1b]133;A\x07\x1b]7;file://host/tmp\x07")
    assert (terminal.shell.zone, terminal.directory) == ("prompt", "file://host/tmp")
    terminal.feed(b"\x1b]133;D;3\x07")
    assert terminal.shell.exit_code == 3


def test_the_clipboard_is_asked_for_and_never_told() -> None:
    terminal = fed("\x1b]52;c;aGVsbG8=\x07\x1b]52;c;?\x07\x1b]52;c;%%%\x07")
    assert terminal.clipboard == [ClipboardRequest("c", b"hello")]
    assert terminal.take_clipboard()[0].text == "hello"
    assert terminal.clipboard == []
    assert terminal.take_replies() == b""


def test_colours_are_set_asked_for_and_reset() -> None:
    terminal = fed("\x1b]4;1;rgb:12/34/56;2;#abcdef\x07\x1b]11;#102030\x07")
    assert terminal.colors.palette == {1: (0x12, 0x34, 0x56), 2: (0xAB, 0xCD, 0xEF)}
    terminal.feed(b"\x1b]4;1;?\x07\x1b]11;?\x07")
    assert terminal.take_replies() == (
        b"\x1b]4;1;rgb:1212/3434/5656\x1b\\\x1b]11;rgb:1010/2020/3030\x1b\\"
    )
    terminal.feed(b"\x1b]104;1\x07\x1b]111\x07")
    assert terminal.colors.palette == {2: (0xAB, 0xCD, 0xEF)}
    assert terminal.colors.background is None
    terminal.feed(b"\x1b]104\x07\x1b]10;red\x07\x1b]4;999;#000\x07")
    assert terminal.colors.palette == {}
    assert terminal.colors.foreground is None


def test_one_command_sets_several_default_colours() -> None:
    colors = fed("\x1b]10;#010101;#020202;#030303\x07").colors
    assert (colors.foreground, colors.background, colors.cursor) == (
        (1, 1, 1),
        (2, 2, 2),
        (3, 3, 3),
    )


def test_the_bell_and_unknown_functions_are_counted() -> None:
    terminal = fed("\x07\x07\x1b[99y\x1b[1;2=z\x1b]9999;x\x07")
    assert terminal.bells == 2
    assert terminal.unknown == 3


def test_unknown_functions_are_told_apart_so_that_they_can_be_reported() -> None:
    terminal = fed(
        "\x1b[5W\x1b[5W\x1b[1:2H\x1by\x1b]777;notify;private\x07\x1bP1;2|secret\x1b\\"
        "\x1b[?31337h\x1b[99l\x1b[9J\x1b[8K\x1b]52;c;*\x07\x1b[12é\x1b(é"
    )
    assert terminal.unknown_sequences == {
        "CSI 5W": 2,
        "CSI 1:2H": 1,
        "ESC y": 1,
        "OSC 777": 1,
        "DCS 1;2|": 1,
        "CSI ? 31337 h": 1,
        "CSI 99 l": 1,
        "CSI 9 J": 1,
        "CSI 8 K": 1,
        "OSC 52 without base64": 1,
        "CSI 12 cut off": 1,
        "ESC ( cut off": 1,
    }
    assert next(iter(terminal.unknown_sequences)) == "CSI 5W"
    assert terminal.unknown == 13


def test_what_is_told_of_unknown_functions_is_bounded_and_printable() -> None:
    terminal = Terminal(8, 3)
    for number in range(1000):
        terminal.feed(f"\x1b]9{number:04};\x07\x1b[{number}W\x1b]\t{'x' * 5000}\x07".encode())
    assert terminal.unknown == 3000
    assert len(terminal.unknown_sequences) == 100
    assert all(len(name) <= 40 and name.isprintable() for name in terminal.unknown_sequences)


def test_dirty_rows() -> None:
    terminal = fed("a\r\nb")
    assert terminal.take_dirty() == {0, 1, 2}
    assert terminal.take_dirty() == set()
    terminal.feed(b"c")
    assert terminal.dirty == {1}
    assert terminal.take_dirty() == {1}
    terminal.feed(b"\x1b[?5h")
    assert terminal.take_dirty() == {0, 1, 2}


def test_a_row_has_a_new_version_when_it_changes_and_keeps_it_when_it_scrolls() -> None:
    terminal = fed("a")
    version = terminal.line(0).version
    assert terminal.line(0).version == version
    terminal.feed(b"\r\n\n\n")
    assert terminal.line(-1).version == version
    terminal.feed(b"x")
    assert terminal.line(2).version != version
