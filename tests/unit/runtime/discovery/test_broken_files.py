"""State files that are half written, damaged, forbidden or about to vanish."""

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
from runtime.model import ContainerInfo, ProcessIdentity
from tests.files.state import age, runc_state, write_runc

Write = Callable[..., Path]
Only = Callable[[], ContainerInfo]
Finder = Callable[..., ContainerFinder]

WHOLE = json.dumps(runc_state(ProcessIdentity(pid=1, start_time=1))).encode()


def test_a_root_that_is_not_there_is_no_problem(tmp_path: Path, make_finder: Finder) -> None:
    assert make_finder(tmp_path / "nowhere").find() == ([], [])


def test_what_is_no_container_is_passed_over(root: Path, runc: Write, only: Only) -> None:
    runc("box")
    (root / "empty").mkdir()
    (root / "file").write_text("x")
    (root / "dangling").symlink_to("nowhere")
    assert only().id == "box"


@pytest.mark.parametrize(
    "text",
    [
        b"",
        WHOLE[:-1],
        WHOLE[: len(WHOLE) // 2],
        b"no JSON",
        b"[]",
        b"{}",
        b'"text"',
        WHOLE.replace(b'"init_process_pid": 1', b'"init_process_pid": "1"'),
        WHOLE.replace(b"/bundles", b"/\xff"),
        b'{"x":' + b"[" * 200_000,
    ],
    ids=lambda text: repr(text[:20]),
)
def test_a_broken_file_is_a_problem_and_hides_no_other(
    root: Path, runc: Write, finder: ContainerFinder, text: bytes
) -> None:
    runc("box")
    age(runc("broken", text) / "state.json")
    found, problems = finder.find()
    assert [each.id for each in found] == ["box"]
    assert len(problems) == 1
    assert problems[0].startswith(f"cannot make sense of the container state in {root}/broken: ")


def test_many_broken_files_of_a_root_are_one_sentence(
    root: Path, runc: Write, finder: ContainerFinder
) -> None:
    for name in ("a", "b", "c"):
        age(runc(name, b"{}") / "state.json")
    problems = finder.find()[1]
    assert len(problems) == 1
    assert f"{root}/a: " in problems[0]
    assert problems[0].endswith("(and 2 more there)")


def test_a_broken_crun_status_is_a_problem(crun: Write, finder: ContainerFinder) -> None:
    status = crun("box") / "status"
    status.write_text('{"pid": 7, "bun')
    age(status)
    found, problems = finder.find()
    assert (found, len(problems)) == ([], 1)


def test_a_crun_container_that_is_only_half_there_is_none_yet(
    crun: Write, finder: ContainerFinder
) -> None:
    folder = crun("box")
    (folder / "config.json").unlink()
    assert finder.find() == ([], [])


def test_a_file_that_is_being_written_is_no_problem(runc: Write, finder: ContainerFinder) -> None:
    runc("box", WHOLE[:50])
    assert finder.find() == ([], [])
    runc("box")
    assert [each.id for each in finder.find()[0]] == ["box"]


def test_while_a_file_is_written_again_the_container_stays(
    runc: Write, finder: ContainerFinder
) -> None:
    folder = runc("box")
    (before,), _ = finder.find()
    runc("box", WHOLE[:50])
    assert finder.find() == ([before], [])
    age(folder / "state.json")  # nobody is writing it any more
    found, problems = finder.find()
    assert (found, len(problems)) == ([], 1)


@pytest.mark.parametrize("what", ["a FIFO", "a folder", "a link to a device"])
def test_what_only_looks_like_a_state_file_is_not_waited_for(
    root: Path, runc: Write, only: Only, what: str
) -> None:
    runc("box")
    (root / "odd").mkdir()
    state = root / "odd" / "state.json"
    make: dict[str, Callable[[], None]] = {
        "a FIFO": lambda: os.mkfifo(state),
        "a folder": state.mkdir,
        "a link to a device": lambda: state.symlink_to("/dev/zero"),
    }
    make[what]()
    assert only().id == "box"


def test_one_that_vanishes_while_it_is_read(
    runc: Write, finder: ContainerFinder, monkeypatch: pytest.MonkeyPatch
) -> None:
    runc("a")
    runc("b")

    def read_and_remove(folder: Path) -> Any:
        if folder.name == "a":
            (folder / "state.json").unlink()
            folder.rmdir()
        return read_record(folder)

    monkeypatch.setattr(known_container, "read_record", read_and_remove)
    found, problems = finder.find()
    assert [each.id for each in found] == ["b"]
    assert problems == []


def test_one_that_is_removed_and_comes_back(runc: Write, finder: ContainerFinder) -> None:
    folder = runc("box")
    (first,), _ = finder.find()
    (folder / "state.json").unlink()
    assert finder.find() == ([], [])
    runc("box")
    (second,), _ = finder.find()
    assert second == first


def test_one_that_may_not_be_read(unprivileged: Path, make_finder: Finder) -> None:
    for name in ("open", "closed"):
        write_runc(unprivileged / name)
    (unprivileged / "closed").chmod(0)
    found, problems = make_finder(unprivileged).find()
    assert [each.id for each in found] == ["open"]
    assert problems == [
        f"not allowed to read {unprivileged}/closed; run exectop as its owner or as root"
    ]


def test_a_root_that_may_not_be_listed(unprivileged: Path, make_finder: Finder) -> None:
    closed = unprivileged / "root"
    closed.mkdir(mode=0)
    assert make_finder(closed).find() == (
        [],
        [f"cannot list the runtime root {closed}: Permission denied"],
    )
