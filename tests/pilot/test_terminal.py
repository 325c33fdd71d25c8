"""The terminal screen: what is typed arrives, what is printed is seen, leaving leaves."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from textual import events

from app import output_pump
from app.attachment import Phase
from app.dashboard import ExecTop
from app.screens import terminal as terminal_module
from app.screens.terminal import TerminalScreen
from app.viewer import WINDOW
from runtime.errors import NoShellError, SessionStateError
from runtime.model import CaughtUp, Ended, Output, SizeChanged, TerminalSize
from widgets.container_table import ContainerTable
from widgets.session_table import SessionTable
from widgets.status_line import StatusLine
from widgets.terminal import TerminalView

MakeApp = Callable[..., ExecTop]

DETACH = ("ctrl+p", "ctrl+q")


def screen_text(app: ExecTop) -> str:
    """What the terminal shows."""
    rows = app.screen.query_one(TerminalView).terminal.rows()
    return "\n".join("".join(row).rstrip() for row in rows).rstrip()


def head(app: ExecTop) -> str:
    """What the line above the terminal says."""
    return app.screen.query_one("#terminal-head", StatusLine).text


@pytest.fixture
def open_shell(engine: Any, wait_until: Any) -> Any:
    """A function that opens a shell by keys and gives the double's attachment."""

    async def opened(app: ExecTop, pilot: Any) -> Any:
        await wait_until(lambda: app.screen.query_one(ContainerTable).rows)
        await pilot.press("s")
        await wait_until(lambda: isinstance(app.screen, TerminalScreen))
        await wait_until(lambda: engine.attachments)
        await wait_until(lambda: app.screen.attachment.phase is Phase.LIVE)  # type: ignore[attr-defined]
        return list(engine.attachments.values())[-1]

    return opened


@pytest.fixture(autouse=True)
def one_container(engine: Any) -> Any:
    """All tests here have one running container."""
    return engine.add_container("web")


async def test_a_shell_opens_in_the_size_of_the_widget(
    engine: Any, make_app: MakeApp, open_shell: Any, wait_until: Any
) -> None:
    app = make_app()
    async with app.run_test(size=(90, 30)) as pilot:
        await open_shell(app, pilot)
        ((_, size),) = engine.called("exec_start_and_attach")
        assert size == TerminalSize(rows=29, columns=90)
        ((name, config),) = engine.called("exec_create")
        assert name == "web"
        assert config.command == ["/bin/sh"]
        assert config.terminal and config.attach_stdin
        await wait_until(lambda: screen_text(app) == "/ #")
        assert "web" in head(app)
        assert "90x29" in head(app)
        assert "ctrl-p ctrl-q detaches" in head(app)


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("a", b"a"),
        ("enter", b"\r"),
        ("tab", b"\t"),
        ("shift+tab", b"\x1b[Z"),
        ("ctrl+c", b"\x03"),
        ("ctrl+q", b"\x11"),
        ("ctrl+d", b"\x04"),
        ("ctrl+r", b"\x12"),
        ("escape", b"\x1b"),
        ("f1", b"\x1bOP"),
        ("f5", b"\x1b[15~"),
        ("alt+b", b"\x1bb"),
        ("up", b"\x1b[A"),
        ("question_mark", b"?"),
        ("slash", b"/"),
        ("q", b"q"),
        ("colon", b":"),
        ("delete", b"\x1b[3~"),
        ("backspace", b"\x7f"),
    ],
)
async def test_every_key_reaches_the_program(
    make_app: MakeApp, open_shell: Any, wait_until: Any, key: str, expected: bytes
) -> None:
    app = make_app()
    async with app.run_test() as pilot:
        session = await open_shell(app, pilot)
        await pilot.press(key)
        await wait_until(lambda: session.written)
        assert bytes(session.written) == expected
        assert isinstance(app.screen, TerminalScreen)


async def test_application_cursor_keys_follow_the_mode(
    make_app: MakeApp, open_shell: Any, wait_until: Any
) -> None:
    app = make_app()
    async with app.run_test() as pilot:
        session = await open_shell(app, pilot)
        session.print(b"\x1b[?1h")
        view = app.screen.query_one(TerminalView)
        await wait_until(lambda: view.terminal.modes.application_cursor)
        await pilot.press("up")
        await wait_until(lambda: session.written == b"\x1bOA")


async def test_a_held_ctrl_p_is_shown_and_then_delivered(
    make_app: MakeApp, open_shell: Any, wait_until: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(terminal_module, "HOLD_BACK", 0.3)
    app = make_app()
    async with app.run_test() as pilot:
        session = await open_shell(app, pilot)
        await pilot.press("ctrl+p")
        await wait_until(lambda: "ctrl-p … ctrl-q detaches" in head(app))
        assert session.written == b""
        await wait_until(lambda: session.written == b"\x10")
        assert "ctrl-p …" not in head(app)
        await pilot.press("ctrl+p", "x")
        await wait_until(lambda: session.written == b"\x10\x10x")


async def test_detach_keys_leave_the_session_running(
    engine: Any, make_app: MakeApp, open_shell: Any, wait_until: Any
) -> None:
    app = make_app()
    async with app.run_test() as pilot:
        session = await open_shell(app, pilot)
        await pilot.press("l", "s", *DETACH)
        await wait_until(lambda: app.screen.id == "main")
        assert session.closed
        assert session.written == b"ls"
        table = app.screen.query_one(SessionTable)
        await wait_until(lambda: table.selected_key == session.session_id)
        assert app.focused is table
        assert engine.list_of_sessions[0].state.value == "running"


async def test_what_is_typed_before_the_start_arrives(
    engine: Any, make_app: MakeApp, wait_until: Any
) -> None:
    engine.start_gate = asyncio.Event()
    app = make_app()
    async with app.run_test() as pilot:
        await wait_until(lambda: app.screen.query_one(ContainerTable).rows)
        await pilot.press("s")
        await wait_until(lambda: engine.called("exec_start_and_attach"))
        assert "starting" in head(app)
        await pilot.press("l", "s", "enter")
        engine.let_start()
        await wait_until(lambda: engine.attachments)
        (session,) = engine.attachments.values()
        await wait_until(lambda: session.written == b"ls\r")


async def test_a_start_that_hangs_can_be_left(
    engine: Any, make_app: MakeApp, wait_until: Any
) -> None:
    engine.start_gate = asyncio.Event()
    app = make_app()
    async with app.run_test() as pilot:
        await wait_until(lambda: app.screen.query_one(ContainerTable).rows)
        await pilot.press("s")
        await wait_until(lambda: engine.called("exec_start_and_attach"))
        await pilot.press(*DETACH)
        await wait_until(lambda: app.screen.id == "main")
        engine.let_start()
        await wait_until(lambda: engine.attachments)
        (session,) = engine.attachments.values()
        await wait_until(lambda: session.closed)
        await wait_until(lambda: app.screen.query_one(SessionTable).rows)
        assert engine.list_of_sessions[0].state.value == "running"


async def test_other_detach_keys_and_none(
    make_app: MakeApp, open_shell: Any, wait_until: Any
) -> None:
    app = make_app(detach_keys="")
    async with app.run_test() as pilot:
        session = await open_shell(app, pilot)
        await pilot.press(*DETACH)
        await wait_until(lambda: session.written == b"\x10\x11")
        assert isinstance(app.screen, TerminalScreen)
        assert "detaches" not in head(app)


async def test_detach_keys_work_in_any_keyboard_mode(
    make_app: MakeApp, open_shell: Any, wait_until: Any
) -> None:
    app = make_app()
    async with app.run_test() as pilot:
        session = await open_shell(app, pilot)
        session.print(b"\x1b[>4;2m")
        view = app.screen.query_one(TerminalView)
        await wait_until(lambda: view.terminal.modes.modify_other_keys == 2)
        await pilot.press(*DETACH)
        await wait_until(lambda: app.screen.id == "main")


async def test_coming_back_replays_the_screen(
    engine: Any, one_container: Any, make_app: MakeApp, wait_until: Any
) -> None:
    session = engine.add_session(one_container, ["vi"])
    engine.replay = [
        SizeChanged(size=TerminalSize(rows=10, columns=40)),
        Output(data=b"\x1b[6n\x07" + b"wrapped " * 6, replay=True),
        SizeChanged(size=TerminalSize(rows=12, columns=60)),
        Output(data=b"\r\nlast\x1b[5n", replay=True),
        CaughtUp(),
        Output(data=b" live\x1b[6n"),
    ]
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(lambda: len(app.screen.query_one(SessionTable).rows) == 1)
        await pilot.press("tab", "enter")
        await wait_until(lambda: isinstance(app.screen, TerminalScreen))
        await wait_until(lambda: screen_text(app).endswith("last live"))
        view = app.screen.query_one(TerminalView)
        assert (view.terminal.columns, view.terminal.lines) == (80, 23)
        assert screen_text(app).startswith("wrapped wrapped")
        attached = engine.attachments[session.id]
        await wait_until(lambda: attached.written)
        # Only the live query is answered, at the size there is now.
        assert bytes(attached.written).startswith(b"\x1b[")
        assert attached.written.count(b"R") == 1
        assert b"\x1b[0n" not in attached.written
        await wait_until(lambda: engine.called("exec_resize"))
        assert engine.called("exec_resize") == [(session.id, TerminalSize(rows=23, columns=80))]


async def test_a_resize_reaches_the_session(
    engine: Any, make_app: MakeApp, open_shell: Any, wait_until: Any
) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        session = await open_shell(app, pilot)
        await pilot.resize_terminal(100, 40)
        await wait_until(lambda: engine.called("exec_resize"))
        assert engine.called("exec_resize")[-1] == (
            session.session_id,
            TerminalSize(rows=39, columns=100),
        )
        view = app.screen.query_one(TerminalView)
        assert (view.terminal.columns, view.terminal.lines) == (100, 39)
        assert "100x39" in head(app)


async def test_the_end_stays_readable(
    engine: Any, make_app: MakeApp, open_shell: Any, wait_until: Any
) -> None:
    app = make_app()
    async with app.run_test() as pilot:
        session = await open_shell(app, pilot)
        session.print(b"last words")
        session.emit(Ended(exit_code=3))
        foot = app.screen.query_one("#terminal-foot", StatusLine)
        await wait_until(lambda: foot.display)
        assert "exited with code 3" in foot.text
        assert "last words" in screen_text(app)
        await pilot.press("x")
        assert isinstance(app.screen, TerminalScreen), "typed ahead, not meant for us"
        await pilot.pause(terminal_module.GRACE)
        await pilot.press("x")
        await wait_until(lambda: app.screen.id == "main")
        assert session.written == b""
        assert session.closed


async def test_a_shell_that_cannot_start_is_a_toast(
    engine: Any, make_app: MakeApp, wait_until: Any
) -> None:
    engine.errors["find_shell"] = NoShellError("no shell in web", hint="use e for a command")
    app = make_app()
    async with app.run_test(notifications=True) as pilot:
        await wait_until(lambda: app.screen.query_one(ContainerTable).rows)
        await pilot.press("s")
        await wait_until(lambda: len(app._notifications) > 0)
        await wait_until(lambda: app.screen.id == "main")
        (toast,) = app._notifications
        assert toast.message == "no shell in web\nuse e for a command"
        assert toast.severity == "error"


async def test_what_never_started_leaves_no_record(
    engine: Any, make_app: MakeApp, wait_until: Any
) -> None:
    engine.errors["exec_start_and_attach"] = SessionStateError("the container just died")
    app = make_app()
    async with app.run_test(notifications=True) as pilot:
        await wait_until(lambda: app.screen.query_one(ContainerTable).rows)
        await pilot.press("s")
        await wait_until(lambda: engine.called("exec_remove"))
        await wait_until(lambda: len(app._notifications) > 0)
        assert engine.list_of_sessions == []


async def test_a_paste_is_bracketed_and_no_detach_keys_are_seen_in_it(
    make_app: MakeApp, open_shell: Any, wait_until: Any
) -> None:
    app = make_app()
    async with app.run_test() as pilot:
        session = await open_shell(app, pilot)
        session.print(b"\x1b[?2004h")
        view = app.screen.query_one(TerminalView)
        await wait_until(lambda: view.terminal.modes.bracketed_paste)
        app.post_message(events.Paste("one\ntwo\x10\x11"))
        await wait_until(lambda: session.written.endswith(b"\x1b[201~"))
        assert session.written.startswith(b"\x1b[200~one\rtwo")
        assert isinstance(app.screen, TerminalScreen)


async def test_the_mouse_is_reported_to_programs_that_ask(
    make_app: MakeApp, open_shell: Any, wait_until: Any
) -> None:
    app = make_app()
    async with app.run_test() as pilot:
        session = await open_shell(app, pilot)
        await pilot.click(TerminalView, offset=(4, 2))
        session.print(b"\x1b[?1000h\x1b[?1006h")
        view = app.screen.query_one(TerminalView)
        await wait_until(lambda: view.terminal.modes.mouse_tracking == "normal")
        assert session.written == b""
        await pilot.click(TerminalView, offset=(4, 2))
        await wait_until(lambda: session.written == b"\x1b[<0;5;3M\x1b[<0;5;3m")


async def test_focus_is_told_to_programs_that_ask(
    make_app: MakeApp, open_shell: Any, wait_until: Any
) -> None:
    app = make_app()
    async with app.run_test() as pilot:
        session = await open_shell(app, pilot)
        session.print(b"\x1b[?1004h")
        view = app.screen.query_one(TerminalView)
        await wait_until(lambda: view.terminal.modes.focus_events)
        app.post_message(events.AppBlur())
        await wait_until(lambda: session.written == b"\x1b[O")
        app.post_message(events.AppFocus())
        await wait_until(lambda: session.written == b"\x1b[O\x1b[I")


async def test_looking_back_and_forward(
    make_app: MakeApp, open_shell: Any, wait_until: Any
) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        session = await open_shell(app, pilot)
        session.print(b"".join(b"line %d\r\n" % number for number in range(100)))
        view = app.screen.query_one(TerminalView)
        await wait_until(lambda: view.terminal.history_length > 70)
        await pilot.press("shift+pageup")
        assert view.scrolled == 22
        await wait_until(lambda: "↑ 22 lines" in head(app))
        top = view.render_line(0).text
        session.print(b"more\r\n" * 3)
        await wait_until(lambda: view.scrolled == 25)
        assert view.render_line(0).text == top, "what one reads stays where it is"
        await pilot.press("a")
        assert view.scrolled == 0
        assert session.written == b"a"


async def test_selected_text_is_copied(make_app: MakeApp, open_shell: Any, wait_until: Any) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        session = await open_shell(app, pilot)
        session.print(b"\rhello world\r\nsecond line")
        await wait_until(lambda: "second line" in screen_text(app))
        await pilot.mouse_down(TerminalView, offset=(6, 0))
        await pilot.hover(TerminalView, offset=(5, 1))
        await pilot.mouse_up(TerminalView, offset=(5, 1))
        await wait_until(lambda: app.clipboard == "world\nsecond")
        assert session.written == b""


async def test_a_program_may_set_the_clipboard_but_not_in_a_replay(
    engine: Any, one_container: Any, make_app: MakeApp, wait_until: Any
) -> None:
    engine.add_session(one_container, ["vi"])
    engine.replay = [Output(data=b"\x1b]52;c;b2xk\x07old", replay=True), CaughtUp()]
    app = make_app()
    async with app.run_test() as pilot:
        await wait_until(lambda: len(app.screen.query_one(SessionTable).rows) == 1)
        await pilot.press("a")
        await wait_until(lambda: isinstance(app.screen, TerminalScreen))
        await wait_until(lambda: screen_text(app) == "old")
        assert app.clipboard == ""
        (attached,) = engine.attachments.values()
        attached.print(b"\x1b]52;c;bmV3\x07")
        await wait_until(lambda: app.clipboard == "new")


async def test_where_output_is_missing_the_program_is_made_to_draw_anew(
    engine: Any, one_container: Any, make_app: MakeApp, wait_until: Any
) -> None:
    session = engine.add_session(one_container, ["vi"])
    engine.replay = [CaughtUp(truncated=True)]
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(lambda: len(app.screen.query_one(SessionTable).rows) == 1)
        await pilot.press("a")
        await wait_until(lambda: len(engine.called("exec_resize")) > 1)
        sizes = [size.rows for _, size in engine.called("exec_resize")]
        assert sizes[-2:] == [24, 23]
        assert {each for each, _ in engine.called("exec_resize")} == {session.id}


async def test_a_flood_is_bounded_and_keys_stay_alive(
    engine: Any,
    make_app: MakeApp,
    open_shell: Any,
    wait_until: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app = make_app()
    async with app.run_test() as pilot:
        session = await open_shell(app, pilot)
        chunk = b"0123456789abcdef" * 500 + b"\r\n"
        pump = app._pump
        monkeypatch.setattr(pump, "run", lambda: None)
        chunks = 4 * WINDOW // len(chunk)
        session.emit(*[Output(data=chunk) for _ in range(chunks)])
        attachment = app.screen.attachment  # type: ignore[attr-defined]
        await wait_until(lambda: attachment.has_work)
        await pilot.pause(0.3)
        waiting = sum(len(item[0]) for item in attachment._pending if isinstance(item, tuple))
        assert WINDOW <= waiting <= WINDOW + 2 * len(chunk), "the worker stopped pulling"
        assert session.pulled < chunks
        monkeypatch.undo()
        pump.run()
        await pilot.press("ctrl+c")
        await wait_until(lambda: session.written == b"\x03")
        session.print(b"\r\nthe end")
        await wait_until(lambda: screen_text(app).endswith("the end"), timeout=60)
        assert output_pump.BUDGET < 0.02


async def test_a_session_without_terminal(
    engine: Any, one_container: Any, make_app: MakeApp, wait_until: Any
) -> None:
    session = engine.add_session(one_container, ["cat"], tty=False)
    engine.replay = [CaughtUp(), Output(data=b"one\ntwo\n")]
    app = make_app()
    async with app.run_test() as pilot:
        await wait_until(lambda: len(app.screen.query_one(SessionTable).rows) == 1)
        await pilot.press("tab", "enter")
        await wait_until(lambda: isinstance(app.screen, TerminalScreen))
        await wait_until(lambda: screen_text(app) == "one\ntwo")
        await pilot.press("h", "o", "backspace", "i", "enter")
        attached = engine.attachments[session.id]
        await wait_until(lambda: attached.written == b"hi\n")
        await wait_until(lambda: screen_text(app) == "one\ntwo\nhi")
        await pilot.press("ctrl+d")
        await wait_until(lambda: attached.stdin_closed)
        assert engine.called("exec_resize") == []
