"""The demo container, and what `make run` does without a terminal."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from app.demo.bundle import BundlePlan
from app.demo.container import ANNOTATIONS, demo_folder, host_programs
from app.demo.launch import LaunchedContainer, launch_container
from runtime.kernel.proc import is_alive
from runtime.model import EngineSettings, ProcessIdentity

Exectop = Callable[..., subprocess.CompletedProcess[bytes]]


@pytest.fixture
def demo(
    exectop: Exectop, require_root: None, require_program: Callable[[str], str]
) -> Iterator[Exectop]:
    """exectop, with its demo container removed afterwards."""
    require_program("runc")
    require_program("conmon")
    yield exectop
    assert exectop("demo", "--stop").returncode == 0
    assert containers(exectop) == []


def containers(exectop: Exectop) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(exectop("ps", "--format", "json").stdout)
    return found


def test_demo_starts_once_and_goes_wholly(demo: Exectop, engine_settings: EngineSettings) -> None:
    first = demo("demo")
    assert first.returncode == 0, first.stderr
    assert b"started the container exectop-demo" in first.stdout
    assert b"is there already" in demo("demo").stdout
    (one,) = containers(demo)
    assert (one["name"], one["demo"], one["state"]) == ("exectop-demo", True, "running")

    session = demo("exec", "-d", "exectop-demo", "sleep", "1000")
    assert session.returncode == 0, session.stderr
    assert demo("demo", "--stop").returncode == 0
    assert json.loads(demo("ls", "--format", "json").stdout) == []
    assert not demo_folder(engine_settings).exists()
    assert b"there is no demo container" in demo("demo", "--stop").stdout


def test_a_session_that_another_program_began_ends_with_it(demo: Exectop) -> None:
    assert demo("demo").returncode == 0
    (one,) = containers(demo)
    words = ["runc", "--root", one["root"], "exec", "-d", one["id"], "sleep", "1000"]
    subprocess.run(words, check=True)
    (line,) = json.loads(demo("ls", "--format", "json").stdout)
    assert demo("demo", "--stop").returncode == 0
    assert json.loads(demo("ls", "--format", "json").stdout) == []
    begun = ProcessIdentity(pid=line["pid"], start_time=line["startTime"])
    assert not is_alive(begun)


def test_demo_is_made_anew_after_it_ended(demo: Exectop) -> None:
    assert demo("demo").returncode == 0
    (one,) = containers(demo)
    pidfd = os.pidfd_open(one["pid"])
    try:
        signal.pidfd_send_signal(pidfd, signal.SIGTERM)
        assert select.select([pidfd], [], [], 20)[0]
    finally:
        os.close(pidfd)
    assert containers(demo)[0]["state"] == "stopped"
    assert b"started" in demo("demo").stdout
    assert demo("exec", "exectop-demo", "true").returncode == 0


def test_run_without_a_terminal(demo: Exectop) -> None:
    done = demo("demo", "--run")
    assert done.returncode == 0, done.stderr
    text = done.stdout.decode()
    assert "started the container exectop-demo" in text
    assert "hello from exectop-demo, as root\n" in text
    assert "exectop-demo (demo)" in text
    assert json.loads(demo("ls", "--format", "json").stdout) == []


def test_run_starts_nothing_where_there_is_a_container(
    exectop: Exectop, container: LaunchedContainer
) -> None:
    done = exectop("demo", "--run")
    assert done.returncode == 0, done.stderr
    assert f"hello from {container.id}".encode() in done.stdout
    assert [each["id"] for each in containers(exectop)] == [container.id]


def test_the_hosts_own_programs_will_do(
    require_root: None,
    require_program: Callable[[str], str],
    short_folder: Path,
    exectop: Exectop,
    engine_settings: EngineSettings,
    container_ids: Iterator[str],
) -> None:
    require_program("runc")
    root, name = Path(engine_settings.roots[0]), next(container_ids)
    plan: BundlePlan = host_programs(short_folder / "rootfs", f"/{name}")
    assert plan.annotations == ANNOTATIONS
    container = launch_container("runc", root, name, short_folder / "bundle", plan)
    try:
        done = exectop("exec", "-t", name, "sh", "-c", "id -un; touch /usr/x 2>/dev/null; echo $?")
        assert done.stdout.replace(b"\r", b"") == b"root\n1\n", done.stderr
    finally:
        container.delete()


def test_a_container_of_that_name_that_is_not_ours_stays(
    make_container: Callable[..., LaunchedContainer],
    container_ids: Iterator[str],
    exectop: Exectop,
) -> None:
    make_container("runc", container_id="exectop-demo", cgroups_path=f"/{next(container_ids)}")
    done = exectop("demo")
    assert done.returncode == 125
    assert b"is not ours" in done.stderr
    assert b"there is no demo container" in exectop("demo", "--stop").stdout
    assert [each["id"] for each in containers(exectop)] == ["exectop-demo"]
