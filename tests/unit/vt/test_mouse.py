"""What the mouse sends."""

from __future__ import annotations

import pytest

from widgets.vt import Modes
from widgets.vt.modes import MouseEncoding, MouseTracking
from widgets.vt.mouse import Action, Button, encode_mouse


def sent(
    action: Action,
    button: Button,
    tracking: MouseTracking,
    encoding: MouseEncoding = "sgr",
    column: int = 4,
    row: int = 9,
) -> bytes:
    modes = Modes(mouse_tracking=tracking, mouse_encoding=encoding)
    return encode_mouse(action, button, column, row, modes)


@pytest.mark.parametrize(
    ("action", "button", "tracking", "expected"),
    [
        ("press", "left", "none", b""),
        ("press", "left", "x10", b"\x1b[<0;5;10M"),
        ("release", "left", "x10", b""),
        ("press", "wheel_up", "x10", b""),
        ("press", "left", "normal", b"\x1b[<0;5;10M"),
        ("release", "right", "normal", b"\x1b[<2;5;10m"),
        ("press", "wheel_up", "normal", b"\x1b[<64;5;10M"),
        ("press", "wheel_down", "normal", b"\x1b[<65;5;10M"),
        ("release", "wheel_down", "normal", b""),
        ("press", "back", "normal", b"\x1b[<128;5;10M"),
        ("move", "left", "normal", b""),
        ("move", "left", "button", b"\x1b[<32;5;10M"),
        ("move", "none", "button", b""),
        ("move", "none", "any", b"\x1b[<35;5;10M"),
    ],
)
def test_tracking(action: Action, button: Button, tracking: MouseTracking, expected: bytes) -> None:
    assert sent(action, button, tracking) == expected


@pytest.mark.parametrize(
    ("encoding", "press", "release"),
    [
        ("default", b"\x1b[M %*", b"\x1b[M#%*"),
        ("utf8", b"\x1b[M %*", b"\x1b[M#%*"),
        ("sgr", b"\x1b[<0;5;10M", b"\x1b[<0;5;10m"),
        ("urxvt", b"\x1b[32;5;10M", b"\x1b[35;5;10M"),
    ],
)
def test_encodings(encoding: MouseEncoding, press: bytes, release: bytes) -> None:
    assert sent("press", "left", "normal", encoding) == press
    assert sent("release", "left", "normal", encoding) == release


def test_far_places() -> None:
    assert sent("press", "left", "normal", "default", 222, 0) == b"\x1b[M \xff!"
    assert sent("press", "left", "normal", "default", 223, 0) == b""
    assert sent("press", "left", "normal", "utf8", 300, 0) == b"\x1b[M \xc5\x8d!"
    assert sent("press", "left", "normal", "sgr", 3000, 0) == b"\x1b[<0;3001;1M"


def test_modifiers() -> None:
    modes = Modes(mouse_tracking="normal", mouse_encoding="sgr")
    assert encode_mouse("press", "left", 0, 0, modes, shift=True) == b"\x1b[<4;1;1M"
    assert encode_mouse("press", "left", 0, 0, modes, alt=True, ctrl=True) == b"\x1b[<24;1;1M"


def test_pixels() -> None:
    modes = Modes(mouse_tracking="normal", mouse_encoding="sgr-pixels")
    assert encode_mouse("press", "left", 1, 1, modes, pixels=(17, 33)) == b"\x1b[<0;17;33M"


def test_the_wheel_types_cursor_keys_on_the_alternate_screen() -> None:
    modes = Modes(alternate_screen=True)
    assert encode_mouse("press", "wheel_up", 0, 0, modes) == b"\x1b[A" * 3
    modes.application_cursor = True
    assert encode_mouse("press", "wheel_down", 0, 0, modes) == b"\x1bOB" * 3
    modes.alternate_scroll = False
    assert encode_mouse("press", "wheel_down", 0, 0, modes) == b""
