"""Being attached to a session of podman's beside its owner, and leaving it as it was."""

from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from runtime.engine import Engine
from runtime.errors import SessionStateError, StateError
from runtime.kernel import exit_status
from runtime.kernel.pidfd import send_signal
from runtime.model import CaughtUp, EventName, ExecState, ProcessIdentity, TerminalSize
from runtime.sessions.attachment import AnyAttachment
from tests.engines.podman import Podman
from tests.integration.conftest import InTerminal
from tests.integration.engines.adoption.conftest import StartOwner, wait_all_ended
from tests.integration.engines.adoption.owner import (
    ANSWERS,
    Owner,
    input_closed,
    session_of,
    tag,
)
from tests.integration.layer.conftest import Screenful

Watch = Callable[[AnyAttachment], Screenful]
Keepers = Callable[[], list[ProcessIdentity]]


async def adopt(engine: Engine, watch: Watch, name: str) -> Screenful:
    session = await session_of(engine, name)
    plan = await engine.plan_attach(session.id)
    assert plan.attach.possible
    screen = watch(await engine.attach(session.id))
    await screen.wait_caught_up()
    return screen


async def test_the_owner_and_we_see_what_either_types(
    engine: Engine, pod: list[str], owner: StartOwner, watch: Watch
) -> None:
    begun = await owner(pod)
    ours = await adopt(engine, watch, begun.name)
    assert ours.attachment.remarks == ()
    await ours.attachment.write(b"from us\n")
    await begun.sees("got from us 24 80")
    await ours.wait_for(b"got from us 24 80")
    begun.type("from the owner\n")
    await begun.sees("got from the owner 24 80")
    await ours.wait_for(b"got from the owner 24 80")


async def test_the_owner_types_on_when_we_have_left(
    engine: Engine, pod: list[str], owner: StartOwner, watch: Watch, keepers: Keepers
) -> None:
    begun = await owner(pod)
    for word in ("once", "twice"):
        ours = await adopt(engine, watch, begun.name)
        await ours.leave()
        await begun.can_type(word)
    two = [await adopt(engine, watch, begun.name) for _ in range(2)]
    await two[0].leave()
    await begun.can_type("beside another")
    await two[1].wait_for(b"got beside another")
    assert len(keepers()) == 1


async def test_the_owner_types_on_when_we_were_killed(
    engine: Engine, program: list[str], pod: list[str], owner: StartOwner, keepers: Keepers
) -> None:
    begun = await owner(pod)
    session = await session_of(engine, begun.name)
    killed = Owner(InTerminal([*program, "attach", session.id], 30, 90), begun.name)
    try:
        killed.type("from the one to be killed\n")
        await killed.sees("got from the one to be killed")
        killed.kill()
    finally:
        killed.close()
    await begun.can_type("afterwards")
    begun.type("\x04")
    assert await begun.exit_code() == 7
    await wait_all_ended(keepers())


async def test_the_end_is_told_with_the_exit_code_and_ends_the_keeper(
    engine: Engine,
    pod: list[str],
    owner: StartOwner,
    watch: Watch,
    keepers: Keepers,
    run_dir: Path,
) -> None:
    begun = await owner(pod)
    left, ours = [await adopt(engine, watch, begun.name) for _ in range(2)]
    await left.leave()
    keeping = keepers()
    assert len(keeping) == 1
    await ours.attachment.write(b"\x04")
    assert await ours.wait_ended() == 7
    assert await begun.exit_code() == 7
    with pytest.raises(SessionStateError, match="takes no more input"):
        await ours.attachment.write(b"too late\n")
    await wait_all_ended(keeping)
    assert list((run_dir / "keepers").iterdir()) == []


async def test_the_size_is_set_and_the_event_noted(
    engine: Engine, pod: list[str], owner: StartOwner, watch: Watch
) -> None:
    begun = await owner(pod)
    ours = await adopt(engine, watch, begun.name)
    await engine.exec_resize(ours.attachment.session_id, TerminalSize(rows=33, columns=101))
    await ours.attachment.write(b"now\n")
    await begun.sees("got now 33 101")
    await ours.leave()
    names = [each.name for each in engine.events(session_id=ours.attachment.session_id)]
    assert names == [EventName.ATTACH, EventName.RESIZE, EventName.DETACH]


async def test_the_owner_has_the_size_of_the_window_back_when_all_of_us_have_left(
    engine: Engine, pod: list[str], owner: StartOwner, watch: Watch
) -> None:
    begun = await owner(pod)
    first, second = [await adopt(engine, watch, begun.name) for _ in range(2)]
    session_id = first.attachment.session_id
    await engine.exec_resize(session_id, TerminalSize(rows=33, columns=101))
    await first.leave()
    begun.type("still\n")
    await begun.sees("got still 33 101")
    await second.leave()
    begun.type("now\n")
    await begun.sees("got now 24 80")


async def test_a_size_that_the_owner_set_meanwhile_stays(
    engine: Engine, pod: list[str], owner: StartOwner, watch: Watch
) -> None:
    sizes = "trap 'echo size $(stty size)' WINCH; echo ready; while :; do sleep 0.05; done"
    begun = await owner(pod, script=sizes)
    ours = await adopt(engine, watch, begun.name)
    session_id = ours.attachment.session_id
    await engine.exec_resize(session_id, TerminalSize(rows=33, columns=101))
    await begun.sees("size 33 101")
    begun.resize(40, 100)
    await begun.sees("size 40 100")
    await ours.leave()
    assert (await engine.inspect(session_id)).size == TerminalSize(rows=40, columns=100)


async def test_a_detached_terminal_is_typed_into_and_come_back_to(
    engine: Engine, pod: list[str], podman: Podman, watch: Watch, keepers: Keepers
) -> None:
    name = tag()
    podman.do("exec", "-d", "-t", pod[-1], "sh", "-c", ANSWERS, name)
    for word in (b"once", b"twice"):
        ours = await adopt(engine, watch, name)
        await ours.attachment.write(word + b"\n")
        await ours.wait_for(b"got " + word)
        await ours.leave()
    assert keepers() == []
    ours = await adopt(engine, watch, name)
    await ours.attachment.write(b"\x04")
    assert await ours.wait_ended() == 7


async def test_a_session_without_input_is_only_watched(
    engine: Engine, pod: list[str], podman: Podman, watch: Watch
) -> None:
    name = tag()
    script = "while [ ! -e /tmp/go ]; do sleep 0.1; done; rm /tmp/go; echo seen; echo too >&2"
    podman.do("exec", "-d", pod[-1], "sh", "-c", script, name)
    ours = await adopt(engine, watch, name)
    assert ours.attachment.remarks == ("You can only watch: it was begun without input.",)
    with pytest.raises(SessionStateError, match="begun without input"):
        await ours.attachment.write(b"x\n")
    podman.do("exec", pod[-1], "touch", "/tmp/go")
    assert await ours.wait_ended() == 0
    assert (ours.data, ours.errors) == (b"seen\n", b"too\n")


async def test_the_owner_s_pipe_stays_open_when_we_leave(
    engine: Engine, pod: list[str], owner: StartOwner, watch: Watch
) -> None:
    begun = await owner(pod, "-i")
    ours = await adopt(engine, watch, begun.name)
    await ours.attachment.write(b"from us\n")
    await begun.sees("got from us")
    await ours.leave()
    await begun.can_type("afterwards")
    ours = await adopt(engine, watch, begun.name)
    await ours.attachment.close_stdin()
    assert await ours.wait_ended() == 7


async def test_input_that_was_closed_is_told_of(
    engine: Engine, pod: list[str], owner: StartOwner, watch: Watch, keepers: Keepers
) -> None:
    begun = await owner(pod)
    begun.kill()
    session = await input_closed(engine, begun.name)
    reason = "its input was closed when a client left"
    plan = await engine.plan_attach(session.id)
    assert (plan.write.possible, plan.write.reason) == (False, reason)
    assert (await engine.inspect(session.id)).actions.write == plan.write
    ours = await adopt(engine, watch, begun.name)
    watching, instead = ours.attachment.remarks
    assert watching == f"You can only watch: {reason}."
    assert "--rescue" in instead
    with pytest.raises(SessionStateError, match=reason):
        await ours.attachment.write(b"x\n")
    assert keepers() == []
    await engine.exec_stop(session.id, 0)
    assert await ours.wait_ended() == 137


async def test_when_the_owner_goes_nobody_seems_to_be_attached(
    engine: Engine, pod: list[str], owner: StartOwner, watch: Watch, keepers: Keepers
) -> None:
    begun = await owner(pod)
    ours = await adopt(engine, watch, begun.name)
    await ours.leave()
    (keeping,) = keepers()
    begun.kill()
    await wait_all_ended([keeping])
    session = await session_of(engine, begun.name)
    assert session.state is ExecState.RUNNING
    assert session.attached == 0


async def test_conmon_tells_the_exit_code_where_the_kernel_is_too_old_to(
    engine: Engine,
    pod: list[str],
    podman: Podman,
    watch: Watch,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(exit_status, "_PIDFD_GET_INFO", 0)
    name = tag()
    podman.do("exec", "-d", "-t", pod[-1], "sh", "-c", ANSWERS, name)
    ours = await adopt(engine, watch, name)
    await ours.attachment.write(b"\x04")
    assert await ours.wait_ended() == 7


async def test_without_a_keeper_nobody_connects(
    engine: Engine, pod: list[str], owner: StartOwner, run_dir: Path
) -> None:
    begun = await owner(pod)
    (run_dir / "keepers").write_text("a file in the place of the folder")
    session = await session_of(engine, begun.name)
    with pytest.raises(StateError, match="no program keeps the session's input open"):
        await engine.attach(session.id)
    await begun.can_type("afterwards")


async def test_a_viewer_that_is_suspended_does_not_hold_up_the_owner(
    engine: Engine, program: list[str], pod: list[str], owner: StartOwner
) -> None:
    flood = "echo ready; read line; yes | head -n 200000; echo done; read line; exit 7"
    begun = await owner(pod, script=flood)
    session = await session_of(engine, begun.name)
    theirs = Owner(InTerminal([*program, "attach", session.id], 30, 90), begun.name)
    try:
        await theirs.sees("\x1b")
        theirs.client.send_signal(signal.SIGSTOP)
        begun.type("\n")
        await begun.sees("done")
        theirs.client.send_signal(signal.SIGCONT)
        begun.type("\n")
        assert await begun.exit_code() == 7
        assert await theirs.exit_code() == 7
    finally:
        theirs.close()


async def test_a_keeper_that_is_gone_is_replaced(
    engine: Engine, pod: list[str], owner: StartOwner, watch: Watch, keepers: Keepers
) -> None:
    begun = await owner(pod)
    ours = await adopt(engine, watch, begun.name)
    (first,) = keepers()
    send_signal(first, signal.SIGKILL)
    await wait_all_ended([first])
    other = await adopt(engine, watch, begun.name)
    assert keepers() not in ([], [first])
    await other.leave()
    await ours.attachment.write(b"still\n")
    await begun.sees("got still")
    assert CaughtUp(truncated=True) in ours.events
