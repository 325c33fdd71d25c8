"""One host with every engine at once: each container is listed once, with the right name."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from app.demo.bundle import BundlePlan
from app.demo.launch import launch_container
from runtime.engine import Engine
from runtime.model import ContainerInfo
from tests.engines.containerd import Containerd
from tests.engines.docker import Docker
from tests.engines.podman import Podman
from tests.integration.conftest import PROGRAM
from tests.integration.engines.rootless_podman import RootlessPodman
from tests.integration.rootless.conftest import OrdinaryUser, RootlessContainer

Facts = dict[str, Any]
LABELS = ("--label", "com.docker.compose.project=shop", "--label", "team=a")
SHOP = {"com.docker.compose.project": "shop", "team": "a"}
# What is expected of a container for which nothing else is said.
USUAL: Facts = {
    "runtime": "runc",
    "image": "",
    "labels": {},
    "namespace": "",
    "pod": "",
    "composeProject": "",
    "owner": 0,
    "state": "running",
}


@pytest.fixture
def clean(short_folder: Path) -> Iterator[ExitStack]:
    """What was put on it is done at the end, while the folders are still there."""
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def of_podman(podman: Podman, container_ids: Iterator[str], clean: ExitStack) -> dict[str, Facts]:
    """podman's: with runc, with crun, and one in a pod and in a project."""
    plain, crun, member, pod = (next(container_ids) for _ in range(4))
    podman.do("pod", "create", "--name", pod, "--infra=false")
    clean.callback(podman.do, "pod", "rm", pod)
    found: dict[str, Facts] = {}
    for name, runtime, options, facts in (
        (plain, "runc", (), {}),
        (crun, "crun", (), {}),
        (member, "runc", ("--pod", pod, *LABELS), {"pod": pod, "labels": SHOP}),
    ):
        container = podman.run(name, runtime=runtime, options=options)
        clean.callback(podman.remove, name)
        found[container] = {"engine": "podman", "name": name, "root": f"/run/{runtime}"}
        found[container] |= {"runtime": runtime, **facts}
    return found


@pytest.fixture
def of_docker(docker: Docker, container_ids: Iterator[str], clean: ExitStack) -> dict[str, Facts]:
    """docker's, with each of its runtimes; where its folders are nobody says."""
    found: dict[str, Facts] = {}
    other = ("--runtime", "other")
    for runtime, options, labels in (("runc", LABELS, SHOP), ("crun", other, {})):
        name = next(container_ids)
        container = docker.run(name, options=options)
        clean.callback(docker.remove, name)
        found[container] = {"engine": "docker", "name": name, "root": str(docker.root)}
        found[container] |= {"image": "exectop-test", "namespace": "moby"}
        found[container] |= {"runtime": runtime, "labels": labels}
    return found


@pytest.fixture
def of_containerd(
    containerd: Containerd,
    docker: Docker,
    container_ids: Iterator[str],
    short_folder: Path,
    clean: ExitStack,
) -> dict[str, Facts]:
    """containerd's: from an image, from a folder, with crun, and with a root of its own."""
    image = docker.save(short_folder / "image.tar")
    containerd.load(short_folder / "image.tar")
    roots = short_folder / "roots"
    own = f"{roots}/{containerd.namespace}"
    found: dict[str, Facts] = {}
    for options, wanted, facts in (
        (("--label", "team=a"), image, {"image": image}),
        ((), "", {}),
        (("--runc-binary", "/usr/bin/crun"), "", {"runtime": "crun"}),
        (("--runc-root", str(roots)), "", {"root": own}),
    ):
        name = containerd.run(next(container_ids), options=options, image=wanted)
        clean.callback(containerd.remove, name)
        found[name] = {"engine": "containerd", "name": name, "root": str(containerd.root)}
        found[name] |= {"namespace": containerd.namespace, "labels": None, **facts}
    return found


@pytest.fixture
def of_runtimes(
    rootfs: Path, short_folder: Path, container_ids: Iterator[str], clean: ExitStack
) -> dict[str, Facts]:
    """Containers without an engine, in the runtimes' usual places.

    crun uses XDG_RUNTIME_DIR for root, too, where that is set.
    """
    found: dict[str, Facts] = {}
    for root in (Path("/run/runc"), Path("/run/crun"), Path("/run/user/0/crun")):
        for folder in (*reversed(root.parents), root):
            if not folder.exists():
                folder.mkdir(mode=0o700)
                clean.callback(folder.rmdir)
        name = next(container_ids)
        plan = BundlePlan(rootfs=rootfs)
        made = launch_container(root.name, root, name, short_folder / name, plan)
        clean.callback(made.delete)
        found[name] = {"engine": root.name, "name": name, "root": str(root), "runtime": root.name}
    return found


@pytest.fixture
def of_a_user(
    logged_in: OrdinaryUser,
    rootless_podman: RootlessPodman,
    make_rootless: Callable[[str], RootlessContainer],
    container_ids: Iterator[str],
) -> dict[str, Facts]:
    """An ordinary user's: podman's, and without an engine."""
    folder, name = logged_in.runtime_folder, next(container_ids)
    facts = {"root": f"{folder}/crun", "runtime": "crun", "owner": logged_in.uid}
    # runc as an ordinary user wants cgroups of podman.
    found = {rootless_podman.run(name, "crun"): facts | {"engine": "podman", "name": name}}
    for runtime in ("runc", "crun"):
        plain, root = make_rootless(runtime).id, f"{folder}/{runtime}"
        found[plain] = facts | {"engine": runtime, "runtime": runtime, "name": plain, "root": root}
    return found


@pytest.fixture
def everything(
    of_podman: dict[str, Facts],
    of_docker: dict[str, Facts],
    of_containerd: dict[str, Facts],
    of_runtimes: dict[str, Facts],
    of_a_user: dict[str, Facts],
) -> dict[str, Facts]:
    """What is expected of all containers, by id."""
    parts = (of_podman, of_docker, of_containerd, of_runtimes, of_a_user)
    return {name: USUAL | facts for part in parts for name, facts in part.items()}


def of(listed: list[Facts], container_id: str) -> Facts:
    found = [each for each in listed if each["id"] == container_id]
    assert len(found) == 1, f"{container_id} is listed {len(found)} times"
    return found[0]


def test_every_container_is_listed_once(everything: dict[str, Facts], short_folder: Path) -> None:
    places = ("--state-dir", short_folder / "state", "--run-dir", short_folder / "run")
    command = [PROGRAM, *map(str, places), "--config", "/dev/null", "ps", "--format", "json"]
    done = subprocess.run(command, capture_output=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, b"")
    listed = json.loads(done.stdout)
    for container_id, facts in everything.items():
        project = (facts["labels"] or {}).get("com.docker.compose.project", "")
        expected = facts | {"composeProject": project}
        if expected["labels"] is None:
            del expected["labels"]  # containerd adds some of the image's
        found = of(listed, container_id)
        assert {key: found[key] for key in expected} == expected


async def test_every_container_is_found_by_its_name(
    everything: dict[str, Facts], engine: Engine
) -> None:
    for container_id, facts in everything.items():
        for reference in (facts["name"], container_id, f"{facts['engine']}:{facts['name']}"):
            assert (await engine.find_container(reference)).id == container_id


async def test_a_user_sees_their_own_only(
    everything: dict[str, Facts], logged_in: OrdinaryUser
) -> None:
    done = logged_in.exectop("ps", "--format", "json")
    assert (done.returncode, done.stderr) == (0, b"")
    listed = json.loads(done.stdout)
    own = {name: facts for name, facts in everything.items() if facts["owner"]}
    assert {each["id"] for each in listed} == own.keys()
    for container_id, facts in own.items():
        found = of(listed, container_id)
        assert (found["name"], found["engine"]) == (facts["name"], facts["engine"])


async def test_root_starts_nothing_in_a_user_s_container(
    of_a_user: dict[str, Facts], engine: Engine, short_folder: Path
) -> None:
    listed: list[ContainerInfo] = [await engine.find_container(each) for each in of_a_user]
    places = ("--state-dir", short_folder / "other", "--run-dir", short_folder / "run")
    for each in listed:
        words = [PROGRAM, *map(str, places), "exec", each.id, "true"]
        done = subprocess.run(words, capture_output=True, timeout=60)
        assert done.returncode == 125
        assert f"it is user {each.owner}'s" in done.stderr.decode()
