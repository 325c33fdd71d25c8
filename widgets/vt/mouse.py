"""From the mouse to the bytes a program expects of it (xterm control sequences, "Mouse
Tracking")."""

from __future__ import annotations

from typing import Final, Literal

from widgets.vt.modes import Modes

Action = Literal["press", "release", "move"]
Button = Literal[
    "none",
    "left",
    "middle",
    "right",
    "wheel_up",
    "wheel_down",
    "wheel_left",
    "wheel_right",
    "back",
    "forward",
]

_CODES: Final[dict[Button, int]] = {
    "left": 0,
    "middle": 1,
    "right": 2,
    "none": 3,
    "wheel_up": 64,
    "wheel_down": 65,
    "wheel_left": 66,
    "wheel_right": 67,
    "back": 128,
    "forward": 129,
}
_RELEASED: Final = 3
_MOTION: Final = 32
_SHIFT, _ALT, _CTRL = 4, 8, 16
_LINES_A_NOTCH: Final = 3
_DEFAULT_LIMIT: Final = 223
_UTF8_LIMIT: Final = 2015


def encode_mouse(
    action: Action,
    button: Button,
    column: int,
    row: int,
    modes: Modes,
    *,
    shift: bool = False,
    alt: bool = False,
    ctrl: bool = False,
    pixels: tuple[int, int] | None = None,
) -> bytes:
    """The bytes for one thing the mouse did, or none when the program has not asked for it.

    ``column`` and ``row`` count from 0; a move has the button that is held, or "none". A wheel
    turns by presses. Without tracking, on the alternate screen, the wheel types cursor keys
    (mode 1007).
    """
    if modes.mouse_tracking == "none":
        return _wheel_as_keys(action, button, modes)
    if not _wanted(action, button, modes):
        return b""
    code = _CODES[button] + (_MOTION if action == "move" else 0)
    if modes.mouse_tracking != "x10":
        code += shift * _SHIFT + alt * _ALT + ctrl * _CTRL
    x, y = max(0, column) + 1, max(0, row) + 1
    if modes.mouse_encoding == "sgr-pixels" and pixels is not None:
        x, y = pixels
    return _encoded(action, code, x, y, modes)


def _wanted(action: Action, button: Button, modes: Modes) -> bool:
    tracking = modes.mouse_tracking
    if action == "move":
        return tracking == "any" or (tracking == "button" and button != "none")
    if button == "none":
        return False
    if tracking == "x10":
        return action == "press" and button in {"left", "middle", "right"}
    return action == "press" or not button.startswith("wheel")


def _encoded(action: Action, code: int, x: int, y: int, modes: Modes) -> bytes:
    if modes.mouse_encoding in {"sgr", "sgr-pixels"}:
        final = "m" if action == "release" else "M"
        return f"\x1b[<{code};{x};{y}{final}".encode("ascii")
    if action == "release":
        # Only the SGR form can say which button it was.
        code = (code & (_SHIFT | _ALT | _CTRL)) | _RELEASED
    if modes.mouse_encoding == "urxvt":
        return f"\x1b[{code + 32};{x};{y}M".encode("ascii")
    if modes.mouse_encoding == "utf8":
        if max(x, y) > _UTF8_LIMIT:
            return b""
        return b"\x1b[M" + "".join(chr(number + 32) for number in (code, x, y)).encode("utf-8")
    # One byte a number: what lies too far right or down cannot be told.
    if max(x, y, code) > _DEFAULT_LIMIT:
        return b""
    return b"\x1b[M" + bytes((code + 32, x + 32, y + 32))


def _wheel_as_keys(action: Action, button: Button, modes: Modes) -> bytes:
    if not (modes.alternate_screen and modes.alternate_scroll and action == "press"):
        return b""
    letter = {"wheel_up": b"A", "wheel_down": b"B"}.get(button)
    if letter is None:
        return b""
    return ((b"\x1bO" if modes.application_cursor else b"\x1b[") + letter) * _LINES_A_NOTCH
