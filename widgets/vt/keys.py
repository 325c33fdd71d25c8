"""From keys to the bytes a program expects of them.

The encodings are xterm's ("xterm control sequences", "PC-Style Function Keys" and "Alt and Meta
Keys"), so that everything the terminfo entry ``xterm-256color`` promises holds. modifyOtherKeys
follows "Modified keys" by the same author: level 1 reports what would otherwise be lost, level 2
every modified key but a shifted character.
"""

from __future__ import annotations

from typing import Final

from widgets.vt.key_names import ALT, CTRL, META, SHIFT, named_character, split_key
from widgets.vt.modes import Modes

_CURSOR: Final = {
    "up": "A",
    "down": "B",
    "right": "C",
    "left": "D",
    "kp_begin": "E",
    "end": "F",
    "home": "H",
}
_LETTER_FUNCTIONS: Final = {"f1": "P", "f2": "Q", "f3": "R", "f4": "S"}
_NUMBERED: Final = {
    "insert": 2,
    "delete": 3,
    "pageup": 5,
    "pagedown": 6,
    "f5": 15,
    "f6": 17,
    "f7": 18,
    "f8": 19,
    "f9": 20,
    "f10": 21,
    "f11": 23,
    "f12": 24,
    "menu": 29,
}
_KEYPAD: Final[dict[str, tuple[str, str]]] = {
    "multiply": ("*", "j"),
    "add": ("+", "k"),
    "separator": (",", "l"),
    "subtract": ("-", "m"),
    "decimal": (".", "n"),
    "divide": ("/", "o"),
    "equal": ("=", "X"),
    "kp_enter": ("\r", "M"),
} | {f"kp_{digit}": (str(digit), chr(ord("p") + digit)) for digit in range(10)}
_EDITING: Final = {
    "enter": "\r",
    "return": "\r",
    "tab": "\t",
    "escape": "\x1b",
    "backspace": "\x7f",
}
_CONTROL_OF: Final = {
    "2": "\x00",
    "3": "\x1b",
    "4": "\x1c",
    "5": "\x1d",
    "6": "\x1e",
    "7": "\x1f",
    "8": "\x7f",
    "/": "\x1f",
    "?": "\x7f",
    " ": "\x00",
    "`": "\x00",
}
_PASTE_END: Final = ("\x1b[201~", "\x9b201~")


def encode_key(key: str, character: str | None, modes: Modes) -> bytes:
    """The bytes for a key press, given Textual's name of the key and the character it types.

    A key that has no encoding (a lone Shift, a media key) gives nothing.
    """
    bits, name = split_key(key)
    bits, name = _shifted_function(bits, name)
    text = _function_key(bits, name, modes)
    if text is None:
        text = _keypad_key(bits, name, modes)
    if text is None and name in _EDITING:
        text = _editing_key(bits, name, modes)
    if text is None:
        text = _character_key(bits, name, character, modes)
    return text.encode("utf-8", "ignore")


def _shifted_function(bits: int, name: str) -> tuple[int, str]:
    """F13 to F36 are F1 to F12 with Shift or Control (terminfo xterm-256color, kf13 and on)."""
    number = name[1:]
    if name.startswith("f") and number.isdecimal() and 13 <= int(number) <= 36:
        added = SHIFT if int(number) <= 24 else CTRL
        return bits | added, f"f{(int(number) - 1) % 12 + 1}"
    return bits, name


def _function_key(bits: int, name: str, modes: Modes) -> str | None:
    modifier = f";{bits + 1}"
    if name in _CURSOR:
        if bits:
            return f"\x1b[1{modifier}{_CURSOR[name]}"
        return ("\x1bO" if modes.application_cursor else "\x1b[") + _CURSOR[name]
    if name in _LETTER_FUNCTIONS:
        letter = _LETTER_FUNCTIONS[name]
        return f"\x1b[1{modifier}{letter}" if bits else f"\x1bO{letter}"
    if name in _NUMBERED:
        return f"\x1b[{_NUMBERED[name]}{modifier if bits else ''}~"
    return None


def _keypad_key(bits: int, name: str, modes: Modes) -> str | None:
    if name not in _KEYPAD:
        return None
    plain, letter = _KEYPAD[name]
    if modes.application_keypad:
        return f"\x1bO{bits + 1}{letter}" if bits else f"\x1bO{letter}"
    return _prefixed(bits, plain)


def _editing_key(bits: int, name: str, modes: Modes) -> str:
    """Enter, Tab, Escape and Backspace: characters with a key of their own."""
    if name == "tab" and bits == SHIFT:
        return "\x1b[Z"
    text = _EDITING[name]
    level = modes.modify_other_keys
    if bits and (level >= 2 or (level == 1 and bits & (SHIFT | CTRL) and name != "backspace")):
        return _other_key(bits, text)
    if name == "backspace" and modes.backarrow_sends_backspace != bool(bits & CTRL):
        text = "\x08"
    if text == "\r" and modes.newline:
        text = "\r\n"
    return _prefixed(bits, text)


def _character_key(bits: int, name: str, character: str | None, modes: Modes) -> str:
    if not bits & (CTRL | ALT | META):
        typed = character if character and (character.isprintable() or bits == 0) else None
        return typed or _shifted(bits, named_character(name) or "")
    char = named_character(name)
    if char is None:
        return _prefixed(bits, character or "")
    level = modes.modify_other_keys
    control = _control(char) if bits & CTRL else None
    if level >= 2 or (level == 1 and bits & CTRL and control is None):
        return _other_key(bits, _shifted(bits, char))
    return _prefixed(bits, control or _shifted(bits, char))


def _shifted(bits: int, char: str) -> str:
    upper = char.upper()
    return upper if bits & SHIFT and len(upper) == 1 else char


def _control(char: str) -> str | None:
    """The C0 control that Ctrl makes of a character, if it makes one."""
    upper = char.upper()
    if "@" <= upper <= "_" and len(upper) == 1:
        return chr(ord(upper) & 0x1F)
    return _CONTROL_OF.get(char)


def _prefixed(bits: int, text: str) -> str:
    return "\x1b" + text if bits & (ALT | META) and text else text


def _other_key(bits: int, char: str) -> str:
    return f"\x1b[27;{bits + 1};{ord(char)}~"


def encode_paste(text: str, modes: Modes) -> bytes:
    """The bytes for pasted text: line ends as Enter types them, in brackets where asked (2004).

    The closing bracket is taken out of the text, lest what follows it pass for typing.
    """
    text = text.replace("\r\n", "\r").replace("\n", "\r")
    if not modes.bracketed_paste:
        return text.encode("utf-8", "replace")
    while any(end in text for end in _PASTE_END):
        for end in _PASTE_END:
            text = text.replace(end, "")
    return b"\x1b[200~" + text.encode("utf-8", "replace") + b"\x1b[201~"


def encode_focus(gained: bool, modes: Modes) -> bytes:
    """The bytes that tell of the focus coming or going, where asked (1004)."""
    if not modes.focus_events:
        return b""
    return b"\x1b[I" if gained else b"\x1b[O"
