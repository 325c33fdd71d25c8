"""The containers of the tests are themselves what the tests take them for."""

from __future__ import annotations

import json
import os
import re
import select
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from app.demo.launch import LaunchedContainer

MakeContainer = Callable[..., LaunchedContainer]


def run_in(container: LaunchedContainer, *command: str, user: str = "0") -> str:
    words = [container.runtime, "--root", str(container.root), "exec", "--user", user]
    done = subprocess.run(
        [*words, container.id, *command], capture_output=True, text=True, timeout=30
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_container_runs_and_has_its_user(container: LaunchedContainer) -> None:
    assert run_in(container, "id", "-u", user="1000:1000") == "1000\n"
    assert run_in(container, "hostname") == f"{container.id}\n"
    state = subprocess.run(
        [container.runtime, "--root", str(container.root), "state", container.id],
        capture_output=True,
        check=True,
    )
    assert json.loads(state.stdout)["pid"] == container.pid


def test_init_reaps_orphans(container: LaunchedContainer) -> None:
    run_in(container, "sh", "-c", "(sleep 0 &) ; exit 0")
    script = "for try in $(seq 20); do ps -o stat | grep -q Z || exit 0; sleep 0.1; done; exit 1"
    run_in(container, "sh", "-c", script)


@pytest.mark.parametrize("runtime", ["runc", "crun"])
def test_changes_reach_the_bundle(make_container: MakeContainer, runtime: str) -> None:
    container = make_container(
        runtime, nofile=77, no_new_privileges=True, own_rootfs=True, container_id=f"own-{runtime}"
    )
    status = Path(f"/proc/{container.pid}/status").read_text()
    assert "NoNewPrivs:\t1" in status
    limits = Path(f"/proc/{container.pid}/limits").read_text()
    assert re.search(r"^Max open files +77 +77 ", limits, re.MULTILINE)
    assert container.rootfs.parent == container.bundle


def test_init_ends_on_term(container: LaunchedContainer) -> None:
    pidfd = os.pidfd_open(container.pid)
    try:
        container.kill("TERM")
        assert select.select([pidfd], [], [], 10)[0]
    finally:
        os.close(pidfd)
