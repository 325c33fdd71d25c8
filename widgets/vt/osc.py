"""Operating system commands: titles, colours, links, the clipboard, shell integration (xterm)."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import Final

from widgets.vt.colors import format_color, parse_color
from widgets.vt.replies import Replies

MAX_TITLE: Final = 1024
MAX_TITLES: Final = 10
MAX_LINK: Final = 2083
MAX_DIRECTORY: Final = 4096
MAX_CLIPBOARD: Final = 16
MAX_COLORS: Final = 512

_DYNAMIC: Final = {10: "foreground", 11: "background", 12: "cursor"}
_ZONES: Final = {"A": "prompt", "B": "input", "C": "output", "D": ""}


@dataclass(frozen=True)
class ClipboardRequest:
    """A program's wish to set a clipboard (OSC 52): which ones (``c``, ``p``, ...) and to what."""

    selection: str
    data: bytes

    @property
    def text(self) -> str:
        """The data as text."""
        return self.data.decode("utf-8", "replace")


@dataclass
class ShellIntegration:
    """What the shell has said of itself with OSC 133: the zone it is in, and the last exit code."""

    zone: str = ""
    exit_code: int | None = None


class Commands(Replies):
    """The OSC family."""

    def start_commands(self) -> None:
        """Set what these commands keep to its beginnings."""
        self.titles: list[tuple[str, str]] = []
        self.directory = ""
        self.clipboard: list[ClipboardRequest] = []
        self.shell = ShellIntegration()

    def operating_system_command(self, body: str) -> None:
        """Carry out one OSC; the number is all digits before the first semicolon."""
        number, _, text = body.partition(";")
        known = {
            "0": self._set_both_titles,
            "1": self.set_icon_name,
            "2": self.set_title,
            "4": self._set_palette,
            "7": self._set_directory,
            "8": self._set_link,
            "10": lambda text: self._set_dynamic(10, text),
            "11": lambda text: self._set_dynamic(11, text),
            "12": lambda text: self._set_dynamic(12, text),
            "52": self._set_clipboard,
            "104": self._reset_palette,
            "110": lambda _text: self._reset_dynamic(10),
            "111": lambda _text: self._reset_dynamic(11),
            "112": lambda _text: self._reset_dynamic(12),
            "133": self._mark_zone,
        }
        call = known.get(number)
        if call is None:
            # Only the number: what follows may be nobody's business.
            self.unknown_sequence(f"OSC {number}")
        else:
            call(text)

    def set_title(self, param: str) -> None:
        """OSC 2, without control characters."""
        self.title = _clean(param)

    def set_icon_name(self, param: str) -> None:
        """OSC 1."""
        self.icon_name = _clean(param)

    def _set_both_titles(self, text: str) -> None:
        self.set_title(text)
        self.set_icon_name(text)

    def window_operation(self, given: tuple[int, ...]) -> None:
        """XTWINOPS: sizes are told and titles stacked. A program may not resize the window, and is
        never told a title, for that would let it type what it likes."""
        operation = given[0] if given else 0
        if operation == 18:
            self.reply(f"\x1b[8;{self.lines};{self.columns}t")
        elif operation == 19:
            self.reply(f"\x1b[9;{self.lines};{self.columns}t")
        elif operation == 11:
            self.reply("\x1b[1t")
        elif operation == 22:
            if len(self.titles) < MAX_TITLES:
                self.titles.append((self.title, self.icon_name))
        elif operation == 23 and self.titles:
            self._pop_titles(given[1] if len(given) > 1 else 0)

    def _pop_titles(self, which: int) -> None:
        title, icon_name = self.titles.pop()
        if which in {0, 2}:
            self.title = title
        if which in {0, 1}:
            self.icon_name = icon_name

    def _set_palette(self, text: str) -> None:
        """OSC 4: pairs of an index and a colour, or a question mark."""
        fields = text.split(";")[:MAX_COLORS]
        for name, value in zip(fields[::2], fields[1::2], strict=False):
            if not (name.isascii() and name.isdecimal() and len(name) < 4 and int(name) < 256):
                continue
            index = int(name)
            color = parse_color(value)
            if value == "?":
                self.reply(f"\x1b]4;{index};{format_color(self.colors.rgb(index))}\x1b\\")
            elif color is not None:
                self.colors.palette[index] = color
                self.colors.changed()

    def _reset_palette(self, text: str) -> None:
        """OSC 104: the given entries, or all."""
        if not text:
            self.colors.palette.clear()
        for name in text.split(";")[:MAX_COLORS]:
            if name.isascii() and name.isdecimal() and len(name) < 4:
                self.colors.palette.pop(int(name), None)
        self.colors.changed()

    def _set_dynamic(self, first: int, text: str) -> None:
        """OSC 10, 11, 12: one colour, and further ones for the numbers that follow."""
        for number, value in enumerate(text.split(";")[:3], first):
            name = _DYNAMIC.get(number)
            if name is None:
                return
            color = parse_color(value)
            if value == "?":
                current = getattr(self.colors, name) or getattr(self.colors, f"theme_{name}")
                self.reply(f"\x1b]{number};{format_color(current)}\x1b\\")
            elif color is not None:
                setattr(self.colors, name, color)
                self.colors.changed()

    def _reset_dynamic(self, number: int) -> None:
        setattr(self.colors, _DYNAMIC[number], None)
        self.colors.changed()

    def _set_directory(self, text: str) -> None:
        """OSC 7: the working directory, as the file URI the shell gave."""
        self.directory = _clean(text)[:MAX_DIRECTORY]

    def _set_link(self, text: str) -> None:
        """OSC 8: the text to come is a link, or no longer one."""
        _, _, uri = text.partition(";")
        link = _clean(uri, MAX_LINK + 1)
        kept = link if 0 < len(link) <= MAX_LINK else None
        self.restyle(lambda style: style._replace(link=kept))

    def _set_clipboard(self, text: str) -> None:
        """OSC 52: kept for whoever may act on it. A question mark asks what the clipboard holds,
        and is never answered."""
        selection, _, encoded = text.partition(";")
        if encoded == "?":
            return
        try:
            data = base64.b64decode(encoded, validate=True)
        except (binascii.Error, ValueError):
            self.unknown_sequence("OSC 52 without base64")
            return
        self.clipboard = [*self.clipboard, ClipboardRequest(_clean(selection)[:8], data)]
        self.clipboard = self.clipboard[-MAX_CLIPBOARD:]

    def _mark_zone(self, text: str) -> None:
        """OSC 133: where prompt, input and output begin, and how a command ended."""
        kind, _, rest = text.partition(";")
        if kind not in _ZONES:
            return
        self.shell.zone = _ZONES[kind]
        line = self.grid[self.cursor.y]
        if kind == "A" or (kind == "C" and not line.mark):
            line.mark = _ZONES[kind]
        if kind == "D":
            code = rest.partition(";")[0]
            is_number = code.isascii() and code.isdecimal() and len(code) < 6
            self.shell.exit_code = int(code) if is_number else None


def _clean(text: str, length: int = MAX_TITLE) -> str:
    return "".join(char for char in text[:length] if char >= " " and not "\x7f" <= char <= "\x9f")
