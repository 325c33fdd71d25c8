"""Sessions whose engine lets nobody come back, taken by their terminal."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator

import msgspec
import pytest

from app.demo.launch import LaunchedContainer
from runtime.engine import Engine
from runtime.errors import InvalidArgumentError, SessionStateError
from runtime.kernel.pidfd import send_signal
from runtime.kernel.proc import is_alive
from runtime.model import EngineSettings, ExecConfig, SessionInfo, TerminalSize
from runtime.sessions import rescue as rescue_module
from runtime.sessions.attachment import AnyAttachment
from tests.engines.containerd import Containerd
from tests.engines.podman import Podman
from tests.integration.conftest import InTerminal
from tests.integration.engines.adoption.conftest import StartOwner, wait_all_ended
from tests.integration.engines.adoption.owner import (
    ANSWERS,
    Owner,
    holder_of,
    input_closed,
    session_of,
    tag,
)
from tests.integration.layer.conftest import Screenful

Watch = Callable[[AnyAttachment], Screenful]
MANY = 100
# Goes on when its terminal is hung up, and says so again and again: nothing is replayed.
SURVIVES = "trap '' HUP; while :; do echo ready; sleep 0.2; done"


async def rescue(engine: Engine, watch: Watch, session: SessionInfo) -> Screenful:
    screen = watch(await engine.attach(session.id, rescue=True))
    await screen.wait_caught_up()
    return screen


async def sees_all_it_types(screen: Screenful) -> None:
    """Lines one after the other: whoever read some of the output would be noticed."""
    for number in range(MANY):
        await screen.attachment.write(b"line %d\n" % number)
        await screen.wait_for(b"got line %d " % number)
    sent = b"".join(b"line %d\ngot line %d 24 80\n" % (each, each) for each in range(MANY))
    # runc alone leaves the terminal without ONLCR.
    assert screen.data.replace(b"\r\n", b"\n") == sent


async def test_a_docker_exec_whose_client_was_killed_is_used_to_its_end(
    engine: Engine, box: list[str], owner: StartOwner, watch: Watch
) -> None:
    begun = await owner(box)
    begun.kill()
    session = await session_of(engine, begun.name)
    with pytest.raises(SessionStateError, match="docker keeps its streams to itself") as refused:
        await engine.attach(session.id)
    plan = await engine.plan_attach(session.id)
    assert (plan.attach.possible, plan.rescue.possible) == (False, True)
    assert all(sentence in refused.value.hint for sentence in plan.rescue_does)
    assert "comes to you alone" in " ".join(plan.rescue_does)

    ours = await rescue(engine, watch, session)
    await sees_all_it_types(ours)
    await engine.exec_resize(session.id, TerminalSize(rows=33, columns=101))
    await ours.attachment.write(b"size\n")
    await ours.wait_for(b"got size 33 101\r\n")
    await ours.attachment.write(b"\x04")
    assert await ours.wait_ended() == 7


async def test_an_owner_who_is_there_gets_the_terminal_back(
    engine: Engine, box: list[str], owner: StartOwner, watch: Watch
) -> None:
    begun = await owner(box)
    session = await session_of(engine, begun.name)
    for word in ("once", "twice"):
        ours = await rescue(engine, watch, session)
        begun.type(f"{word} blindly\n")
        await ours.wait_for(f"got {word} blindly".encode())
        await ours.leave()
        await begun.can_type(f"{word} seen")
        assert b"blindly" not in begun.seen
    begun.type("\x04")
    assert await begun.exit_code() == 7


async def test_an_owner_gets_the_terminal_back_when_we_were_killed(
    engine: Engine, program: list[str], box: list[str], owner: StartOwner
) -> None:
    begun = await owner(box)
    session = await session_of(engine, begun.name)
    # Its own --root hides docker's containers.
    words = [program[0], "attach", "--rescue", session.id]
    killed = Owner(InTerminal(words, 30, 90), begun.name)
    try:
        await killed.sees("Input and size go straight to its terminal.")
        await killed.sees("\x1b")
        killed.type("from the one to be killed\n")
        await killed.sees("got from the one to be killed 30 90")
        killed.kill()
        await begun.can_type("afterwards")
    finally:
        killed.close()
    begun.type("\x04")
    assert await begun.exit_code() == 7


async def test_who_comes_first_reads_where_the_holder_cannot_be_kept_from_it(
    engine: Engine,
    box: list[str],
    owner: StartOwner,
    watch: Watch,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def cannot(*_: object) -> None:
        return None

    monkeypatch.setattr(rescue_module, "become_sole_reader", cannot)
    begun = await owner(box)
    session = await session_of(engine, begun.name)
    ours = await rescue(engine, watch, session)
    for number in range(MANY):
        await ours.attachment.write(b"line %d\n" % number)
    await ours.attachment.write(b"\x04")
    assert await ours.wait_ended() == 7
    assert await begun.exit_code() == 7
    seen = ours.data.count(b"\n") + begun.seen.count(b"\n")
    assert seen == 2 * MANY + 1, "each line is seen by one of the two, and one had begun before"


async def test_a_podman_exec_whose_input_was_closed_is_typed_into(
    engine: Engine, pod: list[str], owner: StartOwner, watch: Watch
) -> None:
    begun = await owner(pod)
    begun.kill()
    session = await input_closed(engine, begun.name)
    for _ in range(2):
        ours = await rescue(engine, watch, session)
        await sees_all_it_types(ours)
        await ours.leave()
    ours = await rescue(engine, watch, session)
    await ours.attachment.write(b"\x04")
    assert await ours.wait_ended() == 7


async def test_a_podman_exec_with_an_owner_is_rescued_without_harm(
    engine: Engine, pod: list[str], owner: StartOwner, watch: Watch
) -> None:
    begun = await owner(pod)
    ours = await rescue(engine, watch, await session_of(engine, begun.name))
    await ours.attachment.write(b"from us\n")
    await begun.sees("got from us")
    await ours.leave()
    await begun.can_type("afterwards")


async def test_when_conmon_was_killed_there_is_nothing_to_rescue(
    engine: Engine, pod: list[str], podman: Podman, watch: Watch
) -> None:
    name = tag()
    podman.do("exec", "-d", "-t", pod[-1], "sh", "-c", SURVIVES, name)
    session = await session_of(engine, name)
    ours = watch(await engine.attach(session.id))
    await ours.wait_for(b"ready")
    await ours.leave()
    conmon = holder_of(session)
    send_signal(conmon, signal.SIGKILL)
    await wait_all_ended([conmon])
    session = await session_of(engine, name)
    reason = "its monitor is gone, and its streams with it"
    plan = await engine.plan_attach(session.id)
    assert (plan.attach.reason, plan.rescue.reason) == (reason, reason)
    for chosen in (False, True):
        with pytest.raises(SessionStateError, match=reason) as refused:
            await engine.attach(session.id, rescue=chosen)
        assert refused.value.hint == "exectop stop ends it"
    (process, *_) = (each.process for each in session.tree)
    await engine.exec_stop(session.id, 0)
    assert not is_alive(process)


async def test_a_viewer_is_told_when_conmon_is_killed(
    engine: Engine, pod: list[str], podman: Podman, watch: Watch
) -> None:
    name = tag()
    podman.do("exec", "-d", "-t", pod[-1], "sh", "-c", SURVIVES, name)
    session = await session_of(engine, name)
    ours = watch(await engine.attach(session.id))
    await ours.wait_for(b"ready")
    send_signal(holder_of(session), signal.SIGKILL)
    assert await ours.wait_ended() is None
    await engine.exec_stop(session.id, 0)


async def test_without_a_terminal_there_is_no_rescue(
    engine: Engine, box: list[str], owner: StartOwner
) -> None:
    begun = await owner(box, "-i")
    session = await session_of(engine, begun.name)
    assert not session.actions.rescue.possible
    with pytest.raises(SessionStateError, match="it has no terminal"):
        await engine.attach(session.id, rescue=True)
    await begun.can_type("undisturbed")


async def test_a_containerd_exec_is_rescued(
    engine: Engine, containerd: Containerd, container_ids: Iterator[str], watch: Watch
) -> None:
    container, name = containerd.run(next(container_ids)), tag()
    words = ["ctr", "-a", f"{containerd.folder}/c.sock", "-n", containerd.namespace]
    words += ["tasks", "exec", "-t", "--exec-id", name, container, "sh", "-c", ANSWERS, name]
    begun = Owner(InTerminal(words, 24, 80), name)
    try:
        await begun.sees("ready")
        ours = await rescue(engine, watch, await session_of(engine, name))
        await sees_all_it_types(ours)
        await ours.leave()
        await begun.can_type("afterwards")
        begun.type("\x04")
        assert await begun.exit_code() == 7
    finally:
        begun.close()
        containerd.remove(container)


async def test_a_runtime_in_the_foreground_is_rescued(
    container: LaunchedContainer, engine_settings: EngineSettings, watch: Watch
) -> None:
    name = tag()
    settings = msgspec.structs.replace(engine_settings, roots=[str(container.root)])
    words = [container.program, "--root", str(container.root), "exec", "-t", container.id]
    begun = Owner(InTerminal([*words, "sh", "-c", ANSWERS, name], 24, 80), name)
    async with Engine(settings) as engine:
        try:
            await begun.sees("ready")
            ours = await rescue(engine, watch, await session_of(engine, name))
            await sees_all_it_types(ours)
            await ours.leave()
            await begun.can_type("afterwards")
            ours = await rescue(engine, watch, await session_of(engine, name))
            begun.type("\x04")
            assert await ours.wait_ended() == 7
            await ours.leave()
        finally:
            begun.close()


async def test_another_exectop_s_session_is_left_to_that(
    container: LaunchedContainer, engine_settings: EngineSettings
) -> None:
    mine = msgspec.structs.replace(engine_settings, roots=[str(container.root)])
    other = msgspec.structs.replace(
        mine, state_dir=f"{mine.state_dir}-2", run_dir=f"{mine.run_dir}-2"
    )
    async with Engine(mine) as one, Engine(other) as two:
        config = ExecConfig(command=["sleep", "100"], terminal=True)
        session_id = await one.exec_create(await one.find_container(container.id), config)
        await one.exec_start(session_id)
        try:
            found = await two.find_any_session(session_id)
            plan = await two.plan_attach(session_id)
            assert (plan.attach, plan.rescue) == (found.actions.attach, found.actions.rescue)
            for rescue_it in (False, True):
                with pytest.raises(SessionStateError, match="it is recorded elsewhere"):
                    await two.attach(session_id, rescue=rescue_it)
        finally:
            await one.exec_remove(session_id, force=True)


async def test_a_session_of_one_s_own_needs_no_rescue(
    container: LaunchedContainer, engine_settings: EngineSettings
) -> None:
    settings = msgspec.structs.replace(engine_settings, roots=[str(container.root)])
    async with Engine(settings) as engine:
        config = ExecConfig(command=["sleep", "100"], terminal=True)
        session_id = await engine.exec_create(await engine.find_container(container.id), config)
        await engine.exec_start(session_id)
        try:
            with pytest.raises(InvalidArgumentError, match="need none"):
                await engine.attach(session_id, rescue=True)
            assert not (await engine.plan_attach(session_id)).rescue.possible
        finally:
            await engine.exec_remove(session_id, force=True)
