"""Whose other ends a process's streams have."""

from __future__ import annotations

import os
import pty
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from runtime.kernel.proc import identify
from runtime.kernel.streams import are_cut_off
from runtime.model import ProcessIdentity


class Program:
    """One that stays, with three streams."""

    def __init__(self) -> None:
        self._started: list[subprocess.Popen[bytes]] = []

    def start(self, **streams: Any) -> ProcessIdentity:
        given: dict[str, Any] = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.DEVNULL)
        self._started.append(subprocess.Popen(["sleep", "1000"], **given | streams))
        found = identify(self._started[-1].pid)
        assert found is not None
        return found

    def close(self) -> None:
        for each in self._started:
            each.kill()
            each.wait()


@pytest.fixture
def program() -> Iterator[Program]:
    made = Program()
    yield made
    made.close()


def test_pipes(program: Program) -> None:
    reader, writer = os.pipe()
    output, prints = os.pipe()
    process = program.start(stdin=reader, stdout=prints)
    os.close(reader)
    os.close(prints)
    assert not are_cut_off(process)
    os.close(writer)
    assert not are_cut_off(process), "somebody reads what it prints"
    os.close(output)
    assert are_cut_off(process)


def test_a_terminal(program: Program) -> None:
    master, slave = pty.openpty()
    process = program.start(stdin=slave, stdout=slave, stderr=slave)
    os.close(slave)
    assert not are_cut_off(process)
    os.close(master)
    assert are_cut_off(process)


def test_a_file_is_somewhere_to_look(program: Program, tmp_path: Path) -> None:
    reader, writer = os.pipe()
    with (tmp_path / "log").open("wb") as log:
        process = program.start(stdin=reader, stdout=log)
    os.close(reader)
    os.close(writer)
    assert not are_cut_off(process)


def test_nothing_leads_nowhere(program: Program) -> None:
    process = program.start()
    assert not are_cut_off(process)
    assert not are_cut_off(ProcessIdentity(pid=process.pid, start_time=1))
