"""Which cgroup is written to, and that no other process or cgroup is touched."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from runtime.kernel import cgroup_lock


@pytest.fixture
def groups(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that stands for /sys/fs/cgroup."""
    monkeypatch.setattr(cgroup_lock, "_CGROUP", tmp_path)
    return tmp_path


def member_of(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, text: str) -> None:
    file = tmp_path / "self"
    file.write_text(text)
    names = {"/proc/self/cgroup": file}
    monkeypatch.setattr(cgroup_lock, "Path", lambda name: names[name])


def procs(folder: Path) -> Path:
    folder.mkdir(parents=True)
    file = folder / "cgroup.procs"
    file.touch()
    return file


@pytest.mark.parametrize(
    ("line", "place"),
    [
        ("0::/user/one\n", "user/one"),
        ("0::/\n", "unified"),
        ("4:memory:/box\n0::/\n", "memory/box"),
        ("3:name=systemd:/a:b\n", "systemd/a:b"),
        ("5:cpu,cpuacct:/box\n", "cpu,cpuacct/box"),
    ],
)
def test_the_process_stays_where_it_is(
    groups: Path, monkeypatch: pytest.MonkeyPatch, line: str, place: str
) -> None:
    member_of(monkeypatch, groups, line)
    file = procs(groups / place)
    cgroup_lock.make_ready()
    assert file.read_text() == str(os.getpid())


def test_one_that_may_not_be_written_to_is_passed_over(
    groups: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    member_of(monkeypatch, groups, "4:memory:/gone\n3:pids:/box\n")
    file = procs(groups / "pids" / "box")
    cgroup_lock.make_ready()
    assert file.read_text() == str(os.getpid())


def test_nowhere_to_write_is_no_error(groups: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    member_of(monkeypatch, groups, "4:memory:/gone\n0::/gone\n")
    cgroup_lock.make_ready()
    assert not list(groups.rglob("cgroup.procs"))


def test_on_this_host_nothing_moves() -> None:
    before = Path("/proc/self/cgroup").read_text()
    cgroup_lock.make_ready()
    assert Path("/proc/self/cgroup").read_text() == before
