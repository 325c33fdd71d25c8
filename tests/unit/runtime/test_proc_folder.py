"""Raw reads of processes: real ones, made-up ones, and none."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from runtime.errors import StateError
from runtime.kernel import proc_folder
from runtime.kernel.namespaces import outer_pid_namespaces, own_namespace, status_fields
from runtime.kernel.proc import identify, read_stat
from runtime.kernel.proc_folder import ProcFolder
from runtime.kernel.statx import file_facts
from runtime.model import ProcessIdentity

ME = os.getpid()
# Reads of one process, each with what it gives where nothing can be told.
READS: dict[str, tuple[Callable[[ProcFolder, int], Any], Any]] = {
    "inode": (lambda proc, pid: proc.inode(pid), None),
    "link": (lambda proc, pid: proc.link(pid, "ns/pid"), None),
    "read": (lambda proc, pid: proc.read(pid, "status"), None),
    "names": (lambda proc, pid: proc.names(pid, "fd"), []),
    "status": (lambda proc, pid: proc.status(pid), None),
    "file": (lambda proc, pid: proc.file(pid, "fd/0"), None),
    "link_mode": (lambda proc, pid: proc.link_mode(pid, "fd/0"), None),
    "stat": (lambda proc, pid: proc.stat(pid), None),
    "command": (lambda proc, pid: proc.command(pid), []),
    "status_fields": (status_fields, {}),
}


@pytest.mark.parametrize("name", READS)
def test_a_process_that_is_gone_gives_nothing(name: str, ended: ProcessIdentity) -> None:
    read, nothing = READS[name]
    with ProcFolder() as proc:
        assert read(proc, ended.pid) == nothing
        assert read(proc, ME) != nothing


@pytest.mark.parametrize("number", [errno.EACCES, errno.EPERM, errno.ESRCH, errno.EIO])
@pytest.mark.parametrize("name", READS)
def test_what_cannot_be_read_gives_nothing(
    name: str, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, nothing = READS[name]
    with ProcFolder() as proc:
        refuse(monkeypatch, number)
        assert read(proc, ME) == nothing


@pytest.mark.parametrize("number", [errno.EMFILE, errno.ENFILE, errno.ENOMEM])
@pytest.mark.parametrize("name", READS)
def test_a_look_without_resources_is_an_error(
    name: str, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, _ = READS[name]
    with ProcFolder() as proc:
        refuse(monkeypatch, number)
        with pytest.raises(StateError, match=os.strerror(number)):
            read(proc, ME)


def refuse(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """Let every read of a process fail."""

    def fail(*_: object, **__: object) -> Any:
        raise OSError(number, os.strerror(number))

    for name in ("open", "readlink", "stat"):
        monkeypatch.setattr(os, name, fail)
    monkeypatch.setattr(proc_folder, "file_facts", fail)


def test_what_vanishes_between_opening_and_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> Any:
        raise ProcessLookupError(errno.ESRCH, "gone")

    with ProcFolder() as proc:
        monkeypatch.setattr(os, "read", fail)
        monkeypatch.setattr(os, "scandir", fail)
        assert (proc.read(ME, "stat"), proc.names(ME, "fd")) == (None, [])


def test_the_facts_are_those_of_the_process(
    start_child: Callable[..., subprocess.Popen[str]],
) -> None:
    child = start_child("import sys; print(flush=True); sys.stdin.read()")
    # Until then its memory and its command line are being set up.
    assert child.stdout is not None
    child.stdout.readline()
    identity = identify(child.pid)
    assert identity is not None
    with ProcFolder() as proc:
        stat, other = proc.stat(identity.pid), read_stat(identity.pid)
        assert stat is not None
        assert other is not None
        assert (stat.identity, stat.ppid) == (other.identity, os.getpid())
        assert proc.command(identity.pid)[0] == sys.executable
        assert proc.link(identity.pid, "ns/pid") == own_namespace("pid")
        assert {"0", "1"} <= set(proc.names(identity.pid, "fd"))
        assert proc.link_mode(identity.pid, "fd/0") == 0o500
        assert status_fields(proc, identity.pid)["NSpid"][0] == str(identity.pid)
        owner = proc.status(identity.pid)
        assert owner is not None
        assert owner.st_uid == os.geteuid()


def test_long_files_are_read_whole_up_to_a_bound(tmp_path: Path) -> None:
    (tmp_path / "7").mkdir()
    (tmp_path / "7/environ").write_bytes(b"x" * 100_000)
    (tmp_path / "7/cmdline").write_bytes(b"y" * 1_000_000)
    with ProcFolder(tmp_path) as proc:
        assert proc.read(7, "environ") == b"x" * 100_000
        assert len(proc.read(7, "cmdline") or b"") < 400_000


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"", []),
        (b"sh\0-c\0\0", ["sh", "-c", ""]),
        (b"nginx: worker process", ["nginx: worker process"]),
        (b"a\xff\0", ["a\ufffd"]),
    ],
)
def test_command_lines(tmp_path: Path, text: bytes, words: list[str]) -> None:
    (tmp_path / "7").mkdir()
    (tmp_path / "7/cmdline").write_bytes(text)
    with ProcFolder(tmp_path) as proc:
        assert proc.command(7) == words


def test_only_processes_are_listed(tmp_path: Path) -> None:
    for name in ("12", "7", "self", "sys", "12a"):
        (tmp_path / name).mkdir()
    with ProcFolder(tmp_path) as proc:
        assert proc.pids() == {7: proc.inode(7), 12: proc.inode(12)}


def test_the_listed_inode_is_the_process_s_own() -> None:
    with ProcFolder() as proc:
        assert proc.pids()[ME] == proc.inode(ME)


def test_without_proc_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(StateError, match="cannot open"):
        ProcFolder(tmp_path / "none")


def test_no_namespace_is_around_ours_but_those_we_may_see() -> None:
    assert outer_pid_namespaces(ME) in ([], [own_namespace("pid")])
    assert own_namespace("nothing") == ""


def test_a_namespace_within_ours_has_ours_around_it(
    require_program: Callable[[str], str], require_root: None
) -> None:
    words = [require_program("unshare"), "--pid", "--fork", "--kill-child", "sh", "-c"]
    child = subprocess.Popen(
        [*words, "echo started; read line"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "started\n"
    with ProcFolder() as proc:
        (inner,) = (
            each for each in proc.pids() if (stat := proc.stat(each)) and stat.ppid == child.pid
        )
        assert proc.link(inner, "ns/pid") not in (None, own_namespace("pid"))
    assert outer_pid_namespaces(inner)[0] == own_namespace("pid")
    child.communicate("\n")


def test_facts_of_a_file_are_those_of_stat(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("x")
    os.utime(file, ns=(1_500_000_000_250_000_000, 1_600_000_000_500_000_000))
    found, facts = file.stat(), file_facts(str(file))
    assert (facts.mode, facts.inode) == (found.st_mode, found.st_ino)
    assert facts.device == (os.major(found.st_dev), os.minor(found.st_dev))
    assert (facts.accessed, facts.modified) == (1_500_000_000.25, 1_600_000_000.5)
    assert file_facts("/dev/null").special == (1, 3)
    with pytest.raises(FileNotFoundError):
        file_facts(str(tmp_path / "none"))
