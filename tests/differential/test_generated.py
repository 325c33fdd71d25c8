"""The same bytes into xterm.js and into this terminal: every cell must be the same."""

from __future__ import annotations

import pytest

from tests.differential import accepted, generate
from tests.differential.oracle import Oracle
from tests.differential.shown import decoded, differences, ours
from widgets.vt import Terminal

SEEDS = 250

EDITING = {"erasing", "region", "modes", "wide", "movement", "screens", "protected"}
"""Families with edits inside wrapped rows, after which it is a matter of taste what runs on."""


@pytest.mark.parametrize("family", generate.FAMILIES)
def test_a_stream_shows_what_xterm_js_shows(oracle: Oracle, family: str) -> None:
    size = generate.COLUMNS, generate.LINES
    for seed in range(SEEDS):
        data = generate.stream(family, seed)
        terminal = Terminal(*size)
        terminal.feed(data)
        theirs = decoded(oracle.ask(*size, [data]))
        found = list(differences(ours(terminal), theirs, wrapping=family not in EDITING))
        assert found == [], f"seed {seed}: {data!r}"


def test_text_is_laid_out_anew_as_in_xterm_js(oracle: Oracle) -> None:
    size = generate.COLUMNS, generate.LINES
    for seed in range(SEEDS):
        terminal = Terminal(*size)
        steps = generate.resized(seed)
        for step in steps:
            if isinstance(step, bytes):
                terminal.feed(step)
            else:
                terminal.resize(*step)
        theirs = decoded(oracle.ask(*size, steps))
        assert list(differences(ours(terminal), theirs)) == [], f"seed {seed}: {steps}"


@pytest.mark.parametrize("case", accepted.ACCEPTED, ids=lambda case: case.name)
def test_what_differs_on_purpose_still_does(oracle: Oracle, case: accepted.Accepted) -> None:
    size = accepted.COLUMNS, accepted.LINES
    data = case.stream.encode()
    terminal = Terminal(*size)
    terminal.feed(data)
    found = differences(ours(terminal), decoded(oracle.ask(*size, [data])))
    assert {line.split()[0].rstrip(":") for line in found} == case.what
