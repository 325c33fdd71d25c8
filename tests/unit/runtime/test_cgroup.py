"""Whether a process is frozen, from the files of both kinds of cgroup."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from runtime.kernel import cgroup

V1 = "12:devices:/box\n9:freezer:/engine/box\n3:name=systemd:/elsewhere\n"
V2 = "0::/engine/box\n"


class Host:
    """A host's /proc and /sys/fs/cgroup in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, text: str) -> Path:
        return self.folder / text.lstrip("/")

    def write(self, path: str, text: str) -> None:
        self.path(path).parent.mkdir(parents=True, exist_ok=True)
        self.path(path).write_text(text)


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Host:
    made = Host(tmp_path)
    monkeypatch.setattr(cgroup, "Path", made.path)
    monkeypatch.setattr(cgroup, "_CGROUP", made.path("/sys/fs/cgroup"))
    return made


@pytest.mark.parametrize(
    ("state", "frozen"), [("FROZEN\n", True), ("THAWED\n", False), ("FREEZING\n", False)]
)
def test_version_1(host: Host, state: str, frozen: bool) -> None:
    host.write("/proc/7/cgroup", V1)
    host.write("/sys/fs/cgroup/freezer/engine/box/freezer.state", state)
    assert cgroup.is_frozen(7) is frozen


@pytest.mark.parametrize(
    ("state", "frozen"), [("populated 1\nfrozen 1\n", True), ("populated 1\nfrozen 0\n", False)]
)
def test_version_2(host: Host, state: str, frozen: bool) -> None:
    host.write("/proc/7/cgroup", V2)
    host.write("/sys/fs/cgroup/engine/box/cgroup.events", state)
    assert cgroup.is_frozen(7) is frozen


@pytest.mark.parametrize("order", [V1 + V2, V2 + V1])
def test_both_at_once(host: Host, order: str) -> None:
    host.write("/proc/7/cgroup", order)
    host.write("/sys/fs/cgroup/engine/box/cgroup.events", "frozen 0\n")
    host.write("/sys/fs/cgroup/freezer/engine/box/freezer.state", "FROZEN\n")
    assert cgroup.is_frozen(7)


def test_a_colon_in_the_path(host: Host) -> None:
    host.write("/proc/7/cgroup", "0::/a:b/c:d\n")
    host.write("/sys/fs/cgroup/a:b/c:d/cgroup.events", "frozen 1\n")
    assert cgroup.is_frozen(7)


def test_another_controller_s_path_does_not_count(host: Host) -> None:
    host.write("/proc/7/cgroup", "4:devices:/engine/box\n9:freezer:/\n")
    host.write("/sys/fs/cgroup/freezer/engine/box/freezer.state", "FROZEN\n")
    assert not cgroup.is_frozen(7)


def test_the_root_cgroup_has_no_freezer(host: Host) -> None:
    host.write("/proc/7/cgroup", "9:freezer:/\n0::/\n")
    assert not cgroup.is_frozen(7)


def test_a_process_that_is_gone_is_not_frozen(host: Host) -> None:
    assert not cgroup.is_frozen(7)


class TestRelease:
    """A killed process that version 1 keeps frozen is moved to a cgroup that is not frozen."""

    @pytest.fixture
    def procs(self, host: Host) -> Path:
        """The file of our own cgroup that takes processes in."""
        host.write("/proc/self/cgroup", "9:freezer:/ours\n4:devices:/x\n")
        host.write("/sys/fs/cgroup/freezer/ours/cgroup.procs", "")
        return host.path("/sys/fs/cgroup/freezer/ours/cgroup.procs")

    @pytest.mark.parametrize(("state", "moved"), [("FROZEN\n", "7"), ("THAWED\n", "")])
    def test_only_what_is_frozen_is_moved(
        self, host: Host, procs: Path, state: str, moved: str
    ) -> None:
        host.write("/proc/7/cgroup", V1)
        host.write("/sys/fs/cgroup/freezer/engine/box/freezer.state", state)
        cgroup.release_killed(7)
        assert procs.read_text() == moved

    def test_version_2_needs_no_help(self, host: Host) -> None:
        host.write("/proc/self/cgroup", "0::/ours\n")
        host.write("/proc/7/cgroup", V2)
        host.write("/sys/fs/cgroup/engine/box/cgroup.events", "frozen 1\n")
        cgroup.release_killed(7)
        assert not host.path("/sys/fs/cgroup/freezer").exists()

    def test_what_is_not_allowed_is_left_undone(self, host: Host, procs: Path) -> None:
        host.write("/proc/7/cgroup", V1)
        host.write("/sys/fs/cgroup/freezer/engine/box/freezer.state", "FROZEN\n")
        procs.unlink()
        procs.mkdir()
        cgroup.release_killed(7)
        assert list(procs.iterdir()) == []


class TestFreezer:
    def test_it_follows_the_files(self, host: Host, descriptors: Callable[[], int]) -> None:
        state = "/sys/fs/cgroup/freezer/engine/box/freezer.state"
        host.write("/proc/7/cgroup", V1 + V2)
        host.write("/sys/fs/cgroup/engine/box/cgroup.events", "frozen 0\n")
        host.write(state, "THAWED\n")
        before = descriptors()
        freezer = cgroup.Freezer(7)
        assert not freezer.is_frozen()
        host.write(state, "FROZEN\n")
        assert freezer.is_frozen()
        host.write(state, "THAWED\n")
        assert not freezer.is_frozen()
        assert descriptors() == before + 2
        freezer.close()
        assert descriptors() == before

    def test_a_cgroup_that_went_is_looked_for_again(
        self, host: Host, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        host.write("/proc/7/cgroup", V1)
        host.write("/sys/fs/cgroup/freezer/engine/box/freezer.state", "THAWED\n")
        freezer = cgroup.Freezer(7)
        host.write("/proc/7/cgroup", V1.replace("engine", "other"))
        host.write("/sys/fs/cgroup/freezer/other/box/freezer.state", "FROZEN\n")
        assert not freezer.is_frozen()
        pread = os.pread
        gone = iter([True])

        def read(descriptor: int, length: int, offset: int) -> bytes:
            if next(gone, False):  # as kernfs says of a cgroup that was removed
                raise OSError(errno.ENODEV, "No such device")
            return pread(descriptor, length, offset)

        monkeypatch.setattr(os, "pread", read)
        assert freezer.is_frozen()
        freezer.close()

    @pytest.mark.parametrize("text", ["", V1, V2])
    def test_without_files_nothing_is_frozen(self, host: Host, text: str) -> None:
        host.write("/proc/7/cgroup", text)
        assert not cgroup.Freezer(7).is_frozen()
