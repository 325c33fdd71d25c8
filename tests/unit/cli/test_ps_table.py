"""The table of containers that exectop ps prints."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from runtime.model import ContainerInfo, Overview

DIGEST = "0123456789abcdef" * 4


@pytest.fixture
def table(engine: Any, run: Any) -> Any:
    """A function that gives the table's lines, for the known container with these changes."""

    def lines(*words: str, **changes: Any) -> list[str]:
        known: ContainerInfo = engine.found.containers[0]
        other = msgspec.structs.replace(known, name="other", image="", pod="", compose_project="")
        listed = [msgspec.structs.replace(known, **changes), other]
        engine.found = Overview(containers=listed, sessions=[], taken=1700000060.0)
        found: list[str] = run("ps", *words).stdout.splitlines()
        return found

    return lines


def cell(lines: list[str], head: str, row: int = 1) -> str:
    """What a row has below this head."""
    start = lines[0].index(head)
    return lines[row][start:].split("   ")[0].strip()


def test_without_pods_and_projects(table: Any) -> None:
    lines = table(image="docker.io/library/nginx:1")
    heads = "ID NAME ENGINE IMAGE RUNTIME STATE PID SESSIONS AGE"
    assert lines[0].split() == heads.split()
    assert cell(lines, "ENGINE") == "podman"
    assert (cell(lines, "IMAGE"), cell(lines, "IMAGE", 2)) == ("nginx:1", "-")


@pytest.mark.parametrize(
    ("changes", "group"),
    [
        ({"pod": "shop/web-0"}, "shop/web-0"),
        ({"compose_project": "shop"}, "shop"),
        ({"pod": "front", "compose_project": "shop"}, "front"),
    ],
)
def test_pods_and_projects(table: Any, changes: dict[str, str], group: str) -> None:
    lines = table(**changes)
    assert (cell(lines, "POD/PROJECT"), cell(lines, "POD/PROJECT", 2)) == (group, "")


@pytest.mark.parametrize(
    ("image", "shown"),
    [
        ("docker.io/library/nginx:1", "nginx:1"),
        ("docker.io/me/app", "me/app"),
        ("quay.io/library/app:2", "quay.io/library/app:2"),
        (f"nginx@sha256:{DIGEST}", f"nginx@{DIGEST[:12]}"),
        ("registry.example.org/" + "x" * 60, "registry.example.org/" + "x" * 18 + "…"),
    ],
)
def test_images(table: Any, image: str, shown: str) -> None:
    assert cell(table(image=image), "IMAGE") == shown
    assert cell(table("--no-trunc", image=image), "IMAGE") == image


def test_one_that_is_about_to_be_started_again(table: Any) -> None:
    assert cell(table(restarting=True), "STATE") == "restarting"


@pytest.mark.parametrize("field", ["image", "pod", "compose_project", "name", "engine"])
def test_no_control_character_reaches_the_terminal(table: Any, field: str) -> None:
    lines = table(**{field: "\x1b]0;x\x07\r\n\x9b31m"})
    assert len(lines) == 3
    assert not set("\x1b\x07\r\x9b") & set("".join(lines))
