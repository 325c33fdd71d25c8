"""Which container is meant."""

from __future__ import annotations

import pytest

from runtime.discovery.references import matching, resolve
from runtime.errors import AmbiguousReferenceError, NoSuchContainerError
from runtime.model import ContainerInfo, ContainerState


def container(container_id: str, name: str, engine: str = "docker", **more: str) -> ContainerInfo:
    return ContainerInfo(
        **{
            "id": container_id,
            "name": name,
            "engine": engine,
            "runtime": "runc",
            "root": f"/run/{engine}",
            "bundle": "/b",
            "state": ContainerState.RUNNING,
            **more,
        }  # type: ignore[arg-type]
    )


WEB = container("abc1" + "0" * 60, "web")
ABC = container("fff2" + "0" * 60, "abc1", "podman")
SAME = container("abc3" + "0" * 60, "web", "podman")
PLAIN = container("box", "box", "runc")
APP = container("ddd4" + "0" * 60, "app", "cri-o", pod="shop/web-0")
TWIN = container("ddd5" + "0" * 60, "app", "cri-o", pod="shop/web-1")
INNER = container("eee6" + "0" * 60, "db", "podman", pod="front")
NERD = container("eee7" + "0" * 60, "web", "containerd", namespace="prod")
ALL = [WEB, ABC, SAME, PLAIN, APP, TWIN, INNER, NERD]


@pytest.mark.parametrize(
    ("reference", "meant"),
    [
        (WEB.id, [WEB]),
        ("box", [PLAIN]),
        ("bo", [PLAIN]),
        ("abc", [WEB, SAME]),
        ("abc1", [ABC]),
        ("abc10", [WEB]),
        ("web", [WEB, SAME, NERD]),
        ("/web", [WEB]),
        ("docker:web", [WEB]),
        ("docker:/web", [WEB]),
        ("podman:web", [SAME]),
        ("podman:abc", [SAME]),
        ("docker:abc1", [WEB]),
        ("containerd:web", [NERD]),
        ("prod:web", [NERD]),
        ("docker:", []),
        (":web", []),
        ("podman:box", []),
        ("app", [APP, TWIN]),
        ("web-0/app", [APP]),
        ("shop/web-1/app", [TWIN]),
        ("cri-o:web-1/app", [TWIN]),
        ("front/db", [INNER]),
        ("/app", []),
        ("/db", []),
        ("", []),
        ("nobody", []),
    ],
)
def test_what_is_meant(reference: str, meant: list[ContainerInfo]) -> None:
    assert matching(ALL, reference) == meant


def test_an_id_comes_before_a_name_that_looks_like_it() -> None:
    assert matching([*ALL, container("fff9", WEB.id)], WEB.id) == [WEB]


def test_none() -> None:
    with pytest.raises(NoSuchContainerError, match="no container 'nobody'") as raised:
        resolve(ALL, "nobody")
    assert raised.value.hint == "exectop ps lists them"
    with pytest.raises(NoSuchContainerError) as raised:
        resolve(ALL, "nobody", ["not allowed to read /x", "another"])
    assert raised.value.hint == "not allowed to read /x"


def test_more_than_one_are_told_apart() -> None:
    with pytest.raises(AmbiguousReferenceError) as raised:
        resolve(ALL, "web")
    assert raised.value.message == (
        "'web' fits 3 containers: docker:web (abc100000000 in /run/docker), "
        "podman:web (abc300000000 in /run/podman), containerd:web (eee700000000 in /run/containerd)"
    )
    with pytest.raises(AmbiguousReferenceError) as raised:
        resolve(ALL, "app")
    assert "cri-o:shop/web-0/app (ddd400000000)" in raised.value.message


def test_what_the_error_names_is_found_by_it() -> None:
    for each in (WEB, SAME, NERD):
        assert resolve(ALL, f"{each.engine}:{each.name}") is each
    assert resolve(ALL, f"cri-o:{APP.pod}/{APP.name}") is APP


def test_very_many_are_not_all_named() -> None:
    many = [container(f"{number:064}", "web") for number in range(9)]
    with pytest.raises(AmbiguousReferenceError) as raised:
        resolve(many, "web")
    assert raised.value.message.endswith(", …")
    assert raised.value.message.count("docker:web") == 5
