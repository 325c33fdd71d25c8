"""A container that lays traps: nothing of the host is read, and nobody waits for ever."""

from __future__ import annotations

import asyncio
import contextlib
import os
import pwd
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import runtime.oci.conmon
import runtime.sessions.prepare
from app.demo.launch import LaunchedContainer
from app.demo.rootfs import PASSWD
from runtime.engine import Engine
from runtime.errors import (
    CommandNotFoundError,
    ConmonError,
    ContainerStateError,
    ExectopError,
    NoSuchUserError,
    OCIRuntimeError,
)
from runtime.kernel.environ import pid_namespace
from runtime.kernel.proc import all_stats
from runtime.model import ContainerInfo, EngineSettings, ExecConfig
from tests.conftest import RUNTIMES, MakeContainer
from tests.integration.layer.conftest import monitors_of

SECRET = "evil:x:0:0:the secret of the host:/evil:/bin/sh\nevil:x:0:evil\n"
OUT = "../" * 20


@pytest.fixture(params=RUNTIMES)
def container(request: pytest.FixtureRequest, make_container: MakeContainer) -> LaunchedContainer:
    """A running container whose files the test may change."""
    return make_container(request.param, own_rootfs=True)


@pytest.fixture
def secret(short_folder: Path) -> Path:
    """A file of the host, with a user in it that the container does not have."""
    path = short_folder / "host" / "secret"
    path.parent.mkdir()
    path.write_text(SECRET)
    return path


def _sparse(path: Path, secret: Path) -> None:
    with path.open("wb") as file:
        file.truncate(1 << 30)


TRAPS: dict[str, Callable[[Path, Path], Any]] = {
    "fifo": lambda path, secret: os.mkfifo(path),
    "endless device": lambda path, secret: os.mknod(path, 0o020666, os.makedev(1, 5)),
    "folder": lambda path, secret: path.mkdir(),
    "sparse": _sparse,
    "garbage": lambda path, secret: path.write_bytes(bytes(range(256)) * 4000),
    "absolute link": lambda path, secret: path.symlink_to(secret),
    "link upwards": lambda path, secret: path.symlink_to(f"{OUT}{secret}"),
    "link to itself": lambda path, secret: path.symlink_to(path.name),
    "nothing": lambda path, secret: None,
}
ENDLESS = ("fifo", "endless device")
# What runc itself cannot read it may refuse.
UNREADABLE = ("folder", "sparse")


def _clear(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        path.rmdir()
    else:
        path.unlink(missing_ok=True)


async def _outcome(engine: Engine, info: ContainerInfo, user: str) -> int | type[ExectopError]:
    config = ExecConfig(command=["true"], user=user)
    try:
        async with asyncio.timeout(30):
            code = (await engine.exec(info, config)).exit_code
    except ExectopError as error:
        assert error.message
        return type(error)
    assert code is not None
    return code


@pytest.mark.parametrize("name", ["passwd", "group"])
async def test_traps_in_the_place_of_users_and_groups(
    engine: Engine,
    info: ContainerInfo,
    container: LaunchedContainer,
    engine_settings: EngineSettings,
    secret: Path,
    name: str,
) -> None:
    path = container.rootfs / "etc" / name
    for kind, set_trap in TRAPS.items():
        _clear(path)
        set_trap(path, secret)
        expected: set[int | type[ExectopError]] = {0}
        if info.runtime == "runc" and kind in ENDLESS:
            expected = {ContainerStateError}
        elif info.runtime == "runc" and kind in UNREADABLE:
            expected = {0, OCIRuntimeError}
        for user in ("", "1000", "1000:1000"):
            assert await _outcome(engine, info, user) in expected, (kind, user)
        found = await _outcome(engine, info, "evil" if name == "passwd" else "dev:evil")
        assert found in {NoSuchUserError} | expected - {0, OCIRuntimeError}, kind
    assert await engine.sessions() == []
    assert list(Path(engine_settings.run_dir, "bundles").glob("*/*")) == []


@pytest.mark.parametrize("target", ["/etc", f"{OUT}etc", "{outside}"])
async def test_the_folder_of_the_users_leads_to_the_host_s(
    engine: Engine, info: ContainerInfo, container: LaunchedContainer, secret: Path, target: str
) -> None:
    (secret.parent / "passwd").write_text(SECRET)
    etc = container.rootfs / "etc"
    etc.rename(container.rootfs / "etc.before")
    etc.symlink_to(target.format(outside=f"{OUT}{secret.parent}"))
    outside = "evil" if "outside" in target else _user_of_the_host_only()

    assert await _outcome(engine, info, outside) is NoSuchUserError
    assert await _outcome(engine, info, "1000") == 0


def _user_of_the_host_only() -> str:
    return next(each.pw_name for each in pwd.getpwall() if f"{each.pw_name}:" not in PASSWD)


# Lets two names change places as fast as the kernel can do it (RENAME_EXCHANGE), until it is
# killed; says when it has begun.
EXCHANGER = """
import ctypes, sys
renameat2 = ctypes.CDLL(None, use_errno=True).renameat2
one, other = (word.encode() for word in sys.argv[1:])
done = 0
while renameat2(-100, one, -100, other, 2) == 0:
    done += 1
    if done == 1000:
        print("begun", flush=True)
"""


@contextlib.contextmanager
def _exchanged_all_the_time(one: Path, other: Path) -> Iterator[None]:
    words = [sys.executable, "-I", "-S", "-c", EXCHANGER, str(one), str(other)]
    with subprocess.Popen(words, stdout=subprocess.PIPE) as program:
        try:
            assert program.stdout is not None
            assert program.stdout.readline() == b"begun\n"
            yield
            assert program.poll() is None
        finally:
            program.kill()


@pytest.mark.parametrize("kind", ["absolute link", "link upwards", "fifo"])
async def test_a_file_that_changes_while_it_is_opened(
    engine: Engine, info: ContainerInfo, container: LaunchedContainer, secret: Path, kind: str
) -> None:
    passwd, trap = container.rootfs / "etc/passwd", container.rootfs / "etc/trap"
    TRAPS[kind](trap, secret)
    found: set[int | type[ExectopError]] = set()
    with _exchanged_all_the_time(passwd, trap):
        for _ in range(40):
            if kind != "fifo":
                found.add(await _outcome(engine, info, "evil"))
            # crun does not look at it; runc may come upon the FIFO, and wait for ever.
            elif info.runtime == "crun":
                found.add(await _outcome(engine, info, "dev"))
    assert found <= {NoSuchUserError, 0}
    assert kind == "fifo" or 0 not in found


async def test_a_runtime_that_falls_into_the_trap_is_ended(
    engine: Engine, make_container: MakeContainer, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As if the FIFO had been put there after we had looked.
    container = make_container("runc", own_rootfs=True)
    _clear(container.rootfs / "etc/passwd")
    os.mkfifo(container.rootfs / "etc/passwd")
    monkeypatch.setattr(runtime.sessions.prepare, "is_endless", lambda root, path: False)
    monkeypatch.setattr(runtime.oci.conmon, "START_TIMEOUT", 2.0)

    info = await engine.find_container(container.id)
    with pytest.raises(ConmonError, match="did not start"):
        await engine.exec(info, ExecConfig(command=["true"]))
    inside = pid_namespace(container.pid)
    alive = [each for each in all_stats() if not each.ended]
    left = [each.comm for each in alive if pid_namespace(each.pid) == inside]
    assert sorted(left) == ["sh", "sleep"]  # the container's own
    assert await engine.sessions() == []
    assert monitors_of(engine._settings.run_dir) == []


@pytest.mark.parametrize("target", ["{secret}", f"{OUT}{{secret}}"])
async def test_a_working_directory_does_not_lead_out(
    engine: Engine, info: ContainerInfo, container: LaunchedContainer, secret: Path, target: str
) -> None:
    folder = str(secret.parent)
    (container.rootfs / "work").symlink_to(target.format(secret=folder))
    config = ExecConfig(command=["pwd"], work_dir="/work", attach_stdout=True)
    with pytest.raises(CommandNotFoundError):
        await engine.exec(info, config)

    await engine.exec(info, ExecConfig(command=["mkdir", "-p", folder]))
    config = ExecConfig(command=["ls", "-a"], work_dir="/work", attach_stdout=True)
    assert (await engine.exec(info, config)).stdout.split() == [b".", b".."]


@pytest.mark.parametrize("linked", [False, True])
async def test_no_descriptor_of_the_host_can_be_the_working_directory(
    engine: Engine, info: ContainerInfo, container: LaunchedContainer, secret: Path, linked: bool
) -> None:
    # A runtime that leaves a folder of the host open lets one in through /proc/self/fd.
    for number in range(3, 24):
        work_dir = f"/proc/self/fd/{number}"
        if linked:
            (container.rootfs / f"work-{number}").symlink_to(work_dir)
            work_dir = f"/work-{number}"
        config = ExecConfig(
            command=["cat", f"{OUT}{secret}"], work_dir=work_dir, attach_stdout=True
        )
        try:
            result = await engine.exec(info, config)
        except OCIRuntimeError:
            continue  # no such descriptor, or no folder
        assert (result.exit_code, result.stdout) == (1, b"")


async def test_the_container_s_variables_are_passed_on_and_never_run(
    engine: Engine, make_container: MakeContainer
) -> None:
    home = '/root\x1b]0;owned\x07\n$(touch /tmp/owned)`touch /tmp/owned`";'
    path = f"{OUT}bin:.::\x1b[31m:/no/such\x07:/bin"
    for name in RUNTIMES:
        container = make_container(name, env=[f"HOME={home}", f"PATH={path}"])
        info = await engine.find_container(container.id)
        assert await engine.find_shell(info) == ["/bin/ash"]
        script = 'printf "%s" "$HOME|$PATH"; ls /tmp'
        command = ["/bin/sh", "-c", script]
        result = await engine.exec(info, ExecConfig(command=command, attach_stdout=True))
        assert (result.exit_code, result.stdout.decode()) == (0, f"{home}|{path}")


@pytest.mark.parametrize(("process", "where"), [('{"env": 5}', "env"), ('{"user": "x"}', "user")])
async def test_a_configuration_that_makes_no_sense_is_told_of_with_its_file(
    engine: Engine, info: ContainerInfo, container: LaunchedContainer, process: str, where: str
) -> None:
    # crun keeps a copy of its own.
    folders = (container.root / container.id, container.bundle)
    file = next(each / "config.json" for each in folders if (each / "config.json").exists())
    before = file.read_bytes()
    try:
        file.write_text(f'{{"process": {process}}}')
        with pytest.raises(ContainerStateError) as caught:
            await engine.exec(info, ExecConfig(command=["true"]))
    finally:
        file.write_bytes(before)
    assert str(file) in caught.value.message
    assert f"$.process.{where}" in caught.value.message
    assert await engine.sessions() == []
    assert (await engine.exec(info, ExecConfig(command=["true"]))).exit_code == 0
