"""Which pids come next."""

from __future__ import annotations

from pathlib import Path

from runtime.kernel.pid_counter import PidCounter


def test_pids_between_a_parent_and_its_child() -> None:
    counter = PidCounter(5000, 32768)
    assert list(counter.between(1000, 1004)) == [1001, 1002, 1003]
    assert list(counter.between(1000, 1001)) == []


def test_pids_go_on_from_the_beginning() -> None:
    counter = PidCounter(5000, 32768)
    assert list(counter.between(32766, 302)) == [32767, 300, 301]


def test_how_far_away_a_pid_is() -> None:
    counter = PidCounter(5000, 32768)
    assert counter.until(5001) == 1
    assert counter.until(5000) == 32768 - 300
    assert counter.until(4999) == 32768 - 300 - 1


def test_reading_it(tmp_path: Path) -> None:
    (tmp_path / "loadavg").write_text("0.1 0.2 0.3 1/345 777\n")
    (tmp_path / "sys/kernel").mkdir(parents=True)
    (tmp_path / "sys/kernel/pid_max").write_text("4194304\n")
    counter = PidCounter.read(tmp_path)
    assert (counter.until(778), counter.until(776)) == (1, 4194304 - 300 - 1)
    assert PidCounter.read().until(1) > 0
