"""Sessions of ours in the containers of engines: inside they are as the engine's own are."""

from __future__ import annotations

import asyncio
import resource
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from runtime.engine import Engine
from runtime.model import ContainerInfo, EngineSettings, ExecConfig, ExecState, TerminalSize
from tests.engines.containerd import Containerd
from tests.engines.docker import Docker
from tests.engines.podman import Podman
from tests.integration.engines.places import ContainerdPlace, DockerPlace, Place, PodmanPlace
from tests.integration.layer.conftest import Screenful

# What a process is inside: ids, capabilities, seccomp, limits, cgroups, place, environment.
LOOK = """
id -u; id -g
grep -E '^(Cap|NoNewPrivs|Seccomp|Umask)' /proc/self/status
cat /proc/self/limits /proc/self/cgroup
pwd
hostname
env | grep -v -e ^EXECTOP_SESSION= -e ^SHLVL= -e ^_= -e ^PWD= -e ^HOSTNAME= | sort
"""
OPTIONS = {
    "as usual": (),
    "a user": ("--user", "1000:1000"),
    "a user with groups": ("--user", "1000", "--group-add", "4242"),
    # The soft one like the hard: runc 1.1 raises it every now and then (opencontainers/runc#4195).
    "limits": ("--ulimit", "nofile=512:512", "--ulimit", "core=0:7"),
    "few capabilities": ("--cap-drop", "ALL", "--cap-add", "NET_RAW"),
    "a user with a capability": ("--user", "1000", "--cap-add", "NET_RAW"),
    "no seccomp": ("--security-opt", "seccomp=unconfined"),
    "no new privileges": ("--security-opt", "no-new-privileges"),
    "a place and a variable": ("--workdir", "/tmp", "--env", "COLOUR=blue"),
    "a hostname": ("--hostname", "inside"),
}
ENGINES = ("docker", "podman")
BIG, SMALL = TerminalSize(rows=30, columns=100), TerminalSize(rows=11, columns=44)
Watch = Callable[[Any], Screenful]


@pytest.fixture(params=["runc", "crun"])
def runtime(request: pytest.FixtureRequest) -> str:
    """Each OCI runtime."""
    return str(request.param)


@pytest.fixture
def place(
    request: pytest.FixtureRequest, runtime: str, container_ids: Iterator[str]
) -> Iterator[Place]:
    """A container to be of the engine that the test is given."""
    name = next(container_ids)
    engine = request.getfixturevalue(request.param)
    made: Place
    if isinstance(engine, Docker):
        made = DockerPlace(engine, name, "other" if runtime == "crun" else runtime)
    elif isinstance(engine, Podman):
        made = PodmanPlace(engine, name, runtime)
    else:
        assert isinstance(engine, Containerd)
        made = ContainerdPlace(engine, name, runtime)
    yield made
    made.remove()


@pytest.fixture
def other_limits() -> Iterator[None]:
    """A limit of our own that no container has; what was lowered for good could not be undone."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (777, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


async def run(engine: Engine, container: ContainerInfo, script: str) -> str:
    config = ExecConfig(command=["sh", "-c", script], attach_stdout=True, attach_stderr=True)
    done = await engine.exec(container, config)
    assert (done.exit_code, done.stderr) == (0, b"")
    return done.stdout.decode().strip()


@pytest.mark.parametrize("place", ENGINES, indirect=True)
@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
async def test_inside_all_is_as_the_engine_has_it(
    engine: Engine, place: Place, options: tuple[str, ...]
) -> None:
    container = await engine.find_container(place.run(*options))
    assert (await run(engine, container, LOOK)).splitlines() == place.exec(LOOK).splitlines()


@pytest.mark.parametrize("place", ["containerd"], indirect=True)
async def test_inside_containerd_s_containers(engine: Engine, place: Place) -> None:
    container = await engine.find_container(place.run())
    assert (await run(engine, container, LOOK)).splitlines() == place.exec(LOOK).splitlines()


@pytest.mark.parametrize("place", ENGINES, indirect=True)
async def test_groups_are_those_of_the_first_process(engine: Engine, place: Place) -> None:
    # podman's own exec leaves out the user's own group, which the container's process has.
    container = await engine.find_container(place.run("--user", "1000", "--group-add", "4242"))
    script = "grep ^Groups: /proc/1/status; grep ^Groups: /proc/self/status"
    first, own = (line.split() for line in (await run(engine, container, script)).splitlines())
    assert own == first
    assert "4242" in own


@pytest.mark.parametrize("place", ["docker", "containerd"], indirect=True)
async def test_limits_are_not_ours(engine: Engine, place: Place, other_limits: None) -> None:
    container = await engine.find_container(place.run())
    script = "ulimit -n; ulimit -Hn"
    assert await run(engine, container, script) == place.exec(script)


@pytest.mark.parametrize("place", ["docker", "podman", "containerd"], indirect=True)
async def test_a_session_is_left_and_taken_up_again(
    engine: Engine, place: Place, watch: Watch, engine_settings: EngineSettings
) -> None:
    container = await engine.find_container(place.run())
    known = place.noticed()
    config = ExecConfig(command=["sh"], terminal=True, attach_stdin=True, attach_stdout=True)
    session_id = await engine.exec_create(container, config)
    first = watch(await engine.exec_start_and_attach(session_id, BIG))
    await first.attachment.write(b"cd /tmp; stty size\n")
    await first.wait_for(b"30 100")
    await first.leave()
    assert place.noticed() == known

    async with Engine(engine_settings) as another:
        second = watch(await another.attach(session_id))
        await second.wait_for(b"30 100")
        await another.exec_resize(session_id, SMALL)
        await second.attachment.write(b"echo in $(pwd); stty size\n")
        await second.wait_for(b"in /tmp\r\n11 44")
        assert place.noticed() == known
        await another.exec_stop(session_id, 0)
        assert await second.wait_ended() == 137
    assert (await engine.find_session(session_id)).state is ExecState.STOPPED
    await engine.exec_remove(session_id)
    assert place.noticed() == known
    assert place.exec("echo it runs on") == "it runs on"


@pytest.mark.parametrize("place", ["docker", "podman", "containerd"], indirect=True)
async def test_a_container_that_is_stopped_ends_its_sessions(
    engine: Engine, place: Place, watch: Watch
) -> None:
    container = await engine.find_container(place.run())
    config = ExecConfig(command=["sleep", "1000"], attach_stdout=True)
    session_id = await engine.exec_create(container, config)
    attached = watch(await engine.exec_start_and_attach(session_id))
    await asyncio.to_thread(place.stop)
    assert await attached.wait_ended() == 137
