"""Which columns the table of containers has, and what is in them."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from textual.app import App

from runtime.model import ContainerInfo, ContainerState
from widgets.container_table import ContainerTable
from widgets.session_detail import container_facts

BOX = ContainerInfo(
    id="box",
    name="web",
    engine="docker",
    runtime="runc",
    root="/r",
    bundle="/b",
    state=ContainerState.RUNNING,
)


async def shown(*containers: ContainerInfo) -> ContainerTable:
    """The table after it showed these."""

    class OnlyTable(App[None]):
        def compose(self) -> Any:
            yield ContainerTable()

    async with OnlyTable().run_test(size=(160, 20)) as pilot:
        table = pilot.app.query_one(ContainerTable)
        table.show(containers, [], 0.0)
        await pilot.pause()
        return table


async def test_without_images_pods_and_projects() -> None:
    table = await shown(BOX)
    keys = [column.key for column in table.columns]
    assert keys == ["name", "engine", "runtime", "state", "pid", "sessions", "age"]
    assert table.rows[0].cells["engine"].text == "docker"


@pytest.mark.parametrize(
    ("changes", "column", "text"),
    [
        ({"image": "docker.io/library/nginx:1"}, "image", "nginx:1"),
        ({"pod": "shop/web-0", "compose_project": "x"}, "group", "shop/web-0"),
        ({"compose_project": "shop"}, "group", "shop"),
        ({"restarting": True, "state": ContainerState.STOPPED}, "state", "↻ restarting"),
        ({"image": "a\x1b[31m"}, "image", "a·[31m"),
    ],
)
async def test_what_engines_tell(changes: dict[str, Any], column: str, text: str) -> None:
    table = await shown(msgspec.structs.replace(BOX, **changes), BOX)
    assert column in {each.key for each in table.columns}
    assert text in [row.cells[column].text for row in table.rows]


def test_details() -> None:
    known = msgspec.structs.replace(
        BOX,
        image="nginx",
        pod="front",
        sandbox=True,
        compose_project="shop",
        namespace="moby",
        restarts=3,
        owner=1000,
    )
    facts = dict(container_facts(known, 0, 0.0))
    assert facts["pod"] == "front (holds it)"
    expected = {"image": "nginx", "project": "shop", "namespace": "moby"}
    assert expected.items() <= facts.items()
    assert (facts["restarts"], facts["user"]) == ("3", "1000")
    names = dict(container_facts(BOX, 0, 0.0)).keys()
    assert not names & {"image", "pod", "project", "namespace", "restarts", "user"}
