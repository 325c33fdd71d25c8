"""Warnings of the layer on stderr."""

from __future__ import annotations

import logging

import pytest

from app.cli.failures import ProgramGroup, tell
from app.cli.log import logged_to

EVIL = "\x1b]0;owned\x07\u009b1m\r"


def test_a_warning_is_one_message_that_steers_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    with logged_to(tell):
        logging.getLogger("runtime.state").warning("not noted: %s", EVIL)
        logging.getLogger("runtime.state").info("not worth a word")
    assert capfd.readouterr().err == "exectop: warning: not noted: ·]0;owned··1m·\n"


def test_a_traceback_keeps_its_lines(capfd: pytest.CaptureFixture[str]) -> None:
    with logged_to(tell):
        try:
            raise ValueError(EVIL)
        except ValueError:
            logging.getLogger("app").exception("it failed")
    lines = capfd.readouterr().err.splitlines()
    assert lines[:2] == ["exectop: error: it failed", "Traceback (most recent call last):"]
    assert lines[-1] == "ValueError: ·]0;owned··1m·"


def test_the_program_tells_and_leaves_no_handler(capfd: pytest.CaptureFixture[str]) -> None:
    before = list(logging.getLogger().handlers)
    program = ProgramGroup(invoke_without_command=True)
    program.callback = lambda: logging.getLogger("runtime").warning("told %s", EVIL)
    with pytest.raises(SystemExit) as caught:
        program.main([])
    assert caught.value.code == 0
    assert capfd.readouterr().err == "exectop: warning: told ·]0;owned··1m·\n"
    assert logging.getLogger().handlers == before
