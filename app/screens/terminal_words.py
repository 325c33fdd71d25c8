"""What the lines around the terminals say: tabs, flags, sizes, and which keys to press."""

from __future__ import annotations

from collections.abc import Mapping

from app.attachment import Phase
from app.screens.pane import Pane
from app.tab import Tab
from app.workspace import Workspace
from widgets.status_line import Part
from widgets.tab_bar import TabLabel
from widgets.terminal_copy import CopyMode
from widgets.wording import printable

UNREAD, RANG, ENDED, MARKED, BROADCAST = "•", "!", "■", "◆", "⇉"


def tab_labels(workspace: Workspace, panes: Mapping[int, Pane]) -> list[TabLabel]:
    """One label for each tab, named after its active terminal."""
    numbered = len(workspace.tabs) > 1
    return [
        _tab_label(tab, panes, index if numbered else None, front=tab is workspace.tab)
        for index, tab in enumerate(workspace.tabs)
        if all(number in panes for number in tab.numbers)
    ]


def _tab_label(tab: Tab, panes: Mapping[int, Pane], index: int | None, *, front: bool) -> TabLabel:
    pane = panes[tab.active]
    hidden = [panes[each] for each in tab.numbers if not (front and each in tab.shown)]
    flags = "".join(
        flag
        for flag, raised in (
            (RANG, any(each.rang for each in hidden)),
            (UNREAD, any(each.unread for each in hidden)),
            (ENDED, any(each.attachment.phase is Phase.ENDED for each in hidden)),
        )
        if raised
    )
    number = "" if index is None else f"{index + 1} "
    more = f" +{len(tab.numbers) - 1}" if len(tab.numbers) > 1 else ""
    look = "brand" if front else ("accent" if flags else "muted")
    if any(panes[each].flashing for each in tab.numbers):
        look = "flash"
    name = number + printable(pane.attachment.label) + more
    return TabLabel(name, title_of(pane), flags, look, front)


def title_of(pane: Pane) -> str:
    """What the program calls itself, or its command, and what it is waiting for."""
    attachment = pane.attachment
    title = printable(attachment.terminal.title or attachment.title)
    if attachment.phase is not Phase.LIVE and not attachment.is_over:
        title += f"  {attachment.phase.value} …"
    return title if attachment.tty else f"{title}  no tty"


def pane_words(workspace: Workspace, pane: Pane) -> tuple[tuple[Part, ...], tuple[Part, ...]]:
    """What the line above one of several terminals says, left and right."""
    number = pane.number
    active = number == workspace.active
    look = "flash" if pane.flashing else ("brand" if active else "muted")
    left: list[Part] = [(f" {printable(pane.attachment.label)} ", look)]
    if number in workspace.marked:
        left.insert(0, (f" {MARKED}", "alarm" if workspace.broadcasting else "warn"))
    left.append((f" {title_of(pane)}", "strong" if active else "muted"))
    right = scroll_parts(pane)
    if number in workspace.receivers and len(workspace.receivers) > 1:
        right = ((f" {BROADCAST} ", "alarm"), *right)
    return tuple(left), (*right, size_part(pane))


def scroll_parts(pane: Pane) -> tuple[Part, ...]:
    """How far one has looked back."""
    scrolled = pane.view.look.scrolled
    return ((f"  ↑ {scrolled} lines  ", "accent"),) if scrolled else ()


def size_part(pane: Pane) -> Part:
    """The size that the program sees."""
    size = pane.attachment.size
    return f"  {size.columns}x{size.rows} ", "muted"


def copy_parts(copy: CopyMode) -> tuple[Part, ...]:
    """Where one is in copy mode, what was found, and which keys there are."""
    parts: list[Part] = [(" copy ", "flash"), (f" ↑ {copy.rows.top - copy.top} ", "muted")]
    if copy.search is not None and copy.search.pattern:
        found = len(copy.search)
        if copy.hit is not None:
            parts.append((f" {copy.hit + 1} of {found} ", "accent"))
        else:
            parts.append((" not found ", "bad"))
    for key, does in (("v", "select"), ("y", "copy"), ("/", "search"), ("q", "back")):
        parts += [(f" {key} ", "key"), (does, "muted")]
    return (*parts, (" ", ""))


def prompt_parts(copy: CopyMode) -> tuple[Part, ...]:
    """The pattern as it is typed."""
    return (
        (" search ", "flash"),
        (f" {copy.prompt or ''}", "strong"),
        ("▏", "accent"),
        ("  enter keeps it, then n and N · esc forgets it", "muted"),
    )


class Hints:
    """The words for the keys that are not the program's."""

    def __init__(self, prefix: str, detach: str) -> None:
        self.prefix = prefix
        self._detach = detach

    def parts(self, *, holds: bool) -> tuple[Part, ...]:
        """How to get to our commands, and how to leave."""
        if holds:
            first, _, rest = self._detach.partition(" ")
            return ((f" {first} … {rest} detaches ", "accent"),)
        parts: list[Part] = []
        for keys, does in ((self.prefix, "commands"), (self._detach, "detaches")):
            if keys:
                parts += [(f" {keys} ", "key"), (f"{does} ", "muted")]
        return tuple(parts)


def head_right(
    workspace: Workspace, pane: Pane | None, hints: Hints, *, holds: bool
) -> tuple[Part, ...]:
    """The right end of the line above everything."""
    parts: list[Part] = []
    receivers = len(workspace.receivers)
    if receivers > 1:
        parts.append((f" {BROADCAST} typing into {receivers} terminals ", "alarm"))
    elif workspace.broadcasting:
        parts.append((f" {BROADCAST} broadcast, but not from here ", "warn"))
    tab = workspace.tab
    if tab is not None and tab.zoomed:
        parts.append((f"  1 of {len(tab.numbers)}, zoomed ", "accent"))
    if pane is None:
        return tuple(parts)
    if pane.clipboard.wish is not None:
        parts += [(" wants to set the clipboard: ", "warn"), (f"{hints.prefix} y ", "key")]
        parts.append(("allows ", "muted"))
        return tuple(parts)
    if pane.view.copy is not None:
        return (*parts, *copy_parts(pane.view.copy))
    if tab is not None and len(tab.shown) == 1:
        parts += [*scroll_parts(pane), size_part(pane)]
    return (*parts, *(() if pane.attachment.is_over else hints.parts(holds=holds)))
