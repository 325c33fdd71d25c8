"""Listing containers from state files of runc, crun and youki."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from runtime.discovery import known_container
from runtime.discovery.containers import ContainerFinder
from runtime.discovery.state_files import read_record
from runtime.kernel.cgroup import Freezer
from runtime.model import ContainerInfo, ContainerState, ProcessIdentity
from tests.files.state import age, runc_state, us, write_runc, youki_state

Write = Callable[..., Path]
Only = Callable[[], ContainerInfo]
Finder = Callable[..., ContainerFinder]


def test_runc(root: Path, runc: Write, only: Only) -> None:
    runc("box")
    found = only()
    assert (found.id, found.name, found.runtime, found.engine) == ("box", "box", "runc", "podman")
    assert (found.root, found.bundle) == (str(root), "/bundles/box")
    assert (found.state, found.init, found.demo) == (ContainerState.RUNNING, us(), False)
    assert found.created == pytest.approx(1795499843.131293, abs=1e-5)


def test_crun(root: Path, crun: Write, only: Only) -> None:
    crun("box", {"io.container.manager": "cri-o"})
    found = only()
    assert (found.id, found.runtime, found.engine) == ("box", "crun", "cri-o")
    assert (found.root, found.bundle) == (str(root), "/bundles/box")
    assert (found.state, found.init) == (ContainerState.RUNNING, us())
    assert found.created == pytest.approx(1795499844.131293, abs=1e-5)


def test_youki(root: Path, runc: Write, only: Only) -> None:
    runc("box", json.dumps(youki_state()).encode())
    found = only()
    assert (found.id, found.runtime, found.engine) == ("box", "youki", "youki")
    assert (found.root, found.bundle) == (str(root), "/bundles/box")
    assert (found.state, found.init) == (ContainerState.RUNNING, us())


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({"status": "created"}, ContainerState.CREATED),
        ({"status": "creating", "pid": None}, ContainerState.STOPPED),
        # Created long before our start: some other process had this pid then.
        ({"created": "2020-01-01T00:00:00Z"}, ContainerState.STOPPED),
        ({"created": None}, ContainerState.RUNNING),
    ],
)
def test_states_of_youki(
    runc: Write, only: Only, changes: dict[str, Any], state: ContainerState
) -> None:
    runc("box", json.dumps(youki_state(**changes)).encode())
    assert only().state is state


def test_records(root: Path, runc: Write, crun: Write) -> None:
    of_runc = read_record(runc("a"))
    assert of_runc is not None
    assert of_runc.config_path == "/bundles/box/config.json"
    assert of_runc.annotations == {"org.example.note": "a=b", "io.container.manager": "libpod"}
    of_crun = read_record(crun("b", {"note": "x"}))
    assert of_crun is not None
    assert of_crun.config_path == str(root / "b/config.json")
    assert of_crun.annotations == {"note": "x"}
    of_youki = read_record(runc("c", json.dumps(youki_state()).encode()))
    assert of_youki is not None
    assert of_youki.config_path == "/bundles/box/config.json"
    assert of_youki.annotations == {"note": "x"}


def test_without_a_manager_the_runtime_is_the_engine(
    finder: ContainerFinder, crun: Write, runc: Write
) -> None:
    crun("a")
    runc("b", config={"labels": None})
    found, _ = finder.find()
    assert [each.engine for each in found] == ["runc", "crun"]


def test_demo_containers_are_marked(finder: ContainerFinder, runc: Write, crun: Write) -> None:
    runc("a", labels=["org.exectop.demo=true", "bundle=/b"])
    crun("b", {"org.exectop.demo": "true"})
    crun("c", {"org.exectop.demo": "false"})
    found, _ = finder.find()
    assert {each.id: each.demo for each in found} == {"a": True, "b": True, "c": False}


@pytest.mark.parametrize("kind", ["runc", "crun"])
def test_states(kind: str, only: Only, request: pytest.FixtureRequest) -> None:
    write: Write = request.getfixturevalue(kind)
    folder = write("box")
    assert only().state is ContainerState.RUNNING
    os.mkfifo(folder / "exec.fifo")
    assert only().state is ContainerState.CREATED
    assert only().init == us()
    write("box", init=ProcessIdentity(pid=os.getpid(), start_time=us().start_time + 1))
    assert only().state is ContainerState.STOPPED
    assert only().init is None


@pytest.mark.parametrize("pid", [0, -1])
def test_a_container_without_a_process_is_stopped(
    finder: ContainerFinder, runc: Write, crun: Write, pid: int
) -> None:
    init = ProcessIdentity(pid=pid, start_time=0)
    runc("a", init=init)
    crun("b", init=init)
    found, problems = finder.find()
    assert problems == []
    assert [(each.state, each.init) for each in found] == [(ContainerState.STOPPED, None)] * 2


def test_a_frozen_process_is_paused(
    runc: Write, only: Only, monkeypatch: pytest.MonkeyPatch
) -> None:
    runc("box")
    frozen = [True]
    monkeypatch.setattr(Freezer, "is_frozen", lambda self: frozen[0])
    assert only().state is ContainerState.PAUSED
    frozen[0] = False
    assert only().state is ContainerState.RUNNING


def test_a_state_changes_though_the_file_does_not(
    runc: Write, only: Only, zombie: tuple[Any, ProcessIdentity]
) -> None:
    folder = runc("box")
    os.mkfifo(folder / "exec.fifo")
    assert only().state is ContainerState.CREATED
    (folder / "exec.fifo").unlink()
    assert only().state is ContainerState.RUNNING
    runc("box", init=zombie[1])
    assert only().state is ContainerState.STOPPED


def test_an_end_is_noticed(
    runc: Write,
    only: Only,
    sleeper: Callable[[], tuple[Any, ProcessIdentity]],
    kill_hard: Callable[[Any], None],
) -> None:
    child, init = sleeper()
    runc("box", init=init)
    assert only().state is ContainerState.RUNNING
    kill_hard(child)
    assert only().state is ContainerState.STOPPED


def test_the_oldest_comes_first(finder: ContainerFinder, runc: Write) -> None:
    runc("c", created="2026-01-02T00:00:00Z")
    runc("b", created="2026-01-03T00:00:00Z")
    runc("a", created="2026-01-03T00:00:00Z")
    runc("d", created="long ago")
    found, _ = finder.find()
    assert [each.id for each in found] == ["d", "c", "a", "b"]
    assert found[0].created is None


def test_one_id_in_two_roots_is_two_containers(tmp_path: Path, make_finder: Finder) -> None:
    for name in ("one", "two"):
        write_runc(tmp_path / name / "box")
    found, _ = make_finder(tmp_path / "one", tmp_path / "two").find()
    assert [each.id for each in found] == ["box", "box"]
    assert len({each.key for each in found}) == 2


def test_two_ways_to_one_root_are_one_root(
    tmp_path: Path, root: Path, runc: Write, make_finder: Finder
) -> None:
    runc("box")
    (tmp_path / "link").symlink_to(root)
    finder = make_finder(tmp_path / "link", root, tmp_path / "x" / ".." / "root")
    (tmp_path / "x").mkdir()
    found, problems = finder.find()
    assert [each.root for each in found] == [str(root)]
    assert problems == []


def test_a_link_in_a_root_is_no_second_container(root: Path, runc: Write, only: Only) -> None:
    (root / "again").symlink_to(runc("box"))
    assert only().id == "box"


def test_what_is_as_it_was_is_the_same_object(root: Path, runc: Write, only: Only) -> None:
    age(runc("box"), root / "box/state.json")
    first = only()
    assert only() is first
    os.mkfifo(root / "box/exec.fifo")
    second = only()
    assert second.state is ContainerState.CREATED
    assert only() is second


def test_a_file_is_read_again_only_when_it_changed(
    root: Path, runc: Write, finder: ContainerFinder, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads: list[str] = []

    def count(folder: Path) -> Any:
        reads.append(folder.name)
        return read_record(folder)

    monkeypatch.setattr(known_container, "read_record", count)
    folder = runc("box")
    runc("other")
    age(*root.rglob("*"))
    finder.find()
    finder.find()
    assert finder.refresh(str(root), "box") is not None
    assert sorted(reads) == ["box", "other"]
    # As runc does: a new file that takes the name of the old.
    fresh = folder / "state.json.new"
    fresh.write_text(json.dumps(runc_state(labels=["bundle=/moved"])))
    fresh.rename(folder / "state.json")
    assert {each.bundle for each in finder.find()[0]} == {"/moved", "/bundles/box"}
    assert set(reads[2:]) == {"box"}


def test_what_was_just_written_is_read_again(
    runc: Write, only: Only, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two writes within one tick of the clock leave one time, and may leave one size."""
    folder = runc("box", labels=["bundle=/one"])
    state = folder / "state.json"
    written = state.stat().st_mtime_ns
    monkeypatch.setattr("runtime.kernel.stamps.now", lambda: written + 1)
    assert only().bundle == "/one"
    with state.open("r+") as file:
        file.write(json.dumps(runc_state(labels=["bundle=/two"])))
    os.utime(state, ns=(written, written))
    assert only().bundle == "/two"


def test_refresh_and_record_tell_of_one_container(
    root: Path, runc: Write, finder: ContainerFinder, only: Only
) -> None:
    folder = runc("box")
    found = finder.refresh(str(root), "box")
    assert found is not None
    assert found == only()
    record = finder.record(found)
    assert record is not None
    assert record.bundle == "/bundles/box"
    (folder / "state.json").unlink()
    folder.rmdir()
    assert finder.refresh(str(root), "box") is None
    assert finder.record(found) is None
    assert finder.refresh(str(root), "never") is None
    assert finder.refresh(str(root / "nowhere"), "box") is None


def test_folders_to_watch(root: Path, runc: Write, make_finder: Finder, tmp_path: Path) -> None:
    folder = runc("box")
    finder = make_finder(root, tmp_path / "to come", tmp_path / "any" / "*" / "runc")
    finder.find()
    watched = finder.folders()
    assert set(watched) == {root, folder, tmp_path / "to come", tmp_path / "any"}
    assert len(watched) == len(set(watched))
