"""Reading a hostile container's files without leaving its root."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from runtime.errors import AccessDeniedError, ContainerStateError
from runtime.kernel.proc import identify
from runtime.kernel.rootfs import container_root, is_endless, is_executable, read_file
from runtime.model import ProcessIdentity


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A root filesystem, with something secret beside it."""
    (tmp_path / "secret").write_text("secret")
    root = tmp_path / "root"
    (root / "etc").mkdir(parents=True)
    (root / "etc/passwd").write_text("inside")
    return root


@pytest.fixture
def root(tree: Path) -> Iterator[int]:
    """The root filesystem as a descriptor."""
    descriptor = os.open(tree, os.O_PATH | os.O_DIRECTORY)
    yield descriptor
    os.close(descriptor)


def link(tree: Path, target: str, name: str = "link") -> str:
    (tree / name).symlink_to(target)
    return f"/{name}"


@pytest.mark.parametrize("path", ["/etc/passwd", "etc/passwd", "/etc/../../../etc/./passwd"])
def test_a_file_below_the_root(root: int, path: str) -> None:
    assert read_file(root, path) == b"inside"


@pytest.mark.parametrize(
    "target",
    ["/etc/passwd", "etc/passwd", "../../../../etc/passwd", "/../etc/passwd", "//etc//passwd"],
)
def test_links_are_followed_below_the_root(tree: Path, root: int, target: str) -> None:
    assert read_file(root, link(tree, target)) == b"inside"


def test_links_to_folders_and_links_to_links(tree: Path, root: int) -> None:
    link(tree, "/etc", "folder")
    link(tree, "/folder/passwd", "first")
    link(tree, "first", "second")
    assert read_file(root, "/second") == b"inside"


@pytest.mark.parametrize("target", ["../secret", "../../../../../../secret", "/../secret"])
def test_nothing_outside_the_root_is_read(tree: Path, root: int, target: str) -> None:
    assert read_file(root, link(tree, target)) is None
    assert read_file(root, target) is None


def test_an_absolute_path_of_the_host_is_not_the_host_s(
    tmp_path: Path, tree: Path, root: int
) -> None:
    outside = tmp_path / "secret"
    assert read_file(root, link(tree, str(outside))) is None
    # The same path below the root is the container's own business.
    inside = tree / str(outside).lstrip("/")
    inside.parent.mkdir(parents=True)
    inside.write_text("its own")
    assert read_file(root, "/link") == b"its own"


def test_links_in_a_circle(tree: Path, root: int) -> None:
    link(tree, "/b", "a")
    link(tree, "/a", "b")
    assert read_file(root, "/a") is None


def test_magic_links_are_not_followed(tmp_path: Path, tree: Path) -> None:
    # /proc/self/fd/N leads anywhere; a container has a /proc of its own.
    secret = os.open(tmp_path / "secret", os.O_RDONLY)
    proc = os.open("/proc", os.O_PATH | os.O_DIRECTORY)
    try:
        assert read_file(proc, f"/{os.getpid()}/fd/{secret}") is None
        assert read_file(proc, f"/{os.getpid()}/comm")
    finally:
        os.close(secret)
        os.close(proc)


def make_fifo(path: Path) -> None:
    os.mkfifo(path, 0o777)


def make_folder(path: Path) -> None:
    path.mkdir(0o777)


def make_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(os.path.relpath(path))
    path.chmod(0o777)


def make_device(path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root makes devices")
    os.mknod(path, 0o020777, os.makedev(1, 5))  # /dev/zero


def make_nothing(path: Path) -> None:
    assert not path.exists()


@pytest.mark.parametrize("make", [make_fifo, make_folder, make_socket, make_device, make_nothing])
def test_only_regular_files_are_opened(
    tree: Path, root: int, make: Callable[[Path], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tree)
    make(tree / "it")
    link(tree, "it")
    # Opening a FIFO in earnest would wait for ever: the test's timeout would tell.
    for path in ("/it", "/link"):
        assert read_file(root, path) is None
        assert not is_executable(root, path)


@pytest.mark.parametrize(
    ("make", "expected"),
    [(make_fifo, True), (make_device, True), (make_folder, False), (make_nothing, False)],
)
def test_what_has_no_end(
    tree: Path, root: int, make: Callable[[Path], None], expected: bool
) -> None:
    make(tree / "it")
    assert is_endless(root, "/it") is expected
    assert is_endless(root, link(tree, "it")) is expected
    assert not is_endless(root, "/etc/passwd")


def test_the_null_device_has_an_end(tree: Path, root: int) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root makes devices")
    os.mknod(tree / "null", 0o020666, os.makedev(1, 3))
    assert not is_endless(root, "/null")


def test_a_large_file_is_read_up_to_the_bound(tree: Path, root: int) -> None:
    (tree / "large").write_bytes(b"x" * (1024 * 1024 + 10))
    assert read_file(root, "/large") == b"x" * 1024 * 1024
    assert read_file(root, "/large", 3) == b"xxx"
    assert read_file(root, "/etc/passwd", 3) == b"ins"


@pytest.mark.parametrize(
    ("mode", "expected"),
    [(0o755, True), (0o100, True), (0o010, True), (0o001, True), (0o644, False), (0o000, False)],
)
def test_executable_by_anybody(tree: Path, root: int, mode: int, expected: bool) -> None:
    (tree / "sh").write_text("#!/bin/true\n")
    (tree / "sh").chmod(mode)
    assert is_executable(root, "/sh") is expected
    assert is_executable(root, link(tree, "sh")) is expected


def test_no_descriptor_is_left(tree: Path, root: int, descriptors: Callable[[], int]) -> None:
    make_fifo(tree / "fifo")
    before = descriptors()
    for path in ("/etc/passwd", "/etc", "/fifo", "/nothing"):
        read_file(root, path)
        is_executable(root, path)
    assert descriptors() == before


def test_the_root_that_a_process_sees(descriptors: Callable[[], int]) -> None:
    us = identify(os.getpid())
    assert us is not None
    before = descriptors()
    with container_root(us) as root:
        assert os.fstat(root).st_ino == os.stat("/").st_ino
        assert descriptors() == before + 1
    assert descriptors() == before


def test_the_root_of_a_process_that_is_gone(ended: ProcessIdentity) -> None:
    with pytest.raises(ContainerStateError) as caught, container_root(ended):
        pytest.fail("it has no root any more")
    assert caught.value.hint


def test_the_root_of_another_process_with_that_pid_is_not_shown(
    descriptors: Callable[[], int],
) -> None:
    us = identify(os.getpid())
    assert us is not None
    before = descriptors()
    other = ProcessIdentity(pid=us.pid, start_time=us.start_time - 1)
    with pytest.raises(ContainerStateError), container_root(other):
        pytest.fail("this is another process's root")
    assert descriptors() == before


def test_another_user_s_root_is_not_shown(unprivileged: Path) -> None:
    init = identify(1)
    assert init is not None
    with pytest.raises(AccessDeniedError) as caught, container_root(init):
        pytest.fail("an ordinary user may not look there")
    assert caught.value.hint
