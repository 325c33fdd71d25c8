"""One host with every engine at once: every session is listed once, as whose it is, and no more."""

from __future__ import annotations

import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from app.demo.bundle import BundlePlan
from app.demo.launch import launch_container
from runtime.engine import Engine
from runtime.model import Certainty, EngineSettings, ExecConfig
from tests.engines.containerd import Containerd
from tests.engines.docker import Docker
from tests.engines.podman import Podman
from tests.integration.engines.sessions.entering import (
    Clients,
    Decoys,
    eventually,
    origins,
    running,
    sessions_in,
    unique,
)

CERTAIN, LIKELY = Certainty.CERTAIN, Certainty.LIKELY
Wanted = dict[str, tuple[str, Certainty]]


class Host:
    """Containers of all engines with decoys in each, and what is expected of their sessions."""

    def __init__(self, clients: Clients) -> None:
        self.clients = clients
        self.containers: dict[str, str] = {}
        self.wanted: Wanted = {}
        self.homes: dict[str, str] = {}

    def expect(self, container: str, origin: str, certainty: Certainty = CERTAIN) -> str:
        """One more session in a container; gives what it is to sleep for."""
        name = unique()
        self.wanted[name] = (origin, certainty)
        self.homes[name] = self.containers[container]
        return name


@pytest.fixture
async def host(
    podman: Podman,
    docker: Docker,
    containerd: Containerd,
    rootfs: Path,
    short_folder: Path,
    container_ids: Iterator[str],
    clients: Clients,
) -> AsyncIterator[Host]:
    made, decoys = Host(clients), []
    with ExitStack() as stack:

        def begin(name: str, run: Callable[..., str], remove: Any, *options: str) -> str:
            decoys.append(Decoys())
            own = next(container_ids)
            passed = {"options": options} if options else {}
            made.containers[name] = run(own, *decoys[-1].command, **passed)
            stack.callback(remove, own)
            return own

        first = begin("podman", podman.run, podman.remove)
        begin("podman, shared", podman.run, podman.remove, f"--pid=container:{first}")
        begin("podman, host", podman.run, podman.remove, "--pid=host")
        first = begin("docker", docker.run, docker.remove)
        begin("docker, shared", docker.run, docker.remove, f"--pid=container:{first}")
        begin("docker, host", docker.run, docker.remove, "--pid=host")
        begin("containerd", containerd.run, containerd.remove)
        for runtime in ("runc", "crun"):
            decoys.append(Decoys())
            plan = BundlePlan(rootfs=rootfs, args=decoys[-1].command)
            name = next(container_ids)
            where = Path("/run", runtime), name, short_folder / name
            stack.callback(launch_container(runtime, *where, plan).delete)
            made.containers[runtime] = name
        for each in decoys:
            await each.wait()
        yield made


def begin_engines_sessions(
    host: Host, podman: Podman, docker: Docker, containerd: Containerd
) -> None:
    for engine, name in ((podman, "podman"), (docker, "docker")):
        for kind in (name, f"{name}, shared", f"{name}, host"):
            container = host.containers[kind]
            engine.do("exec", "-d", container, "sleep", host.expect(kind, name))
            words = [*engine.command, "exec", "-i", container]
            host.clients.start(*words, "sleep", host.expect(kind, name))
            words = [*engine.command, "exec", "-it", container]
            host.clients.start_in_terminal(*words, "sleep", host.expect(kind, name))
            certainty = CERTAIN if kind == "podman, host" else LIKELY
            left = host.expect(kind, "orphan", certainty)
            engine.do("exec", "-d", container, "sh", "-c", f"sleep {left} & exit")
    name = host.expect("containerd", "containerd")
    container = host.containers["containerd"]
    containerd.do("tasks", "exec", "-d", "--exec-id", f"x{name}", container, "sleep", name)


def begin_others_sessions(host: Host, pids: dict[str, int]) -> None:
    for runtime in ("runc", "crun"):
        words = [runtime, "--root", f"/run/{runtime}", "exec"]
        container = host.containers[runtime]
        name = host.expect(runtime, runtime)
        host.clients.start_in_terminal(*words, "-t", container, "sleep", name)
        host.clients.start(*words, container, "sleep", host.expect(runtime, runtime))
        null = subprocess.DEVNULL
        name = host.expect(runtime, runtime, LIKELY)
        subprocess.run(
            [*words, "-d", container, "sleep", name], stdout=null, stderr=null, check=True
        )
    for kind, pid in pids.items():
        enter = ["nsenter", "-t", str(pid)]
        host.clients.start(*enter, "-m", "sleep", host.expect(kind, "nsenter", LIKELY))
        if "host" not in kind:
            host.clients.start(*enter, "-a", "sleep", host.expect(kind, "nsenter"))
        if "shared" not in kind and "host" not in kind:
            host.clients.start(*enter, "-p", "sleep", host.expect(kind, "nsenter"))


async def begin_our_sessions(host: Host, engine: Engine) -> None:
    for kind, container in host.containers.items():
        info = await engine.find_container(container)
        name = host.expect(kind, "exectop")
        config = ExecConfig(command=["sleep", name], terminal=kind in ("runc", "docker"))
        await engine.exec_start(await engine.exec_create(info, config))


async def test_every_session_is_listed_once_and_nothing_else(
    engine: Engine,
    host: Host,
    podman: Podman,
    docker: Docker,
    containerd: Containerd,
    short_folder: Path,
) -> None:
    infos = {each.id: each for each in await engine.containers()}
    pids = {kind: infos[container].pid for kind, container in host.containers.items()}
    begin_engines_sessions(host, podman, docker, containerd)
    begin_others_sessions(host, pids)
    await begin_our_sessions(host, engine)
    for name in host.wanted:
        await running(name)

    ours = set(host.containers.values())
    found = await eventually(engine, ours, lambda now: origins(now) == host.wanted)
    assert {name: each.container_id for name, each in found.items()} == host.homes
    assert len({each.id for each in found.values()}) == len(found)
    # So does an engine that has seen nothing before, and whose records are others.
    state, run = str(short_folder / "other"), str(short_folder / "elsewhere")
    async with Engine(EngineSettings(state_dir=state, run_dir=run)) as other:
        again = await sessions_in(other, ours)
    assert origins(again) == host.wanted
    assert {each.id for each in again.values()} == {each.id for each in found.values()}
    assert not any(each.recorded for each in again.values())
    for each in found.values():
        if each.recorded:
            await engine.exec_remove(each.id, force=True)
