"""A palette: the colours of the dashboard and of the terminal in it, read from a TOML file."""

from __future__ import annotations

import functools
from importlib import resources

import msgspec
import tomli
from textual.theme import Theme

DEFAULT_THEME = "exectop-dark"


class TerminalColors(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What "default", the cursor and the palette indices 0 to 15 look like, as "#rrggbb"."""

    foreground: str
    background: str
    cursor: str
    ansi: list[str]

    def __post_init__(self) -> None:
        if len(self.ansi) != 16:
            raise ValueError("a terminal has 16 colours")


class BaseColors(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The base colours that Textual derives all others from."""

    primary: str
    secondary: str
    accent: str
    success: str
    warning: str
    error: str
    foreground: str
    background: str
    surface: str
    panel: str


class Palette(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One theme of ours, as its file says it."""

    name: str
    dark: bool
    colors: BaseColors
    variables: dict[str, str]
    terminal: TerminalColors

    def to_textual(self) -> Theme:
        """The same palette as Textual knows it."""
        return Theme(
            name=self.name,
            dark=self.dark,
            variables=dict(self.variables),
            **msgspec.structs.asdict(self.colors),
        )


@functools.cache
def load_palettes() -> dict[str, Palette]:
    """All palettes that come with the program, by name."""
    found: dict[str, Palette] = {}
    for file in sorted(
        resources.files("themes").joinpath("palettes").iterdir(), key=lambda entry: entry.name
    ):
        if file.name.endswith(".toml"):
            palette = msgspec.convert(tomli.loads(file.read_text("utf-8")), Palette)
            found[palette.name] = palette
    return found


def terminal_colors(palettes: dict[str, Palette], theme: Theme) -> TerminalColors | None:
    """The terminal's colours under `theme`: ours, or fitting ones for one of Textual's themes.

    None means: leave the palette to the terminal the program runs in (Textual's "ansi" themes).
    """
    if theme.ansi:
        return None
    if theme.name in palettes:
        return palettes[theme.name].terminal
    ours = palettes["exectop-dark" if theme.dark else "exectop-light"].terminal
    system = theme.to_color_system().generate()
    return msgspec.structs.replace(
        ours, foreground=opaque(system["foreground"]), background=opaque(system["background"])
    )


def opaque(color: str) -> str:
    """A colour as "#rrggbb", without an alpha channel."""
    return color[:7] if color.startswith("#") and len(color) >= 7 else "#808080"
