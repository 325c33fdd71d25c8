"""Counting who is attached to a session."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from runtime.oci.bundle import ExecBundle
from runtime.sessions import viewers
from runtime.sessions.viewers import ViewerCounts, count_viewers, registered

VIEW = """
import sys
from pathlib import Path
from runtime.oci.bundle import ExecBundle
from runtime.sessions.viewers import registered
with registered(ExecBundle(Path(sys.argv[1]), "box")):
    print("attached", flush=True)
    sys.stdin.readline()
"""
Child = subprocess.Popen[str]


@pytest.fixture
def viewer(bundle: ExecBundle) -> Iterator[Child]:
    """Another program that is attached until a line is sent to it."""
    child = subprocess.Popen(
        [sys.executable, "-c", VIEW, str(bundle.folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[3],
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "attached\n"
    yield child
    child.kill()
    child.communicate()


def files(bundle: ExecBundle) -> list[Path]:
    return list(bundle.viewers.iterdir())


def test_nobody(bundle: ExecBundle) -> None:
    assert count_viewers(bundle) == 0


def test_two_of_one_program(bundle: ExecBundle) -> None:
    with registered(bundle):
        assert count_viewers(bundle) == 1
        with registered(bundle):
            assert count_viewers(bundle) == 2
            assert count_viewers(bundle) == 2  # counting changes nothing
        assert count_viewers(bundle) == 1
    assert count_viewers(bundle) == 0
    assert files(bundle) == []


def test_one_of_another_program(bundle: ExecBundle, viewer: Child) -> None:
    assert count_viewers(bundle) == 1
    with registered(bundle):
        assert count_viewers(bundle) == 2
    viewer.communicate("\n")
    assert count_viewers(bundle) == 0
    assert files(bundle) == []


def test_one_that_is_killed_leaves_nothing_that_counts(
    bundle: ExecBundle, viewer: Child, kill_hard: Callable[[Child], None]
) -> None:
    with registered(bundle):
        kill_hard(viewer)
        assert len(files(bundle)) == 2
        assert count_viewers(bundle) == 1
        assert len(files(bundle)) == 1  # the leftover is gone
    assert count_viewers(bundle) == 0


def test_a_leftover_is_removed(bundle: ExecBundle) -> None:
    (bundle.viewers / "12345-abcdef").touch()
    assert count_viewers(bundle) == 0
    assert files(bundle) == []


def test_one_that_is_just_coming_does_not_count_and_is_not_removed(bundle: ExecBundle) -> None:
    coming = bundle.viewers / "12345-abcdef.new"
    coming.touch()
    assert count_viewers(bundle) == 0
    assert coming.exists()


def test_an_error_while_attached_ends_it(bundle: ExecBundle) -> None:
    with pytest.raises(KeyError), registered(bundle):
        raise KeyError
    assert count_viewers(bundle) == 0


async def test_a_bundle_that_goes_while_one_is_attached(
    bundle: ExecBundle, descriptors: Callable[[], int]
) -> None:
    before = descriptors()
    with registered(bundle):
        await bundle.remove()
        assert count_viewers(bundle) == 0
        assert not bundle.folder.exists()
    with registered(bundle):  # it has gone already
        assert count_viewers(bundle) == 0
    assert not bundle.folder.exists()
    assert descriptors() == before


@pytest.fixture
def counts(bundle: ExecBundle) -> ViewerCounts:
    """Counts that have seen a folder which was empty for a long time."""
    os.utime(bundle.viewers, (1, 1))
    made = ViewerCounts()
    assert made.count(bundle) == 0
    made.begin_look()
    return made


def test_an_empty_folder_that_stays_as_it_is_is_not_read_again(
    bundle: ExecBundle, counts: ViewerCounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(viewers, "count_viewers", lambda _: pytest.fail("it was read"))
    for _ in range(3):
        assert counts.count(bundle) == 0
        counts.begin_look()


def test_who_comes_to_a_folder_that_was_empty_counts(
    bundle: ExecBundle, counts: ViewerCounts
) -> None:
    with registered(bundle):
        assert counts.count(bundle) == 1
        counts.begin_look()
        assert counts.count(bundle) == 1
    counts.begin_look()
    assert counts.count(bundle) == 0


def test_a_folder_that_has_just_changed_is_read_again(bundle: ExecBundle) -> None:
    counts = ViewerCounts()
    assert counts.count(bundle) == 0
    changed = bundle.viewers.stat().st_mtime_ns
    with registered(bundle):
        os.utime(bundle.viewers, ns=(changed, changed))  # within the grain of a file's times
        counts.begin_look()
        assert counts.count(bundle) == 1


def test_a_bundle_that_is_gone_has_no_viewers(tmp_path: Path) -> None:
    assert ViewerCounts().count(ExecBundle(tmp_path / "nowhere", "box")) == 0
