"""exectop ls: the exec sessions."""

from __future__ import annotations

import time

import click
import msgspec

from app.cli.failures import tell
from app.cli.formats import echo_json, list_options, session_objects
from app.cli.invocation import Invocation, pass_invocation
from app.cli.tables import render_table, shorten
from runtime.model import Overview, SessionInfo
from widgets.wording import (
    age,
    command_line,
    exit_label,
    origin_label,
    printable,
    session_state_label,
    short_id,
    stuck_label,
)

_HEADS = (
    *("ID", "CONTAINER", "ORIGIN", "STATE", "PID", "TTY", "USER"),
    *("COMMAND", "AGE", "ATTACHED", "EXIT", "STUCK"),
)
_COMMAND_WIDTH = 30


@click.command("ls", short_help="List the exec sessions.")
@click.option(
    "--origin",
    "origins",
    multiple=True,
    metavar="NAME",
    help="Only those that this began: exectop, podman, cri-o, docker, containerd, a runtime, "
    "nsenter, or orphan for what ended sessions left.  [repeatable]",
)
@click.option("--stuck", is_flag=True, help="Only those that are stuck; the last column says why.")
@list_options
@pass_invocation
def list_sessions(
    invocation: Invocation,
    *,
    origins: tuple[str, ...],
    stuck: bool,
    output_format: str,
    quiet: bool,
    no_trunc: bool,
) -> None:
    """List the exec sessions, whoever began them: running ones, and ended ones not yet removed.

    A "?" after the origin marks what is likely, or not known, and not certain.

    \b
    Examples:
      exectop ls
      exectop ls --format json
      exectop ls --stuck              (a "?" marks what is not certain)
      exectop ls --origin docker --origin podman
      exectop stop $(exectop ls -q --origin exectop)
    """
    overview = invocation.run(lambda engine: engine.overview())
    found = [
        each
        for each in overview.sessions
        if (each.stuck or not stuck) and (each.origin in origins or not origins)
    ]
    overview = msgspec.structs.replace(overview, sessions=found)
    for problem in overview.problems:
        tell(f"exectop: warning: {printable(problem)}")
    if output_format == "json":
        echo_json(session_objects(overview.sessions))
    elif quiet:
        for session in overview.sessions:
            click.echo(printable(session.id if no_trunc else short_id(session.id)))
    else:
        click.echo(sessions_table(overview, no_trunc=no_trunc))


def sessions_table(overview: Overview, *, no_trunc: bool = False) -> str:
    """The sessions as a table for people."""
    now = overview.taken or time.time()
    return render_table(_HEADS, [_row(each, now, no_trunc) for each in overview.sessions])


def _row(session: SessionInfo, now: float, no_trunc: bool) -> tuple[str, ...]:
    command = command_line(session.command)
    return (
        session.id if no_trunc else short_id(session.id),
        session.container_name if no_trunc else short_id(session.container_name),
        origin_label(session),
        session_state_label(session).split(" ", 1)[1],
        str(session.pid or "-"),
        "yes" if session.tty else "no",
        session.user or "-",
        command if no_trunc else shorten(command, _COMMAND_WIDTH),
        age(now - session.created),
        str(session.attached),
        exit_label(session) or "-",
        stuck_label(session) or "-",
    )
