"""exectop ps: the host's containers."""

from __future__ import annotations

import time

import click

from app.cli.failures import tell
from app.cli.formats import container_objects, echo_json, list_options, running_sessions
from app.cli.invocation import Invocation, pass_invocation
from app.cli.tables import render_table, shorten
from runtime.model import ContainerInfo, Overview
from widgets.wording import age, container_group, image_label, printable, short_id

_HEADS = (
    "ID",
    "NAME",
    "ENGINE",
    "IMAGE",
    "POD/PROJECT",
    "RUNTIME",
    "STATE",
    "PID",
    "SESSIONS",
    "AGE",
)
_GROUP = _HEADS.index("POD/PROJECT")
_LONGEST_IMAGE = 40


@click.command(short_help="List the containers of this host.")
@list_options
@pass_invocation
def ps(invocation: Invocation, output_format: str, quiet: bool, no_trunc: bool) -> None:
    """List the containers of this host, whatever made them.

    \b
    Examples:
      exectop ps
      exectop ps --format json
      exectop --root /run/user/1000/crun ps
    """
    overview = invocation.run(lambda engine: engine.overview())
    for problem in overview.problems:
        tell(f"exectop: warning: {printable(problem)}")
    if output_format == "json":
        echo_json(container_objects(overview))
    elif quiet:
        for container in overview.containers:
            click.echo(printable(container.id if no_trunc else short_id(container.id)))
    else:
        click.echo(containers_table(overview, no_trunc=no_trunc))


def containers_table(overview: Overview, *, no_trunc: bool = False) -> str:
    """The containers as a table for people."""
    now = overview.taken or time.time()
    rows = [_row(each, overview, now, no_trunc=no_trunc) for each in overview.containers]
    if not any(row[_GROUP] for row in rows):
        return render_table(_without_group(_HEADS), [_without_group(row) for row in rows])
    return render_table(_HEADS, rows)


def _row(each: ContainerInfo, overview: Overview, now: float, *, no_trunc: bool) -> tuple[str, ...]:
    image = each.image if no_trunc else shorten(image_label(each.image), _LONGEST_IMAGE)
    return (
        each.id if no_trunc else short_id(each.id),
        (each.name if no_trunc else short_id(each.name)) + (" (demo)" if each.demo else ""),
        each.engine,
        image or "-",
        container_group(each),
        each.runtime,
        "restarting" if each.restarting else each.state.value,
        str(each.pid or "-"),
        str(running_sessions(each, overview.sessions)),
        "-" if each.created is None else age(now - each.created),
    )


def _without_group(cells: tuple[str, ...]) -> tuple[str, ...]:
    """On most hosts nothing is in a pod or a project."""
    return cells[:_GROUP] + cells[_GROUP + 1 :]
