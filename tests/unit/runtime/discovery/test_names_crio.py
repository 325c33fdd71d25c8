"""CRI-O's names, from the annotations that it writes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from runtime.discovery.engine_processes import EngineProcesses, Monitor
from runtime.model import ContainerInfo

Write = Callable[..., Path]
Only = Callable[[], ContainerInfo]

BOX = "a" * 64
LABELS = {"app": "shop", "io.kubernetes.container.name": "app"}
# As CRI-O 1.30 annotates a container that kubelet asked for, shortened.
NOTES = {
    "io.container.manager": "cri-o",
    "io.kubernetes.container.name": "app",
    "io.kubernetes.container.restartCount": "2",
    "io.kubernetes.pod.name": "web-0",
    "io.kubernetes.pod.namespace": "shop",
    "io.kubernetes.cri-o.ContainerType": "container",
    "io.kubernetes.cri-o.ContainerID": BOX,
    "io.kubernetes.cri-o.Image": "c" * 64,
    "io.kubernetes.cri-o.ImageName": "docker.io/library/nginx:1",
    "io.kubernetes.cri-o.Labels": json.dumps(LABELS),
    "io.kubernetes.cri-o.Metadata": json.dumps({"name": "app", "attempt": 2}),
    "io.kubernetes.cri-o.Name": "k8s_app_web-0_shop_uid_2",
    "io.kubernetes.cri-o.SandboxID": "b" * 64,
}
SANDBOX = {
    "io.container.manager": "cri-o",
    "io.kubernetes.container.name": "POD",
    "io.kubernetes.pod.name": "web-0",
    "io.kubernetes.pod.namespace": "shop",
    "io.kubernetes.cri-o.ContainerType": "sandbox",
    "io.kubernetes.cri-o.Metadata": json.dumps({"name": "web-0", "namespace": "shop"}),
    "io.kubernetes.cri-o.Name": "k8s_web-0_shop_uid_0",
}


@pytest.fixture(params=["runc", "crun"])
def find(request: pytest.FixtureRequest, only: Only) -> Callable[[dict[str, str]], ContainerInfo]:
    """A container with these annotations, as it is found."""
    write: Any = request.getfixturevalue(request.param)

    def find(notes: dict[str, str]) -> ContainerInfo:
        if request.param == "runc":
            write(BOX, labels=[*(f"{name}={value}" for name, value in notes.items()), "bundle=/b"])
        else:
            write(BOX, notes)
        return only()

    return find


Find = Callable[[dict[str, str]], ContainerInfo]


def test_a_container(find: Find) -> None:
    found = find(NOTES)
    assert (found.engine, found.name, found.pod) == ("cri-o", "app", "shop/web-0")
    assert (found.image, found.labels) == ("docker.io/library/nginx:1", LABELS)
    assert (found.restarts, found.sandbox) == (2, False)


def test_a_sandbox(find: Find) -> None:
    found = find(SANDBOX)
    assert (found.engine, found.name, found.pod) == ("cri-o", "web-0", "shop/web-0")
    assert found.sandbox


def test_one_that_kubelet_did_not_ask_for(find: Find) -> None:
    own = {name: value for name, value in NOTES.items() if "cri-o" in name + value}
    found = find(own | {"io.kubernetes.cri-o.Namespace": "shop"})
    assert (found.name, found.restarts) == ("app", 2)


@pytest.mark.parametrize(
    ("missing", "name"),
    [
        ({"io.kubernetes.container.name"}, "app"),
        ({"io.kubernetes.container.name", "io.kubernetes.cri-o.Metadata"},
         "k8s_app_web-0_shop_uid_2"),
        ({"io.kubernetes.container.name", "io.kubernetes.cri-o.Metadata",
          "io.kubernetes.cri-o.Name"}, BOX),
    ],
)  # fmt: skip
def test_names_in_order_of_preference(find: Find, missing: set[str], name: str) -> None:
    assert find({key: value for key, value in NOTES.items() if key not in missing}).name == name


@pytest.mark.parametrize("text", ["", "{", "[]", '{"app": 7}', "[" * 100_000])
def test_nonsense(find: Find, text: str) -> None:
    spoilt = {"io.kubernetes.cri-o.Labels": text, "io.kubernetes.cri-o.Metadata": text}
    found = find(NOTES | spoilt | {"io.kubernetes.container.restartCount": "many"})
    assert (found.name, found.labels, found.restarts) == ("app", {}, None)


def test_the_program_is_the_monitor_s(find: Find, monkeypatch: pytest.MonkeyPatch) -> None:
    monitor = Monitor(name="k8s_app_web-0_shop_uid_2", runtime="/usr/libexec/crio/crun")
    monkeypatch.setattr(EngineProcesses, "monitor", lambda self, name: {BOX: monitor}.get(name))
    assert find(NOTES).runtime_path == "/usr/libexec/crio/crun"
