"""Names of keys as Textual has them, and the characters they stand for."""

from __future__ import annotations

import string
import unicodedata
from functools import lru_cache
from typing import Final

SHIFT: Final = 1
ALT: Final = 2
CTRL: Final = 4
META: Final = 8

_MODIFIERS: Final = {"shift": SHIFT, "alt": ALT, "ctrl": CTRL, "meta": META}
_WITHOUT_BYTES: Final = frozenset({"super", "hyper"})
"""Modifiers that no encoding has a place for; the key is sent as if they were up."""

_RENAMED: Final = {
    "slash": "/",
    "backslash": "\\",
    "at": "@",
    "minus": "-",
    "plus": "+",
    "underscore": "_",
    "space": " ",
}


def _unicode_key(char: str) -> str:
    return unicodedata.name(char).lower().replace("-", "_").replace(" ", "_")


_PUNCTUATION: Final = {_unicode_key(char): char for char in string.punctuation} | _RENAMED


@lru_cache(maxsize=1024)
def split_key(key: str) -> tuple[int, str]:
    """The modifiers of a key as xterm's bits, and its bare name."""
    bits = 0
    name = key
    while True:
        modifier, separator, rest = name.partition("+")
        if not separator or not rest:
            return bits, name
        if modifier in _MODIFIERS:
            bits |= _MODIFIERS[modifier]
        elif modifier not in _WITHOUT_BYTES:
            return bits, name
        name = rest


@lru_cache(maxsize=1024)
def named_character(name: str) -> str | None:
    """The character a bare key name stands for: ``a``, ``question_mark``, ``e_acute`` and so on."""
    if len(name) == 1:
        return name
    if name in _PUNCTUATION:
        return _PUNCTUATION[name]
    try:
        return unicodedata.lookup(name.replace("_", " "))
    except KeyError:
        return None
