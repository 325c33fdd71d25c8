"""Sessions that podman, docker and containerd began: each is listed once, as theirs."""

from __future__ import annotations

import json
import os
import shlex
import signal

import pytest

from runtime.engine import Engine
from runtime.errors import NoSuchSessionError, SessionStateError
from runtime.kernel.pidfd import send_signal, wait_ended
from runtime.kernel.proc import identify, is_alive, read_stat
from runtime.model import Certainty, EventName, ExecState, TerminalSize
from tests.engines.containerd import Containerd
from tests.engines.docker import Docker
from tests.engines.podman import Podman
from tests.integration.engines.sessions.entering import (
    PATIENCE,
    Clients,
    engine_says_ended,
    origins,
    running,
    sessions_in,
    unique,
)

CERTAIN = Certainty.CERTAIN


async def test_podman_s(
    engine: Engine, podman: Podman, of_podman: tuple[str, str], clients: Clients
) -> None:
    name, container = of_podman
    detached, terminal, attached, interactive = (unique() for _ in range(4))
    ids = {
        detached: podman.do("exec", "-d", name, "sleep", detached),
        terminal: podman.do("exec", "-d", "-t", name, "sleep", terminal),
    }
    clients.start(*podman.command, "exec", name, "sleep", attached)
    clients.start_in_terminal(*podman.command, "exec", "-it", name, "sleep", interactive)
    processes = {each: await running(each) for each in (*ids, attached, interactive)}

    found = await sessions_in(engine, [container])
    assert origins(found) == dict.fromkeys(processes, ("podman", CERTAIN))
    known = set(json.loads(podman.do("inspect", name))[0]["ExecIDs"])
    assert {each.id for each in found.values()} == known
    assert {name: found[name].id for name in ids} == ids
    for name_, each in found.items():
        assert (each.pid, each.start_time) == (
            processes[name_].pid,
            processes[name_].start_time,
        )
        assert (each.command, each.state) == (["sleep", name_], ExecState.RUNNING)
        assert (each.user, each.owner, each.recorded) == ("root", 0, False)
        assert each.monitor_alive
        assert each.container_name == of_podman[0]
    assert {each for each in found if found[each].tty} == {terminal, interactive}
    assert {each for each in found if found[each].idle is not None} == {terminal, interactive}
    assert {each for each in found if found[each].attached == 1} == {attached, interactive}


async def test_docker_s(
    engine: Engine, docker: Docker, of_docker: tuple[str, str], clients: Clients
) -> None:
    name, container = of_docker
    detached, attached, interactive = (unique() for _ in range(3))
    docker.do("exec", "-d", name, "sleep", detached)
    clients.start(*docker.command, "exec", "-i", name, "sleep", attached)
    clients.start_in_terminal(*docker.command, "exec", "-it", name, "sleep", interactive)
    processes = {each: await running(each) for each in (detached, attached, interactive)}

    found = await sessions_in(engine, [container])
    assert origins(found) == dict.fromkeys(processes, ("docker", CERTAIN))
    known = json.loads(docker.do("inspect", name))[0]["ExecIDs"]
    assert {each.id for each in found.values()} == set(known)
    assert {each for each in found if found[each].tty} == {interactive}
    for each, process in processes.items():
        assert (found[each].pid, found[each].start_time) == (process.pid, process.start_time)


async def test_containerd_s(
    engine: Engine, containerd: Containerd, of_containerd: str, clients: Clients
) -> None:
    detached, attached = unique(), unique()
    exec_ids = {detached: f"x{detached}", attached: f"x{attached}"}
    task = ("tasks", "exec", "--exec-id")
    containerd.do(*task[:2], "-d", task[2], exec_ids[detached], of_containerd, "sleep", detached)
    ctr = ("ctr", "-a", f"{containerd.folder}/c.sock", "-n", containerd.namespace)
    clients.start(*ctr, *task, exec_ids[attached], of_containerd, "sleep", attached)
    for each in exec_ids:
        await running(each)

    found = await sessions_in(engine, [of_containerd])
    assert origins(found) == dict.fromkeys(exec_ids, ("containerd", CERTAIN))
    for name, exec_id in exec_ids.items():
        assert found[name].id == f"{of_containerd}/{exec_id}"
        assert (await engine.find_any_session(exec_id)).pid == found[name].pid


async def test_a_docker_exec_whose_client_was_killed_is_found_and_stopped(
    engine: Engine, docker: Docker, of_docker: tuple[str, str], clients: Clients
) -> None:
    name, container = of_docker
    left = unique()
    client = clients.start_in_terminal(*docker.command, "exec", "-it", name, "sleep", left)
    process = await running(left)
    (with_client,) = (await sessions_in(engine, [container])).values()
    told = await engine.inspect(with_client.id)
    assert told.client.process == identify(client.pid)
    client.kill()
    client.wait()

    (session,) = (await sessions_in(engine, [container])).values()
    assert (await engine.inspect(session.id)).client.process is None
    steps = [step async for step in engine.exec_stop_steps(session.id, 20)]
    assert steps[-1].phase == "stopped"
    assert not is_alive(process)
    assert await sessions_in(engine, [container]) == {}
    answer = await engine_says_ended(docker.socket, f"/exec/{session.id}/json")
    assert (answer["ExitCode"], answer["Pid"]) == (143, process.pid)
    # Nothing of it is there to be worked on any more.
    with pytest.raises(NoSuchSessionError):
        await engine.find_any_session(session.id)


@pytest.mark.parametrize("terminal", [True, False])
async def test_a_podman_exec_is_stopped_and_podman_says_so(
    engine: Engine, podman: Podman, of_podman: tuple[str, str], terminal: bool
) -> None:
    name, _ = of_podman
    options = ("-d", "-t") if terminal else ("-d",)
    tree = [unique(), unique()]
    # Neither of them ends on TERM, and one of them is in a session of its own.
    script = f"trap '' TERM; setsid sleep {tree[0]} & sleep {tree[1]}"
    session_id = podman.do("exec", *options, name, "sh", "-c", script)
    processes = [await running(each) for each in tree]

    session = await engine.find_any_session(session_id[:12])
    assert {each.process for each in session.tree} >= set(processes)
    steps = [step async for step in engine.exec_stop_steps(session_id, 0.1)]
    assert {"kill", "stopped"} <= {step.phase for step in steps}
    assert not any(is_alive(each) for each in processes)
    server = podman.serve()
    answer = await engine_says_ended(server, f"/v4.0.0/libpod/exec/{session_id}/json")
    assert answer["ExitCode"] == 137
    (stopped,) = engine.events(session_id=session_id)
    assert (stopped.name, stopped.container_name) == (EventName.STOP, name)


async def test_what_cannot_be_done_is_refused_with_the_reason(
    engine: Engine, podman: Podman, of_podman: tuple[str, str]
) -> None:
    session_id = podman.do("exec", "-d", of_podman[0], "sleep", unique())
    session = await engine.find_any_session(session_id)
    actions = session.actions
    assert (actions.stop.possible, actions.resize.possible) == (True, False)
    for work, action in (
        (engine.attach(session_id, rescue=True), actions.rescue),
        (engine.exec_remove(session_id), actions.remove),
        (engine.exec_cleanup(session_id), actions.remove),
        (engine.exec_resize(session_id, TerminalSize(rows=5, columns=7)), actions.resize),
    ):
        assert not action.possible
        with pytest.raises(SessionStateError, match=action.reason):
            await work


async def test_the_terminal_of_another_s_session_is_sized(
    engine: Engine, docker: Docker, of_docker: tuple[str, str], clients: Clients
) -> None:
    name = unique()
    clients.start_in_terminal(*docker.command, "exec", "-it", of_docker[0], "sleep", name)
    await running(name)
    (session,) = (await sessions_in(engine, [of_docker[1]])).values()
    await engine.exec_resize(session.id, TerminalSize(rows=17, columns=71))
    told = await engine.inspect(session.id)
    assert told.size == TerminalSize(rows=17, columns=71)
    assert (told.process_config.tty, told.container_name) == (True, of_docker[0])


async def test_a_session_whose_conmon_was_killed_keeps_its_origin(
    engine: Engine, podman: Podman, of_podman: tuple[str, str]
) -> None:
    name = unique()
    session_id = podman.do("exec", "-d", of_podman[0], "sleep", name)
    process = await running(name)
    monitor = read_stat(process.pid)
    assert monitor is not None
    conmon = identify(monitor.ppid)
    assert conmon is not None
    send_signal(conmon, signal.SIGKILL)
    assert await wait_ended(conmon, PATIENCE)

    (session,) = (await sessions_in(engine, [of_podman[1]])).values()
    assert (session.id, session.origin, session.certainty) == (session_id, "podman", CERTAIN)
    assert (session.monitor_alive, session.orphaned) == (False, True)
    await engine.exec_stop(session_id, 20)
    assert await sessions_in(engine, [of_podman[1]]) == {}


SSH = "192.0.2.7 51234 192.0.2.1 22"


async def test_who_began_a_docker_exec_and_from_where(
    engine: Engine, docker: Docker, of_docker: tuple[str, str], clients: Clients
) -> None:
    name = unique()
    # sudo would have taken SSH_CONNECTION from the client; the shell above it has it.
    words = ["env", "-u", "SSH_CONNECTION", *docker.command, "exec", "-i", of_docker[0]]
    command = f"{shlex.join([*words, 'sleep', name])} & wait"
    shell = clients.start("sh", "-c", command, env=os.environ | {"SSH_CONNECTION": SSH})
    await running(name)
    (session,) = (await sessions_in(engine, [of_docker[1]])).values()
    client = (await engine.inspect(session.id)).client
    assert (client.command[-2:], client.certainty) == (["sleep", name], Certainty.LIKELY)
    assert client.process is not None
    of_client = read_stat(client.process.pid)
    assert of_client is not None
    assert of_client.ppid == shell.pid
    assert (client.uid, client.ssh) == (0, SSH)


async def test_who_logged_in_to_begin_a_session_whose_client_is_gone(
    engine: Engine, podman: Podman, of_podman: tuple[str, str], clients: Clients
) -> None:
    name = unique()
    begin = shlex.join([*podman.command, "exec", "-d", of_podman[0], "sleep", name])
    login = f"echo 4343 > /proc/self/loginuid; {begin}; exec sleep 1000"
    clients.start("sh", "-c", login, env=os.environ | {"SSH_CONNECTION": SSH})
    await running(name)
    (session,) = (await sessions_in(engine, [of_podman[1]])).values()
    assert session.client.login_uid == 4343
    client = (await engine.inspect(session.id)).client
    assert (client.login_uid, client.ssh) == (4343, SSH)
