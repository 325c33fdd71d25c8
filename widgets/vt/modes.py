"""The modes of the terminal: which numbers switch what (DEC private modes, xterm's and ANSI's)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

MouseTracking = Literal["none", "x10", "normal", "button", "any"]
MouseEncoding = Literal["default", "utf8", "sgr", "urxvt", "sgr-pixels"]


@dataclass
class Modes:
    """The modes in force, to be read by whoever draws and whoever encodes keys and the mouse."""

    application_cursor: bool = False
    application_keypad: bool = False
    reverse_screen: bool = False
    origin: bool = False
    autowrap: bool = True
    cursor_visible: bool = True
    cursor_blink: bool = True
    allow_column_switch: bool = False
    keep_on_column_switch: bool = False
    national_sets: bool = False
    reverse_wrap: bool = False
    reverse_wrap_extended: bool = False
    backarrow_sends_backspace: bool = False
    left_right_margins: bool = False
    alternate_screen: bool = False
    mouse_tracking: MouseTracking = "none"
    mouse_encoding: MouseEncoding = "default"
    focus_events: bool = False
    alternate_scroll: bool = True
    bracketed_paste: bool = False
    synchronized: bool = False
    grapheme_clusters: bool = True
    color_scheme_reports: bool = False
    insert: bool = False
    newline: bool = False
    keyboard_locked: bool = False
    local_echo_off: bool = True
    modify_other_keys: int = 0


PRIVATE_FLAGS: Final[dict[int, str]] = {
    1: "application_cursor",
    5: "reverse_screen",
    6: "origin",
    7: "autowrap",
    12: "cursor_blink",
    25: "cursor_visible",
    40: "allow_column_switch",
    42: "national_sets",
    45: "reverse_wrap",
    66: "application_keypad",
    67: "backarrow_sends_backspace",
    69: "left_right_margins",
    95: "keep_on_column_switch",
    1004: "focus_events",
    1007: "alternate_scroll",
    1045: "reverse_wrap_extended",
    2004: "bracketed_paste",
    2026: "synchronized",
    2027: "grapheme_clusters",
    2031: "color_scheme_reports",
}
"""Private modes that are one switch each."""

ANSI_FLAGS: Final[dict[int, str]] = {
    2: "keyboard_locked",
    4: "insert",
    12: "local_echo_off",
    20: "newline",
}

TRACKING: Final[dict[int, MouseTracking]] = {9: "x10", 1000: "normal", 1002: "button", 1003: "any"}

ENCODING: Final[dict[int, MouseEncoding]] = {
    1005: "utf8",
    1006: "sgr",
    1015: "urxvt",
    1016: "sgr-pixels",
}

SCREENS: Final = frozenset({47, 1047, 1049})
"""Modes that switch to the alternate screen."""

ALWAYS_SET: Final = frozenset({8, 1036})
"""Keys repeat (DECARM) and Alt sends ESC; neither can be switched off."""

ALWAYS_RESET: Final = frozenset({3, 4, 18, 19, 1001, 1034, 1035, 1039})
"""Known modes that this terminal never enters, such as 132 columns, smooth scrolling and highlight
tracking."""


def private_state(modes: Modes, number: int) -> int:
    """What DECRQM answers for a private mode: 0 unknown, 1 set, 2 reset, 3 and 4 for ever so."""
    if number in PRIVATE_FLAGS:
        return 1 if getattr(modes, PRIVATE_FLAGS[number]) else 2
    if number in TRACKING:
        return 1 if modes.mouse_tracking == TRACKING[number] else 2
    if number in ENCODING:
        return 1 if modes.mouse_encoding == ENCODING[number] else 2
    if number in SCREENS:
        return 1 if modes.alternate_screen else 2
    if number == 1048:
        return 1
    if number in ALWAYS_SET:
        return 3
    return 4 if number in ALWAYS_RESET else 0


def ansi_state(modes: Modes, number: int) -> int:
    """What DECRQM answers for an ANSI mode."""
    if number in ANSI_FLAGS:
        return 1 if getattr(modes, ANSI_FLAGS[number]) else 2
    return 0
