"""Where runtimes' roots may be, which are there, and whose they are."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from runtime.discovery.folder_names import FolderNames
from runtime.discovery.roots import (
    RuntimeRoot,
    RuntimeRoots,
    containerd_root,
    default_roots,
    docker_roots,
    makeshift_roots,
    owner_of,
)
from tests.files.state import age

OTHER = 12345


def found(*patterns: str) -> list[str]:
    return [each.path for each in RuntimeRoots(FolderNames()).find(patterns)]


def test_roots_of_an_ordinary_user(unprivileged: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", "/run/user/7")
    own = ["/run/user/7/runc", "/run/user/7/crun", "/run/user/7/youki"]
    assert default_roots() == [*own, "/run/user/7/docker/runtime-*/*"]
    monkeypatch.delenv("XDG_RUNTIME_DIR")
    assert default_roots()[0] == f"/run/user/{os.geteuid()}/runc"
    assert f"/tmp/storage-run-{os.geteuid()}/crun" in makeshift_roots()
    assert not any("*" in each for each in makeshift_roots())


def test_roots_of_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("runtime.discovery.roots.os.geteuid", lambda: 0)
    monkeypatch.setenv("XDG_RUNTIME_DIR", "/run/user/0")
    assert set(default_roots()) >= {
        *("/run/runc", "/run/crun", "/run/youki"),
        *("/run/docker/runtime-*/*", "/run/containerd/runc/*"),
        *("/run/user/*/runc", "/run/user/*/crun", "/run/user/*/docker/runtime-*/*"),
    }
    assert {"/tmp/podman-run-*/runc", "/tmp/youki-*"} <= set(makeshift_roots())


def test_roots_of_engines() -> None:
    assert docker_roots("/srv/docker/") == "/srv/docker/runtime-*/*"
    assert containerd_root("k8s.io") == "/run/containerd/runc/k8s.io"
    assert containerd_root("k8s.io", "/srv/runc") == "/srv/runc/k8s.io"


def test_stars_are_any_name(tmp_path: Path) -> None:
    for name in ("user/1/runc", "user/2/runc", "user/3/crun", "docker/runtime-runc/moby"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "docker/other/moby").mkdir(parents=True)
    (tmp_path / "user/4").symlink_to(tmp_path / "user/1")
    assert found(f"{tmp_path}/user/*/runc", f"{tmp_path}/docker/runtime-*/*") == [
        f"{tmp_path}/user/1/runc",
        f"{tmp_path}/user/2/runc",
        f"{tmp_path}/docker/runtime-runc/moby",
    ]
    assert found(f"{tmp_path}/nowhere/*/runc") == []


def test_each_root_once_by_its_real_path(tmp_path: Path) -> None:
    (tmp_path / "run/runc").mkdir(parents=True)
    (tmp_path / "var").symlink_to("run")
    ways = [f"{tmp_path}/var/runc", f"{tmp_path}/run/runc", f"{tmp_path}/*/runc"]
    for each in (ways, ways[::-1]):
        assert found(*each) == [f"{tmp_path}/run/runc"]


def test_a_root_that_comes_and_goes(tmp_path: Path) -> None:
    roots = RuntimeRoots(FolderNames())
    pattern = [f"{tmp_path}/*/runc"]
    assert roots.find(pattern) == []
    (tmp_path / "a/runc").mkdir(parents=True)
    assert [each.path for each in roots.find(pattern)] == [f"{tmp_path}/a/runc"]
    (tmp_path / "a/runc").rmdir()
    assert roots.find(pattern) == []


def test_the_owner_is_whoever_could_change_what_is_there(
    tmp_path: Path, require_root: None
) -> None:
    inner = tmp_path / "a/b"
    inner.mkdir(parents=True)
    assert owner_of(inner) == 0
    os.chown(tmp_path / "a", OTHER, -1)
    assert owner_of(inner) == OTHER
    assert RuntimeRoots(FolderNames()).find([str(inner)]) == [RuntimeRoot(str(inner), OTHER)]


def test_listings_are_kept_until_the_folder_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed: list[str] = []
    scandir = os.scandir

    def scan(path: str) -> object:
        listed.append(path)
        return scandir(path)

    (tmp_path / "a").mkdir()
    (tmp_path / "link").symlink_to("a")
    (tmp_path / "file").touch()
    age(tmp_path)
    monkeypatch.setattr(os, "scandir", scan)
    names = FolderNames()
    assert [names.list(str(tmp_path)) for _ in range(3)] == [["a"]] * 3
    assert len(listed) == 1
    (tmp_path / "b").mkdir()
    # Just changed: another change might leave the same time.
    assert [names.list(str(tmp_path)) for _ in range(2)] == [["a", "b"]] * 2
    assert len(listed) == 3
    assert names.take_asked() == {str(tmp_path)}
    assert names.take_asked() == set()
