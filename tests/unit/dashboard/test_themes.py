"""Palettes: complete, and readable."""

from __future__ import annotations

import pytest
from textual.color import Color
from textual.theme import BUILTIN_THEMES

from themes.palette import DEFAULT_THEME, Palette, load_palettes, terminal_colors
from themes.stylesheets import stylesheet_paths

PALETTES = load_palettes()


@pytest.fixture(params=sorted(PALETTES))
def palette(request: pytest.FixtureRequest) -> Palette:
    """Each of ours."""
    return PALETTES[request.param]


def contrast(one: str, other: str) -> float:
    """The contrast of two colours as WCAG 2 defines it."""

    def luminance(color: str) -> float:
        channels = [
            value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
            for value in Color.parse(color).normalized
        ]
        return 0.2126 * channels[0] + 0.7152 * channels[1] + 0.0722 * channels[2]

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_there_is_a_dark_and_a_light_one() -> None:
    assert PALETTES[DEFAULT_THEME].dark
    assert {palette.dark for palette in PALETTES.values()} == {True, False}
    assert all(name == palette.name for name, palette in PALETTES.items())


def test_all_text_can_be_read(palette: Palette) -> None:
    colors, variables = palette.colors, palette.variables
    for name in ("foreground", "primary", "secondary", "accent", "success", "warning", "error"):
        assert contrast(getattr(colors, name), colors.background) >= 4.5, name
        assert contrast(getattr(colors, name), colors.surface) >= 4.5, name
    assert contrast(colors.background, colors.primary) >= 4.5
    cursor = variables["block-cursor-background"]
    for name in ("foreground", "primary", "accent", "success", "warning", "error"):
        assert contrast(getattr(colors, name), cursor) >= 3, name
    assert contrast(variables["block-cursor-foreground"], cursor) >= 4.5


def test_terminal_text_can_be_read(palette: Palette) -> None:
    terminal = palette.terminal
    assert contrast(terminal.foreground, terminal.background) >= 7
    for index in range(1, 7):
        assert contrast(terminal.ansi[index], terminal.background) >= 3.5, index


def test_textual_themes_have_terminals_too() -> None:
    nord = terminal_colors(PALETTES, BUILTIN_THEMES["nord"])
    assert nord is not None
    assert nord.background.lower() == "#2e3440"
    light = terminal_colors(PALETTES, BUILTIN_THEMES["solarized-light"])
    assert light is not None
    assert light.ansi == PALETTES["exectop-light"].terminal.ansi
    assert terminal_colors(PALETTES, BUILTIN_THEMES["ansi-dark"]) is None


def test_the_stylesheets_are_there() -> None:
    assert [path.rsplit("/", 1)[1] for path in stylesheet_paths()] == [
        "10-dashboard.tcss",
        "20-terminal.tcss",
        "30-dialogs.tcss",
    ]
