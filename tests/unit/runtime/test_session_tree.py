"""The processes of a session: real ones, and pids that were given anew."""

from __future__ import annotations

import json
import os
import secrets
import signal
import subprocess
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from runtime.kernel.environ import pid_namespace
from runtime.kernel.proc import ProcessStat, identify
from runtime.model import ProcessIdentity
from runtime.sessions import tree
from runtime.sessions.tree import SessionTree

# Another run of these tests may look at the same host: its marker must not be ours.
ID = secrets.token_hex(32)
# Each process reports its pid under a name, and lives until standard input ends: so all end with
# the test, however that ends.
TREE = """
import json, os, sys
def report(writer, **pids):
    os.write(writer, json.dumps(pids).encode() + b"\\n")
    os.close(writer)
def fork(name, inside):
    reader, writer = os.pipe()
    if os.fork() == 0:
        os.close(reader)
        inside(name, writer)
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as told:
        return json.loads(told.readline())
def stay(name, writer, **others):
    report(writer, **{name: os.getpid()}, **others)
    os.read(0, 1)
def with_child(name, writer):
    stay(name, writer, **fork("grandchild", stay))
def own_session(name, writer):
    os.setsid()
    stay(name, writer)
def reparented(name, writer):
    between = os.getpid()
    if os.fork() == 0:
        while os.getppid() == between:  # it tells of itself once it is an orphan
            os.sched_yield()
        stay(name, writer)
def daemon(name, writer):
    os.setsid()
    reparented(name, writer)
pids = {"leader": os.getpid()}
for name, inside in (
    ("child", with_child),
    ("setsid", own_session),
    ("reparented", reparented),
    ("daemon", daemon),
):
    pids |= fork(name, inside)
print(json.dumps(pids), flush=True)
os.read(0, 1)
"""


@pytest.fixture
def pids(start_child: Callable[..., subprocess.Popen[str]]) -> dict[str, int]:
    """A session's processes by name."""
    child = start_child(TREE, start_new_session=True, env={"EXECTOP_SESSION": ID})
    assert child.stdout is not None
    pids: dict[str, int] = json.loads(child.stdout.readline())
    return pids


def leader_of(pids: dict[str, int]) -> ProcessIdentity:
    leader = identify(pids["leader"])
    assert leader is not None
    return leader


def rules(found: SessionTree, pids: dict[str, int]) -> dict[str, str]:
    """The rule that found each process, by the process's name."""
    names = {pid: name for name, pid in pids.items()}
    return {
        names.get(each.process.pid, f"{each.process.pid} {each.command}"): each.rule
        for each in found.look()
    }


EVERYBODY = {
    "leader": "leader",
    "child": "parentage",
    "grandchild": "parentage",
    "setsid": "parentage",
    "reparented": "session",
    "daemon": "marker",
}


def test_everything_that_came_of_the_session(pids: dict[str, int]) -> None:
    leader = leader_of(pids)
    found = SessionTree(ID, leader, pid_namespace(leader.pid))
    assert rules(found, pids) == EVERYBODY
    assert found.look()[0].process == leader
    assert all(each.process == identify(each.process.pid) for each in found.look())


def test_without_a_namespace_no_marker_is_believed(pids: dict[str, int]) -> None:
    found = SessionTree(ID, leader_of(pids), None)
    assert rules(found, pids) == {
        name: rule for name, rule in EVERYBODY.items() if rule != "marker"
    }


def test_another_session_s_marker_is_not_ours(pids: dict[str, int]) -> None:
    leader = leader_of(pids)
    found = SessionTree("e" * 64, leader, pid_namespace(leader.pid))
    assert "daemon" not in rules(found, pids)


def test_another_namespace_s_marker_is_not_believed(pids: dict[str, int]) -> None:
    found = SessionTree(ID, leader_of(pids), 1)
    assert "daemon" not in rules(found, pids)


def test_what_was_found_once_stays_found_when_its_parent_has_ended(
    pids: dict[str, int], kill_hard: Callable[..., None]
) -> None:
    leader = leader_of(pids)
    found = SessionTree("e" * 64, leader, None)
    first = rules(found, pids)
    os.kill(leader.pid, signal.SIGKILL)
    os.waitid(os.P_PID, leader.pid, os.WEXITED | os.WNOWAIT)
    # The leader is a zombie now, its children are the host's.
    del first["leader"]
    assert rules(found, pids) == first
    # Looked at for the first time now, only the kernel session tells.
    assert rules(SessionTree("e" * 64, leader, None), pids) == {
        "child": "session",
        "grandchild": "session",
        "reparented": "session",
    }


def test_another_process_with_the_leader_s_pid_is_not_ours(pids: dict[str, int]) -> None:
    leader = leader_of(pids)
    other = msgspec.structs.replace(leader, start_time=leader.start_time - 1)
    assert SessionTree("e" * 64, other, None).look() == []


Host = list[ProcessStat]


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch) -> Host:
    """The processes of a host, to be changed by the test."""
    processes: Host = []
    monkeypatch.setattr(tree, "all_stats", lambda: list(processes))
    return processes


def process(pid: int, start_time: int, ppid: int = 1, **fields: Any) -> ProcessStat:
    made: dict[str, Any] = {
        "comm": "x",
        "state": "S",
        "pgrp": pid,
        "session": pid,
        "tty_nr": 0,
    } | fields
    return ProcessStat(pid=pid, ppid=ppid, start_time=start_time, **made)


LEADER = ProcessIdentity(pid=100, start_time=50)


def found_pids(found: SessionTree) -> list[int]:
    return [each.process.pid for each in found.look()]


def test_the_children_of_who_got_a_known_pid_are_not_ours(host: Host) -> None:
    host[:] = [process(100, 50), process(101, 51, 100, session=101)]
    found = SessionTree(ID, LEADER, None)
    assert found_pids(found) == [100, 101]
    # 101 ended; another process got its pid, and has a child.
    host[1:] = [process(101, 70), process(102, 71, 101)]
    assert found_pids(found) == [100]


def test_the_session_of_who_got_the_leader_s_pid_is_not_ours(host: Host) -> None:
    host[:] = [process(100, 70), process(101, 71, 100, session=100)]
    assert found_pids(SessionTree(ID, LEADER, None)) == []


def test_nothing_older_than_the_leader_is_ours(host: Host) -> None:
    host[:] = [process(100, 50), process(99, 49, 100), process(98, 49, session=100)]
    assert found_pids(SessionTree(ID, LEADER, None)) == [100]


def test_zombies_are_left_out_but_not_what_they_left(host: Host) -> None:
    host[:] = [
        process(100, 50, state="Z"),
        process(101, 51, session=100),
        process(102, 52, 101, session=100, state="Z"),
    ]
    assert found_pids(SessionTree(ID, LEADER, None)) == [101]


def test_a_session_without_processes(host: Host) -> None:
    assert SessionTree(ID, LEADER, None).look() == []
