"""Which theme the app has, and what a terminal looks like under it."""

from __future__ import annotations

from textual.app import App

from themes.palette import DEFAULT_THEME, load_palettes, terminal_colors
from widgets.terminal_paint import TerminalPalette
from widgets.vt import Terminal


class Theming:
    """Registers our palettes with the app, and sets the theme; an unknown name is the default."""

    def __init__(self, app: App[str], theme: str, *, bold_is_bright: bool) -> None:
        self._app = app
        self._bold_is_bright = bold_is_bright
        self._palettes = load_palettes()
        for palette in self._palettes.values():
            app.register_theme(palette.to_textual())
        app.theme = theme if theme in app.available_themes else DEFAULT_THEME

    def terminal_palette(self, terminal: Terminal) -> TerminalPalette:
        """The palette for a terminal; programs that ask for its colours are told these.

        With NO_COLOR there is no palette of ours: colours are what the program printed.
        """
        colors = terminal_colors(self._palettes, self._app.current_theme)
        if colors is None or self._app.no_color:
            return TerminalPalette(native=True, bold_is_bright=self._bold_is_bright)
        palette = TerminalPalette(
            foreground=rgb(colors.foreground),
            background=rgb(colors.background),
            cursor=rgb(colors.cursor),
            ansi=tuple(rgb(color) for color in colors.ansi),
            bold_is_bright=self._bold_is_bright,
        )
        terminal.colors.theme_foreground = palette.foreground
        terminal.colors.theme_background = palette.background
        terminal.colors.theme_cursor = palette.cursor
        return palette


def rgb(color: str) -> tuple[int, int, int]:
    """ "#rrggbb" as three numbers."""
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)
