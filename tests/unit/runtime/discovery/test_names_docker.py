"""docker's and containerd's names, from made-up files."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from runtime.discovery.docker_daemon import DockerDaemon
from runtime.discovery.engine_processes import EngineProcesses
from runtime.model import ContainerInfo
from tests.files.engines import containerd_database, docker_config, shim_bundle

Write = Callable[..., Path]
Only = Callable[[], ContainerInfo]

BOX = "a" * 64
LABELS = {"com.docker.compose.project": "shop"}


@pytest.fixture
def bundle(tmp_path: Path, runc: Write) -> Callable[..., Path]:
    """Makes a container of a containerd namespace; gives its bundle."""

    def make(namespace: str = "moby", container_id: str = BOX, **changes: Any) -> Path:
        notes = changes.pop("annotations", {})
        made = shim_bundle(tmp_path / "state", namespace, container_id, **changes)
        labels = [f"{name}={value}" for name, value in notes.items()]
        runc(container_id, labels=[*labels, f"bundle={made}"])
        return made

    return make


@pytest.fixture
def daemons(monkeypatch: pytest.MonkeyPatch) -> list[DockerDaemon]:
    """The dockerds that run."""
    running: list[DockerDaemon] = []
    monkeypatch.setattr(EngineProcesses, "daemons", lambda self: running)
    return running


def mounts_of(data_root: Path) -> list[str]:
    folder = data_root / "containers" / BOX
    return ["proc", "/home/u/hosts", *(f"{folder}/{name}" for name in ("resolv.conf", "hosts"))]


class TestDocker:
    def test_found_by_the_container_s_own_mounts(
        self, bundle: Write, tmp_path: Path, only: Only, daemons: list[DockerDaemon]
    ) -> None:
        bundle(mounts=mounts_of(tmp_path / "data"))
        docker_config(tmp_path / "data", BOX)
        found = only()
        assert (found.engine, found.name, found.image) == ("docker", "web", "nginx:latest")
        assert (found.labels, found.compose_project) == (LABELS, "shop")
        assert (found.namespace, found.runtime_path) == ("moby", "")
        assert (found.restarting, found.restarts) == (False, 3)

    def test_found_by_a_running_daemon(
        self, bundle: Write, tmp_path: Path, only: Only, daemons: list[DockerDaemon]
    ) -> None:
        daemons.append(DockerDaemon("/e", str(tmp_path / "data"), "moby", ()))
        bundle()
        docker_config(tmp_path / "data", BOX)
        assert only().name == "web"

    def test_in_a_namespace_of_its_own(
        self, bundle: Write, tmp_path: Path, only: Only, daemons: list[DockerDaemon]
    ) -> None:
        daemons.append(DockerDaemon("/e", str(tmp_path / "data"), "dock", ()))
        bundle("dock")
        docker_config(tmp_path / "data", BOX)
        assert (only().engine, only().namespace) == ("docker", "dock")

    def test_without_its_file(self, bundle: Write, only: Only, daemons: list[DockerDaemon]) -> None:
        bundle()
        found = only()
        assert (found.engine, found.name, found.image) == ("docker", BOX, "")

    def test_another_runtime(self, bundle: Write, only: Only, daemons: list[DockerDaemon]) -> None:
        bundle(options={"binary_name": "/opt/crun", "root": "/x"})
        assert only().runtime_path == "/opt/crun"

    def test_a_new_name(
        self, bundle: Write, tmp_path: Path, only: Only, daemons: list[DockerDaemon]
    ) -> None:
        bundle(mounts=mounts_of(tmp_path / "data"))
        docker_config(tmp_path / "data", BOX)
        assert only().name == "web"
        docker_config(tmp_path / "data", BOX, Name="/other")
        assert only().name == "other"

    @pytest.mark.parametrize("text", ["", '{"Name": "/we', "[]", '{"Name": 7}', "[" * 100_000])
    def test_a_broken_file_is_as_good_as_none(
        self, bundle: Write, tmp_path: Path, only: Only, daemons: list[DockerDaemon], text: str
    ) -> None:
        bundle(mounts=mounts_of(tmp_path / "data"))
        docker_config(tmp_path / "data", BOX).write_text(text)
        assert (only().engine, only().name) == ("docker", BOX)

    def test_missing_parts(
        self, bundle: Write, tmp_path: Path, only: Only, daemons: list[DockerDaemon]
    ) -> None:
        bundle(mounts=mounts_of(tmp_path / "data"))
        docker_config(tmp_path / "data", BOX).write_text('{"Name": "/x", "Config": null}')
        found = only()
        assert (found.name, found.image, found.labels, found.restarts) == ("x", "", {}, 0)


class TestContainerd:
    def test_by_its_database(
        self, bundle: Write, tmp_path: Path, only: Only, daemons: list[DockerDaemon]
    ) -> None:
        bundle("prod", "web", root=tmp_path / "lib")
        labels = {"team": "a", "containerd.io/restart.count": "4"}
        containerd_database(tmp_path / "lib", "prod", "web", image="nginx", labels=labels)
        found = only()
        assert (found.engine, found.name, found.namespace) == ("containerd", "web", "prod")
        assert (found.image, found.labels, found.restarts) == ("nginx", labels, 4)

    def test_nerdctl_s_name_and_project(
        self, bundle: Write, tmp_path: Path, only: Only, daemons: list[DockerDaemon]
    ) -> None:
        bundle("default", root=tmp_path / "lib")
        labels = {"nerdctl/name": "web", **LABELS}
        containerd_database(tmp_path / "lib", "default", BOX, image="nginx", labels=labels)
        assert (only().name, only().compose_project) == ("web", "shop")

    @pytest.mark.parametrize("spoil", ["no work link", "no database", "a database cut off"])
    def test_without_a_database_annotations_tell(
        self, bundle: Write, tmp_path: Path, only: Only, daemons: list[DockerDaemon], spoil: str
    ) -> None:
        root = tmp_path / "lib"
        bundle(
            "k8s.io",
            root=None if spoil == "no work link" else root,
            annotations=KUBERNETES | {"io.kubernetes.cri.container-name": "app"},
        )
        if spoil == "a database cut off":
            database = containerd_database(root, "k8s.io", BOX, image="i", labels={"a": "b"})
            database.write_bytes(database.read_bytes()[:5000])
        found = only()
        assert (found.engine, found.name, found.pod) == ("containerd", "app", "shop/web-0")
        assert (found.image, found.labels) == ("docker.io/library/nginx:1", {})

    def test_another_container_s_bundle_makes_none_containerd_s(
        self, tmp_path: Path, runc: Write, only: Only
    ) -> None:
        made = shim_bundle(tmp_path / "state", "default", "other")
        runc("box", labels=[f"bundle={made}"])
        assert (only().engine, only().namespace) == ("runc", "")


# As containerd's CRI plugin annotates (pkg/cri/annotations).
KUBERNETES = {
    "io.kubernetes.cri.container-type": "container",
    "io.kubernetes.cri.image-name": "docker.io/library/nginx:1",
    "io.kubernetes.cri.sandbox-id": "b" * 64,
    "io.kubernetes.cri.sandbox-name": "web-0",
    "io.kubernetes.cri.sandbox-namespace": "shop",
}


class TestKubernetesByContainerd:
    def test_the_labels_of_the_database_are_the_pod_s(
        self, bundle: Write, tmp_path: Path, only: Only, daemons: list[DockerDaemon]
    ) -> None:
        bundle("k8s.io", root=tmp_path / "lib")
        labels = {
            "io.cri-containerd.kind": "container",
            "io.kubernetes.container.name": "app",
            "io.kubernetes.pod.name": "web-0",
            "io.kubernetes.pod.namespace": "shop",
        }
        containerd_database(tmp_path / "lib", "k8s.io", BOX, image="nginx", labels=labels)
        found = only()
        assert (found.name, found.pod, found.sandbox) == ("app", "shop/web-0", False)
        assert found.labels == labels

    def test_a_sandbox(self, bundle: Write, only: Only, daemons: list[DockerDaemon]) -> None:
        bundle("k8s.io", annotations=KUBERNETES | {"io.kubernetes.cri.container-type": "sandbox"})
        found = only()
        assert (found.name, found.pod, found.sandbox) == ("web-0", "shop/web-0", True)


def test_options_of_a_shim_that_make_no_sense(
    bundle: Write, only: Only, daemons: list[DockerDaemon]
) -> None:
    made = bundle("default")
    for text in ("", "[]", json.dumps({"binary_name": 7})):
        (made / "options.json").write_text(text)
        assert only().runtime_path == ""
