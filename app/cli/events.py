"""exectop events: what happened to sessions, and who did it."""

from __future__ import annotations

import datetime
import re
import time

import click

from app.cli.formats import echo_json, event_objects, format_option, no_trunc_option
from app.cli.invocation import CommandEngine, Invocation, pass_invocation
from app.cli.tables import render_table
from runtime.model import Event, EventName
from widgets.wording import short_id

_HEADS = ("TIME", "EVENT", "SESSION", "CONTAINER", "EXIT", "BY", "DETAIL")
_AGO = re.compile(r"([0-9]{1,9})([smhdw])")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}


def parse_since(text: str, now: float) -> float:
    """A length of time before `now`, or a point in time, in seconds since the epoch.

    A point in time is ISO 8601; without a zone it is local time. Raises ValueError.
    """
    ago = _AGO.fullmatch(text)
    if ago is not None:
        return now - int(ago[1]) * _SECONDS[ago[2]]
    try:
        return datetime.datetime.fromisoformat(text).timestamp()
    except OverflowError as error:
        raise ValueError(str(error)) from error


def _since(_context: click.Context, _parameter: click.Parameter, text: str | None) -> float | None:
    if text is None:
        return None
    try:
        return parse_since(text, time.time())
    except ValueError as error:
        raise click.BadParameter(
            f"{text!r} is neither a time (2026-11-24T09:30) nor a length of time (90s, 10m, 2h, 7d)"
        ) from error


@click.command(short_help="List what happened to sessions, and who did it.")
@click.option(
    "--since",
    callback=_since,
    metavar="TIME",
    help="Only what happened after a time, or in the last 90s, 10m, 2h, 7d.",
)
@click.option(
    *("-n", "--limit"),
    type=click.IntRange(min=1),
    default=1000,
    show_default=True,
    metavar="N",
    help="Only the newest N.",
)
@format_option
@no_trunc_option
@click.argument("session", required=False)
@pass_invocation
def events(
    invocation: Invocation,
    session: str | None,
    since: float | None,
    limit: int,
    output_format: str,
    no_trunc: bool,
) -> None:
    """List what happened to exec sessions and who did it, the newest last.

    SESSION is an id or its unique beginning, also of a session that was removed.

    \b
    Examples:
      exectop events
      exectop events 4f0c
      exectop events --since 2h --format json
    """

    async def look(engine: CommandEngine) -> list[Event]:
        session_id = engine.find_session_id(session) if session is not None else ""
        return engine.events(session_id=session_id, since=since, limit=limit)

    found = invocation.run(look)
    if output_format == "json":
        echo_json(event_objects(found))
    else:
        click.echo(render_table(_HEADS, [_row(each, no_trunc) for each in found]))


def _row(event: Event, no_trunc: bool) -> tuple[str, ...]:
    moment = datetime.datetime.fromtimestamp(event.time)
    return (
        moment.isoformat(sep=" ", timespec="seconds"),
        event.name.value,
        event.session_id if no_trunc else short_id(event.session_id),
        event.container_name if no_trunc else short_id(event.container_name),
        _exit(event),
        event.client.sudo_user or str(event.client.uid),
        event.detail or "-",
    )


def _exit(event: Event) -> str:
    if event.name is not EventName.DIED:
        return "-"
    return "?" if event.exit_code is None else str(event.exit_code)
