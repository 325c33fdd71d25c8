"""What a session's process is: looked at from inside, in containers of every kind."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import msgspec
import pytest

from app.demo.launch import LaunchedContainer
from runtime.engine import Engine
from runtime.errors import ExectopError
from runtime.kernel.capabilities import bounding_set
from runtime.model import EngineSettings, ExecConfig
from tests.conftest import RUNTIMES, MakeContainer

LOOK = """
cat /proc/self/status
echo "Limit: $(ulimit -n) $(ulimit -Hn)"
echo "Folder: $(pwd)"
echo "Home: $HOME"
echo "Term: $TERM"
"""
CAPABILITIES = ("CAP_CHOWN", "CAP_KILL", "CAP_NET_BIND_SERVICE")
CHOWN, KILL, BIND, ADMIN = 1 << 0, 1 << 5, 1 << 10, 1 << 21
OWN = CHOWN | KILL | BIND


async def _look(engine: Engine, container: LaunchedContainer, **config: Any) -> dict[str, str]:
    """The lines of /proc/self/status and of `LOOK`, by their names."""
    info = await engine.find_container(container.id)
    wanted = ExecConfig(command=["/bin/sh", "-c", LOOK], attach_stdout=True, **config)
    result = await engine.exec(info, wanted)
    assert result.exit_code == 0
    lines = result.stdout.decode().replace("\r\n", "\n").splitlines()
    return {name: " ".join(value.split()) for name, _, value in (x.partition(":") for x in lines)}


def _sets(found: dict[str, str]) -> dict[str, int]:
    return {name: int(found[f"Cap{name}"], 16) for name in ("Bnd", "Eff", "Prm", "Inh", "Amb")}


@pytest.fixture(params=RUNTIMES)
def runtime(request: pytest.FixtureRequest) -> str:
    """The name of an OCI runtime: runc, then crun."""
    return str(request.param)


@pytest.fixture
def of_root(make_container: MakeContainer, runtime: str) -> LaunchedContainer:
    """A container that runs as root, with three capabilities."""
    return make_container(runtime, capabilities=CAPABILITIES)


@pytest.fixture
def of_dev(make_container: MakeContainer, runtime: str) -> LaunchedContainer:
    """A container that runs as an ordinary user with groups, a folder and limits of its own."""
    return make_container(
        runtime,
        uid=1000,
        gid=1000,
        additional_gids=[50, 77],
        capabilities=CAPABILITIES,
        cwd="/home/dev",
        env=["PATH=/bin", "NAME=value"],
        nofile=321,
        no_new_privileges=True,
    )


@pytest.mark.parametrize(
    ("user", "uid", "gid", "groups", "home"),
    [
        ("", 0, 0, "", "/root"),
        ("root", 0, 0, "", "/root"),
        ("dev", 1000, 1000, "50", "/root"),
        ("1000", 1000, 1000, "50", "/root"),
        ("1000:1000", 1000, 1000, "", "/root"),
        ("dev:staff", 1000, 50, "", "/root"),
        ("dev:50", 1000, 50, "", "/root"),
        ("4321", 4321, 0, "", "/root"),
        ("4321:staff", 4321, 50, "", "/root"),
        ("nobody", 65534, 65534, "", "/root"),
    ],
)
async def test_users_and_groups(
    engine: Engine,
    of_root: LaunchedContainer,
    user: str,
    uid: int,
    gid: int,
    groups: str,
    home: str,
) -> None:
    found = await _look(engine, of_root, user=user)
    assert found["Uid"] == " ".join([str(uid)] * 4)
    assert found["Gid"] == " ".join([str(gid)] * 4)
    # The runtimes differ in whether the group itself is listed among the others.
    assert set(found["Groups"].split()) - {str(gid)} == set(groups.split())
    assert found["Home"] == home  # the container's own variable


@pytest.mark.parametrize(
    ("user", "home"),
    [("", "/home/dev"), ("dev", "/home/dev"), ("root", "/root"), ("nobody", "/"), ("4321", "/")],
)
async def test_home_is_the_user_s_where_the_container_sets_none(
    engine: Engine, of_dev: LaunchedContainer, user: str, home: str
) -> None:
    assert (await _look(engine, of_dev, user=user))["Home"] == home
    given = await _look(engine, of_dev, user=user, environment={"HOME": "/given"})
    assert given["Home"] == "/given"


async def test_without_a_user_all_is_as_the_container_has_it(
    engine: Engine, of_dev: LaunchedContainer
) -> None:
    found = await _look(engine, of_dev)
    assert (found["Uid"], found["Gid"]) == ("1000 1000 1000 1000", "1000 1000 1000 1000")
    assert set(found["Groups"].split()) - {"1000"} == {"50", "77"}
    assert (found["Folder"], found["Limit"]) == ("/home/dev", "321 321")
    assert found["NoNewPrivs"] == "1"


@pytest.mark.parametrize("privileged", [False, True])
async def test_capabilities_of_root_are_the_bounding_set(
    engine: Engine, of_root: LaunchedContainer, of_dev: LaunchedContainer, privileged: bool
) -> None:
    everything = _bits_of_ours() if privileged else OWN
    expected = {"Bnd": everything, "Eff": everything, "Prm": everything, "Inh": 0, "Amb": 0}
    assert _sets(await _look(engine, of_root, privileged=privileged)) == expected
    # Root keeps them even in a container of another user.
    assert _sets(await _look(engine, of_dev, privileged=privileged, user="0")) == expected


def _bits_of_ours() -> int:
    status = Path("/proc/self/status").read_text()
    (line,) = (line for line in status.splitlines() if line.startswith("CapBnd:"))
    return int(line.split()[1], 16)


@pytest.mark.parametrize("user", ["", "1000", "dev"])
@pytest.mark.parametrize("privileged", [False, True])
async def test_the_container_s_own_user_keeps_its_capabilities(
    engine: Engine, of_dev: LaunchedContainer, privileged: bool, user: str
) -> None:
    bounding = _bits_of_ours() if privileged else OWN
    expected = {"Bnd": bounding, "Eff": OWN, "Prm": OWN, "Inh": OWN, "Amb": OWN}
    assert _sets(await _look(engine, of_dev, privileged=privileged, user=user)) == expected


@pytest.mark.parametrize("privileged", [False, True])
async def test_another_user_has_no_capabilities(
    engine: Engine, of_root: LaunchedContainer, of_dev: LaunchedContainer, privileged: bool
) -> None:
    bounding = _bits_of_ours() if privileged else OWN
    expected = {"Bnd": bounding, "Eff": 0, "Prm": 0, "Inh": 0, "Amb": 0}
    assert _sets(await _look(engine, of_root, privileged=privileged, user="dev")) == expected
    assert _sets(await _look(engine, of_dev, privileged=privileged, user="nobody")) == expected


def test_what_privileged_gives_are_names_that_the_kernel_knows() -> None:
    last = int(Path("/proc/sys/kernel/cap_last_cap").read_text())
    assert len(bounding_set()) == (_bits_of_ours() & ((1 << last + 1) - 1)).bit_count()


@pytest.mark.parametrize("ours", [0o000, 0o077])
@pytest.mark.parametrize("theirs", [None, 0o027, 0o000])
async def test_the_umask_is_the_container_s_not_ours(
    engine: Engine, make_container: MakeContainer, runtime: str, ours: int, theirs: int | None
) -> None:
    container = make_container(runtime, umask=theirs)
    before = os.umask(ours)
    try:
        plain = await _look(engine, container)
        other = await _look(engine, container, user="dev", terminal=True)
    finally:
        os.umask(before)
    init = Path(f"/proc/{container.pid}/status").read_text()
    expected = f"{0o022 if theirs is None else theirs:04o}"
    assert f"Umask:\t{expected}\n" in init
    assert (plain["Umask"], other["Umask"]) == (expected, expected)


@pytest.mark.parametrize("value", [False, True])
async def test_no_new_privileges_is_as_the_container_has_it(
    engine: Engine, make_container: MakeContainer, runtime: str, value: bool
) -> None:
    container = make_container(runtime, no_new_privileges=value)
    for config in ({}, {"privileged": True}, {"user": "dev"}):
        assert (await _look(engine, container, **config))["NoNewPrivs"] == str(int(value))


async def test_term_and_folder(engine: Engine, of_dev: LaunchedContainer) -> None:
    plain = await _look(engine, of_dev)
    terminal = await _look(engine, of_dev, terminal=True, work_dir="/tmp")
    given = await _look(engine, of_dev, terminal=True, environment={"TERM": "vt100"})
    # A shell without TERM has one of its own.
    assert (plain["Folder"], terminal["Folder"]) == ("/home/dev", "/tmp")
    assert (terminal["Term"], given["Term"]) == ("xterm-256color", "vt100")


@pytest.fixture
def labels(of_root: LaunchedContainer, runtime: str) -> dict[str, str]:
    """Labels in the configuration of the running container, as an engine would have put them."""
    made = {
        "apparmorProfile": "containers-default",
        "selinuxLabel": "system_u:system_r:container_t:s0:c1,c2",
    }
    folder = of_root.bundle if runtime == "runc" else of_root.root / of_root.id
    path = folder / "config.json"
    config = msgspec.json.decode(path.read_bytes())
    config["process"] |= made
    path.write_bytes(msgspec.json.encode(config))
    return made


# Keeps the process spec that it is given, and refuses to run it.
KEEPER = '#!/bin/sh\nwhile [ "$1" != --process ]; do shift; done\ncp "$2" {written}\nexit 1\n'


@pytest.mark.parametrize("config", [{}, {"user": "dev"}, {"privileged": True, "user": "root"}])
async def test_labels_are_passed_on_in_the_process_spec(
    engine: Engine,
    of_root: LaunchedContainer,
    labels: dict[str, str],
    runtime: str,
    engine_settings: EngineSettings,
    short_folder: Path,
    config: dict[str, Any],
) -> None:
    # Few kernels have both, and many have neither: what is written tells on all of them.
    keeper, written = short_folder / "keeper", short_folder / "written"
    keeper.write_text(KEEPER.format(written=written))
    keeper.chmod(0o700)
    settings = msgspec.structs.replace(engine_settings, **{runtime: str(keeper)})
    async with Engine(settings) as other:
        info = await other.find_container(of_root.id)
        with pytest.raises(ExectopError):
            await other.exec(info, ExecConfig(command=["true"], **config))
    spec = msgspec.json.decode(written.read_bytes())
    assert labels.items() <= spec.items()
    assert spec["args"] == ["true"]
