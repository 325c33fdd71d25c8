"""A terminal emulator on pyte: pure, without a window, input or output of its own."""

from widgets.vt.cells import Cell, Style
from widgets.vt.colors import Color, Colors
from widgets.vt.cursor import Cursor
from widgets.vt.line import Line
from widgets.vt.modes import Modes
from widgets.vt.osc import ClipboardRequest, ShellIntegration
from widgets.vt.pens import Pen
from widgets.vt.terminal import Terminal

__all__ = [
    "Cell",
    "ClipboardRequest",
    "Color",
    "Colors",
    "Cursor",
    "Line",
    "Modes",
    "Pen",
    "ShellIntegration",
    "Style",
    "Terminal",
]
