"""Every screen as a picture. `--snapshot-update` takes new ones: look at them first."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from textual import events
from textual.pilot import Pilot
from textual.widgets import Input, TextArea

from app.attachment import Phase
from app.dashboard import ExecTop
from app.screens.terminal import TerminalScreen
from runtime.model import Ended, StopStep
from tests.pilot.looking import PREFIX, active_view
from widgets.session_table import SessionTable

SMALL, WIDE = (80, 24), (150, 40)
SIZES = pytest.mark.parametrize("size", [SMALL, WIDE], ids=["80x24", "150x40"])

Before = Callable[[Pilot[Any]], Awaitable[None]]
MakeApp = Callable[..., ExecTop]

LISTING = (
    b"\x1b[1;32mroot@postgres\x1b[0m:\x1b[1;34m/\x1b[0m# ls --color\r\n"
    b"\x1b[1;34mbin\x1b[0m  \x1b[1;36mlib64\x1b[0m  \x1b[30;42mtmp\x1b[0m  run.sh\r\n"
    b"\x1b[38;5;208m256\x1b[0m \x1b[38;2;200;120;250mtrue\x1b[0m \x1b[7mreverse\x1b[0m "
    b"\x1b[4munder\x1b[0m \x1b[9mstrike\x1b[0m \xe6\xbc\xa2\xe5\xad\x97 ok\r\n"
    b"\x1b[1;32mroot@postgres\x1b[0m:\x1b[1;34m/\x1b[0m# "
)


@pytest.fixture
def listed(wait_until: Any) -> Before:
    """Waits until the lists are filled."""

    async def before(pilot: Pilot[Any]) -> None:
        await wait_until(lambda: any(table.rows for table in pilot.app.query(SessionTable)))
        await pilot.pause()

    return before


@pytest.fixture
def in_shell(furnished: Any, listed: Before, wait_until: Any) -> Before:
    """Opens a shell that has printed something."""

    async def before(pilot: Pilot[Any]) -> None:
        furnished.greeting = LISTING
        await listed(pilot)
        await pilot.press("enter")
        await wait_until(lambda: isinstance(pilot.app.screen, TerminalScreen))
        app, screen = pilot.app, pilot.app.screen
        assert isinstance(app, ExecTop) and isinstance(screen, TerminalScreen)
        await wait_until(lambda: screen.attachment.phase is Phase.LIVE)
        terminal = active_view(app).terminal
        await wait_until(lambda: terminal.cursor.row == 3)
        await pilot.pause()

    return before


@SIZES
def test_lists(
    furnished: Any, make_app: MakeApp, listed: Before, snap_compare: Any, size: tuple[int, int]
) -> None:
    assert snap_compare(make_app(), terminal_size=size, run_before=listed)


@SIZES
def test_sessions_with_a_stop_under_way(
    furnished: Any, make_app: MakeApp, listed: Before, snap_compare: Any, size: tuple[int, int]
) -> None:
    async def before(pilot: Pilot[Any]) -> None:
        await listed(pilot)
        app = pilot.app
        assert isinstance(app, ExecTop)
        first = furnished.list_of_sessions[0].id
        step = StopStep(session_id=first, phase="term", timeout=10.0, remaining=4.0)
        app.stops.take(step)
        await pilot.press("tab")
        await pilot.pause(0.2)

    assert snap_compare(make_app(), terminal_size=size, run_before=before)


@SIZES
def test_an_empty_host(
    engine: Any, make_app: MakeApp, wait_until: Any, snap_compare: Any, size: tuple[int, int]
) -> None:
    async def before(pilot: Pilot[Any]) -> None:
        await wait_until(lambda: len(engine.called("overview")) > 1)
        await pilot.pause()

    assert snap_compare(make_app(), terminal_size=size, run_before=before)


@SIZES
def test_a_shell(
    furnished: Any, make_app: MakeApp, in_shell: Before, snap_compare: Any, size: tuple[int, int]
) -> None:
    assert snap_compare(make_app(), terminal_size=size, run_before=in_shell)


def test_an_ended_session(
    furnished: Any, make_app: MakeApp, in_shell: Before, wait_until: Any, snap_compare: Any
) -> None:
    async def before(pilot: Pilot[Any]) -> None:
        await in_shell(pilot)
        (attachment,) = furnished.attachments.values()
        attachment.emit(Ended(exit_code=3))
        await wait_until(lambda: pilot.app.screen.query_one("#pane-foot").display)
        await pilot.pause()

    assert snap_compare(make_app(), run_before=before)


@SIZES
def test_the_form(
    furnished: Any, make_app: MakeApp, listed: Before, snap_compare: Any, size: tuple[int, int]
) -> None:
    async def before(pilot: Pilot[Any]) -> None:
        await listed(pilot)
        await pilot.press("e")
        for box in pilot.app.screen.query(Input):
            box.cursor_blink = False
        pilot.app.screen.query_one(TextArea).cursor_blink = False
        await pilot.press(*"env", "tab", "tab", "tab", *"BAD LINE", "ctrl+s")
        await pilot.pause()

    assert snap_compare(make_app(), terminal_size=size, run_before=before)


def test_a_question(furnished: Any, make_app: MakeApp, listed: Before, snap_compare: Any) -> None:
    async def before(pilot: Pilot[Any]) -> None:
        await listed(pilot)
        await pilot.press("tab", "ctrl+d")
        await pilot.pause()

    assert snap_compare(make_app(), run_before=before)


@SIZES
def test_the_help(
    furnished: Any, make_app: MakeApp, listed: Before, snap_compare: Any, size: tuple[int, int]
) -> None:
    async def before(pilot: Pilot[Any]) -> None:
        await listed(pilot)
        await pilot.press("question_mark")
        await pilot.pause()

    assert snap_compare(make_app(), terminal_size=size, run_before=before)


@pytest.mark.parametrize("theme", ["exectop-light", "exectop-contrast"])
def test_other_palettes(
    furnished: Any, make_app: MakeApp, listed: Before, snap_compare: Any, theme: str
) -> None:
    async def before(pilot: Pilot[Any]) -> None:
        await listed(pilot)
        await pilot.press("tab")
        await pilot.pause()

    assert snap_compare(make_app(theme=theme), terminal_size=(110, 30), run_before=before)


@pytest.fixture
def in_splits(furnished: Any, in_shell: Before, wait_until: Any) -> Before:
    """Three terminals in one tab, one in another that printed unseen; broadcast in the first."""

    async def before(pilot: Pilot[Any]) -> None:
        await in_shell(pilot)
        for number, key in ((2, "percent_sign"), (3, "quotation_mark"), (4, "c")):
            await pilot.press(PREFIX, key)
            await wait_until(lambda number=number: len(furnished.attachments) == number)
        await pilot.press(PREFIX, "1", PREFIX, "left")
        app = pilot.app
        assert isinstance(app, ExecTop)
        sessions = list(furnished.attachments.values())
        sessions[2].print(b"\x1b]2;vim \xe2\x80\x94 notes.md\x07")
        sessions[3].print(b"done\r\n")
        screen = app.terminals.screen
        await wait_until(lambda: screen.panes[4].unread)
        await wait_until(lambda: "notes" in screen.panes[3].head.text)
        await wait_until(lambda: "•" in screen.bar.text)
        await pilot.pause()

    return before


@SIZES
def test_splits(
    furnished: Any, make_app: MakeApp, in_splits: Before, snap_compare: Any, size: tuple[int, int]
) -> None:
    assert snap_compare(make_app(), terminal_size=size, run_before=in_splits)


def test_a_broadcast(
    furnished: Any, make_app: MakeApp, in_splits: Before, snap_compare: Any
) -> None:
    async def before(pilot: Pilot[Any]) -> None:
        await in_splits(pilot)
        await pilot.press(PREFIX, "m", PREFIX, "o", PREFIX, "m", PREFIX, "b")
        await pilot.pause()

    assert snap_compare(make_app(), terminal_size=(120, 30), run_before=before)


@SIZES
def test_the_keys_after_the_prefix_key(
    furnished: Any, make_app: MakeApp, in_shell: Before, snap_compare: Any, size: tuple[int, int]
) -> None:
    async def before(pilot: Pilot[Any]) -> None:
        await in_shell(pilot)
        await pilot.press(PREFIX)
        await pilot.pause()

    assert snap_compare(make_app(), terminal_size=size, run_before=before)


@SIZES
def test_a_search(
    furnished: Any, make_app: MakeApp, in_shell: Before, snap_compare: Any, size: tuple[int, int]
) -> None:
    async def before(pilot: Pilot[Any]) -> None:
        await in_shell(pilot)
        await pilot.press(PREFIX, "slash", *"root", "enter", "v", "k", "l", "l")
        await pilot.press("slash", *"ls")
        await pilot.pause()

    assert snap_compare(make_app(), terminal_size=size, run_before=before)


def test_a_paste_of_lines(
    furnished: Any, make_app: MakeApp, in_shell: Before, wait_until: Any, snap_compare: Any
) -> None:
    async def before(pilot: Pilot[Any]) -> None:
        await in_shell(pilot)
        pilot.app.post_message(events.Paste("cd /srv\nrm -rf data\n./deploy.sh --now\n"))
        await wait_until(lambda: pilot.app.screen.id == "confirm")
        await pilot.pause()

    assert snap_compare(make_app(), run_before=before)


def test_the_debug_pane(
    furnished: Any, make_app: MakeApp, in_shell: Before, wait_until: Any, snap_compare: Any
) -> None:
    async def before(pilot: Pilot[Any]) -> None:
        await in_shell(pilot)
        (attachment,) = furnished.attachments.values()
        attachment.print(b"\x1b[?2004h\x1b]2;vim\x07" + b"\x1b[?7777h" * 3 + b"\x1b]777;x\x07")
        app = pilot.app
        assert isinstance(app, ExecTop)
        await wait_until(lambda: active_view(app).terminal.unknown == 4)
        await pilot.press(PREFIX, "i")
        await wait_until(lambda: app.screen.id == "report")
        await pilot.pause()

    assert snap_compare(make_app(), terminal_size=(100, 30), run_before=before)
