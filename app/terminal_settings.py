"""What a person may settle about the terminals in the dashboard."""

from __future__ import annotations

from typing import Literal

import msgspec

from app.program_clipboard import ClipboardPolicy
from runtime.protocol.detach_keys import DEFAULT_DETACH_KEYS

LinkPolicy = Literal["copy", "open"]
DEFAULT_PREFIX_KEY = "ctrl-]"


class TerminalSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Keys are written as detach keys are; an empty text switches a key off.

    `clipboard` is what becomes of programs' wishes to set it, `links` of a link that is clicked.
    """

    detach_keys: str = DEFAULT_DETACH_KEYS
    prefix_key: str = DEFAULT_PREFIX_KEY
    clipboard: ClipboardPolicy = "ask"
    links: LinkPolicy = "copy"
    bold_is_bright: bool = False
