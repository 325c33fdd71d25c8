"""What command lines tell of the parents of sessions."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from runtime.discovery.parents import ParentKind, Parents
from runtime.discovery.process_table import ProcessTable
from runtime.kernel.proc_folder import ProcFolder
from tests.unit.runtime.made_up_proc import MadeUpProc

KINDS = [
    ("conmon", ["/usr/bin/conmon", "-c", "x", "-u", "s", "-e"], ParentKind.CONMON_EXEC),
    ("conmon", ["conmon", "--cid=x", "--exec", "--exec-attach"], ParentKind.CONMON_EXEC),
    ("conmon", ["/usr/bin/conmon", "-c", "x", "-u", "x"], ParentKind.CONMON_INIT),
    ("containerd-shim", ["/x/containerd-shim-runc-v2", "-id", "x"], ParentKind.SHIM),
    ("containerd-shim", [], ParentKind.SHIM),
    ("runc", ["runc", "--root", "/r", "exec", "-t", "x", "sh"], ParentKind.RUNTIME_EXEC),
    ("crun", ["/usr/bin/crun", "run", "x"], ParentKind.RUNTIME),
    ("youki", ["youki", "exec", "x"], ParentKind.RUNTIME_EXEC),
    ("nsenter", ["nsenter", "-t", "1"], ParentKind.NSENTER),
    ("systemd", ["/lib/systemd/systemd", "--user"], ParentKind.REAPER),
    ("tini", ["tini", "--", "x"], ParentKind.REAPER),
    ("bash", ["-bash"], ParentKind.OTHER),
    ("conmonkey", ["conmonkey"], ParentKind.OTHER),
]


@pytest.fixture
def host(tmp_path: Path) -> MadeUpProc:
    return MadeUpProc(tmp_path / "proc")


@pytest.fixture
def table(host: MadeUpProc) -> Iterator[ProcessTable]:
    with ProcFolder(host.folder) as proc:
        yield ProcessTable(proc)


@pytest.mark.parametrize(("comm", "words", "kind"), KINDS)
def test_kinds(
    host: MadeUpProc, table: ProcessTable, comm: str, words: list[str], kind: ParentKind
) -> None:
    host.add(20, comm=comm, words=words)
    assert Parents(table).get(20).kind is kind


def test_the_first_process_and_one_that_is_gone_take_orphans(
    host: MadeUpProc, table: ProcessTable
) -> None:
    host.add(1, 0, comm="process_api")
    assert Parents(table).get(1).kind is ParentKind.REAPER
    assert Parents(table).get(0).kind is ParentKind.REAPER


@pytest.mark.parametrize(
    "words",
    [
        ["conmon", "-e", "-u", "s", "-b", "/b", "-p", "/b/exec_pid"],
        ["conmon", "-e", "--cuuid", "s", "--bundle=/b", "--container-pidfile", "/b/exec_pid"],
        # What comes with the exit command may look like anything.
        ["conmon", "-u", "s", "-b", "/b", "-p", "/b/exec_pid", "-e", "--exit-command-arg", "-u"],
    ],
)
def test_what_conmon_tells(host: MadeUpProc, table: ProcessTable, words: list[str]) -> None:
    host.add(20, 7, comm="conmon", words=words)
    parent = Parents(table).get(20)
    assert (parent.session, parent.bundle, parent.pid_file) == ("s", "/b", "/b/exec_pid")
    assert (parent.pid, parent.ppid) == (20, 7)


def test_what_a_shim_tells(host: MadeUpProc, table: ProcessTable) -> None:
    host.add(20, words=["containerd-shim-runc-v2", "-namespace", "k8s.io", "-id", "x"])
    assert Parents(table).get(20).namespace == "k8s.io"


def test_a_parent_is_read_once_but_another_with_its_pid_anew(
    host: MadeUpProc, table: ProcessTable
) -> None:
    parents = Parents(table)
    host.add(20, comm="runc", words=["runc", "exec", "x"])
    table.look()
    first = parents.get(20)
    assert parents.get(20) is first
    host.add(20, comm="nsenter", words=["nsenter"])
    table.look()
    second = parents.get(20)
    assert second.kind is ParentKind.NSENTER
    parents.forget_all_but(set())
    assert parents.get(20) is not second
