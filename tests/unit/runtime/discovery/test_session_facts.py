"""Users, usage, idle times, exec files and attached clients of sessions."""

from __future__ import annotations

import os
import pty
import socket
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from runtime.discovery import exec_files
from runtime.discovery.attached import AttachedClients
from runtime.discovery.exec_files import ExecFiles, is_noted, podman_exec_id
from runtime.discovery.usage import added, costly_usage, idle_time, stat_and_usage
from runtime.discovery.users import read_user
from runtime.kernel.proc import identify
from runtime.kernel.proc_folder import ProcFolder
from runtime.model import ProcessIdentity, SessionUsage

ME = os.getpid()
MiB = 1024 * 1024


@pytest.fixture
def proc() -> Iterator[ProcFolder]:
    with ProcFolder() as made:
        yield made


@pytest.mark.parametrize(
    ("uid", "uid_map", "inner", "name"),
    [
        (0, "0 0 4294967295", 0, "root"),
        (1000, "0 0 4294967295", 1000, "1000"),
        (100000, "0 100000 65536", 0, "root"),
        (101234, "0 1000 1\n1 101234 65536", 1, "1"),
        (7, "0 100000 65536", None, ""),
        (7, "", None, ""),
    ],
)
def test_a_user_inside(
    tmp_path: Path, uid: int, uid_map: str, inner: int | None, name: str
) -> None:
    home = tmp_path / "9"
    home.mkdir()
    (home / "status").write_text(f"Uid:\t1\t{uid}\t3\t4\n")
    (home / "uid_map").write_text(uid_map)
    (home / "loginuid").write_text("4294967295")
    with ProcFolder(tmp_path) as made:
        user = read_user(made, 9)
    assert (user.uid, user.inner, user.name, user.login) == (uid, inner, name, None)


def test_a_login_survives(tmp_path: Path) -> None:
    (tmp_path / "9").mkdir()
    (tmp_path / "9/loginuid").write_text("1000")
    with ProcFolder(tmp_path) as made:
        assert read_user(made, 9).login == 1000


def test_time_and_memory(proc: ProcFolder, start_child: Callable[..., Any]) -> None:
    child = start_child(
        "import sys, time; x = bytearray(64 * 1024 * 1024)\n"
        "while time.process_time() < 0.3: pass\n"
        "print(flush=True); sys.stdin.read()"
    )
    child.stdout.readline()
    seen = stat_and_usage(proc, child.pid)
    assert seen is not None
    stat, usage = seen
    assert stat.identity == identify(child.pid)
    assert usage.cpu is not None
    assert 0.25 <= usage.cpu < 60
    assert usage.memory is not None
    assert 64 * MiB <= usage.memory < 256 * MiB


def test_the_time_of_children_that_ended_counts(
    proc: ProcFolder, start_child: Callable[..., Any]
) -> None:
    burn = "import time\nwhile time.process_time() < 0.3: pass"
    child = start_child(
        f"import subprocess, sys; subprocess.run([{sys.executable!r}, '-c', {burn!r}])\n"
        "print(flush=True); sys.stdin.read()"
    )
    child.stdout.readline()
    seen = stat_and_usage(proc, child.pid)
    assert seen is not None
    assert (seen[1].cpu or 0) >= 0.28


def test_storage_and_open_files(
    proc: ProcFolder, start_child: Callable[..., Any], tmp_path: Path
) -> None:
    child = start_child(
        "import os, sys; f = open(sys.argv[1], 'wb'); f.write(b'x' * 5_000_000); f.flush()\n"
        "os.fsync(f.fileno()); print(flush=True); sys.stdin.read()",
        str(tmp_path / "file"),
    )
    child.stdout.readline()
    usage = costly_usage(proc, child.pid)
    assert usage.open_files == 4
    assert (usage.written or 0) >= 5_000_000


def test_what_is_known_of_several() -> None:
    one = SessionUsage(cpu=1.5, memory=3)
    assert added([one, SessionUsage(cpu=0.5, read=4)]) == SessionUsage(cpu=2.0, memory=3, read=4)
    assert added([]) == SessionUsage()


def test_idle_is_since_the_terminal_was_used(
    proc: ProcFolder, start_child: Callable[..., Any]
) -> None:
    master, slave = pty.openpty()
    child = start_child("import sys; print(flush=True); sys.stdin.read()", stderr=slave)
    try:
        child.stdout.readline()
        old = time.time() - 5000
        os.utime(f"/proc/self/fd/{slave}", (old, old - 7))
        idle = idle_time(proc, child.pid, time.time())
        assert idle is not None
        assert 5000 <= idle < 5100
        os.write(slave, b"x")  # the kernel sets the time in steps of eight seconds
        idle = idle_time(proc, child.pid, time.time())
        assert idle is not None
        assert idle < 100
        assert idle_time(proc, child.pid, old) == 0.0
    finally:
        os.close(slave)
        os.close(master)


def test_without_a_terminal_there_is_no_idle_time(
    proc: ProcFolder, start_child: Callable[..., Any]
) -> None:
    child = start_child("import sys; sys.stdin.read()")
    assert idle_time(proc, child.pid, time.time()) is None


def identity() -> ProcessIdentity:
    found = identify(ME)
    assert found is not None
    return found


def test_the_shim_s_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "init.pid").write_text(f"{ME}")
    (tmp_path / "other.pid").write_text("1\n")
    (tmp_path / "broken.pid").write_text("x")
    os.mkfifo(tmp_path / "trap.pid")
    (tmp_path / "link.pid").symlink_to("mine.pid")
    files = ExecFiles()
    assert files.shim_exec_id(str(tmp_path), identity()) == ""
    (tmp_path / "mine.pid").write_text(f"{ME}")
    assert files.shim_exec_id(str(tmp_path), identity()) == "mine"
    assert files.shim_exec_id(str(tmp_path / "none"), identity()) == ""

    # Once the folder has not changed for a while it is not read again.
    monkeypatch.setattr(exec_files, "_SLACK", -10.0)
    files.shim_exec_id(str(tmp_path), identity())
    monkeypatch.setattr(exec_files, "_shim_files", lambda _: pytest.fail("read again"))
    assert files.shim_exec_id(str(tmp_path), identity()) == "mine"


def test_podman_s_files(tmp_path: Path) -> None:
    for name, text in (("a", "1"), ("b", f"{ME}\n"), ("artifacts", None)):
        (tmp_path / name).mkdir()
        if text is not None:
            (tmp_path / name / "exec_pid").write_text(text)
    assert podman_exec_id(str(tmp_path), identity()) == "b"
    assert podman_exec_id(str(tmp_path / "none"), identity()) == ""
    # A file of before the process began is of another that had its pid.
    file = tmp_path / "b/exec_pid"
    os.utime(file, (1, 1))
    assert not is_noted(str(file), identity())
    assert podman_exec_id(str(tmp_path), identity()) == ""


def test_attached_clients(proc: ProcFolder, tmp_path: Path) -> None:
    clients = AttachedClients(proc)
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as server:
        server.bind(str(tmp_path / "attach"))
        server.listen()
        clients.begin_look()
        assert clients.of_conmon(ME) == 0
        ends = []
        for count in (1, 2):
            client = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            client.connect(str(tmp_path / "attach"))
            ends.append((client, server.accept()[0]))
            clients.begin_look()
            assert clients.of_conmon(ME) == count
            assert clients.of_conmon(1) == 0
        # conmon has not noticed yet that it is gone.
        ends[0][0].close()
        clients.begin_look()
        assert clients.of_conmon(ME) == 1
        for pair in ends:
            for end in pair:
                end.close()


def test_where_sockets_are_not_told_of_there_are_none(tmp_path: Path) -> None:
    with ProcFolder(tmp_path) as made:
        assert AttachedClients(made).of_conmon(ME) == 0
