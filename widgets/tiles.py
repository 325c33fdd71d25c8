"""The area that terminals share: children are placed as a `Tiling` says."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from rich.segment import Segment
from textual.geometry import NULL_OFFSET, NULL_SPACING, Region, Size
from textual.layout import ArrangeResult, Layout, WidgetPlacement
from textual.strip import Strip
from textual.widget import Widget

from widgets.tiling import Place

Arrange = Callable[[int, int], dict[int, Place]]
"""Where each tile is in an area of that width and height; a tile without a place is hidden."""


class Tile(Widget):
    """Something with a number that a tiling knows it by."""

    def __init__(self, number: int) -> None:
        super().__init__(id=f"tile-{number}")
        self.number = number


class _TilesLayout(Layout):
    name = "tiles"

    def arrange(
        self,
        parent: Widget,
        children: list[Widget],
        size: Size,
        greedy: bool = True,  # noqa: ARG002 - Textual's signature
    ) -> ArrangeResult:
        """Place the children that have a place; the others are not shown."""
        if not isinstance(parent, Tiles):
            return []
        places = parent.places(size)
        return [
            WidgetPlacement(_region(places[child.number]), NULL_OFFSET, NULL_SPACING, child)
            for child in children
            if isinstance(child, Tile) and child.number in places
        ]


def _region(place: Place) -> Region:
    return Region(place.x, place.y, place.width, place.height)


class Tiles(Widget):
    """Holds all tiles of all tabs, and shows those of one tab."""

    ALLOW_SELECT = False
    DEFAULT_CSS = "Tiles { width: 1fr; height: 1fr; }"
    COMPONENT_CLASSES: ClassVar[set[str]] = {"tiles--divider"}
    _LAYOUT = _TilesLayout()

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._arrange: Arrange | None = None

    @property
    def layout(self) -> Layout:
        """The tiling decides, whatever a stylesheet says."""
        return self._LAYOUT

    def show(self, arrange: Arrange) -> None:
        """Place tiles by this arrangement, and reveal those that have a place."""
        self._arrange = arrange
        for tile in self.query_children(Tile):
            if tile.number in self.places(self.size):
                tile.display = True
                # From below, as Textual keeps a container's own arrangement otherwise.
                tile.refresh(layout=True)
        self.refresh()

    def hide_others(self) -> None:
        """Hide the tiles that have no place. Apart from `show`, so that the focus can move first:
        a widget that is hidden while it has it gives it to whatever comes next."""
        for tile in self.query_children(Tile):
            if tile.number not in self.places(self.size):
                tile.display = False

    def places(self, size: Size) -> dict[int, Place]:
        """Where the shown tiles are."""
        return {} if self._arrange is None else self._arrange(size.width, size.height)

    def render_line(self, _y: int) -> Strip:
        """What no tile covers is a divider between two of them."""
        width = self.size.width
        if not self.children:
            return Strip.blank(width, self.rich_style)
        style = self.get_component_rich_style("tiles--divider")
        return Strip([Segment("│" * width, style)], width)
