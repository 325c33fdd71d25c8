"""exectop prune: do away with sessions that are stuck."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence

import click

from app.cli.failures import OUR_FAILURE, tell
from app.cli.formats import echo_json, format_option, pruned_objects
from app.cli.invocation import CommandEngine, Invocation, pass_invocation
from app.durations import parse_duration
from runtime.errors import InvalidArgumentError, NoSuchSessionError
from runtime.model import Pruned, Remedy, SessionInfo
from widgets.wording import command_line, printable, short_id

# So many sessions are given time to end at once.
_AT_ONCE = 8
_DONE = {
    Remedy.STOP: "stopped",
    Remedy.REMOVE: "removed",
    Remedy.RESUME_MONITOR: "let its monitor go on",
    Remedy.END_DELAY: "woke its monitor",
    Remedy.MEND_RECORD: "mended its record",
    Remedy.WAIT: "waited",
}
_TO_DO = {
    Remedy.STOP: "stop",
    Remedy.REMOVE: "remove",
    Remedy.RESUME_MONITOR: "let its monitor go on",
    Remedy.END_DELAY: "wake its monitor",
    Remedy.MEND_RECORD: "mend its record",
    Remedy.WAIT: "wait",
}


def _seconds(_: click.Context, __: click.Parameter, value: str | None) -> float | None:
    if value is None:
        return None
    try:
        return parse_duration(value)
    except InvalidArgumentError as error:
        raise click.BadParameter(f"{error.message}; {error.hint}") from error


@click.command(short_help="Do away with sessions that are stuck.")
@click.option("-n", "--dry-run", is_flag=True, help="Only say what would be done.")
@click.option(
    "--idle",
    "idle_limit",
    callback=_seconds,
    metavar="TIME",
    help="Also what was idle that long: 30s, 10m, 8h, 2d (default: the setting idle_limit).",
)
@click.option(
    "--origin",
    "origins",
    multiple=True,
    metavar="NAME",
    help="Only sessions that this began: exectop, podman, docker, …  [repeatable]",
)
@click.option(
    "--container",
    "containers",
    multiple=True,
    metavar="CONTAINER",
    help="Only sessions in this container.  [repeatable]",
)
@click.option("-f", "--force", "-y", "--yes", "force", is_flag=True, help="Do not ask first.")
@format_option
@pass_invocation
def prune(
    invocation: Invocation,
    *,
    dry_run: bool,
    idle_limit: float | None,
    origins: tuple[str, ...],
    containers: tuple[str, ...],
    force: bool,
    output_format: str,
) -> int:
    """Stop and remove the exec sessions that are stuck, whoever began them.

    Stuck is a session whose client or monitor died, whose first process is suspended, whose exit
    code was never recorded, whose engine was not told that it ended, or, if a limit is set, whose
    terminal was idle for too long. Only what is certain is done away with; what looks stuck, but
    may not be, is listed as refused.

    On a terminal it asks first. The exit code is 0 when all that was to be done is done, 1 when
    it was not confirmed, 125 when something failed.

    \b
    Examples:
      exectop ls --stuck              which are stuck, and why?
      exectop prune --dry-run         what would be done?
      exectop prune --idle 8h         what nobody used for 8 hours, too
      exectop prune -f --origin docker --format json
    """
    ask = sys.stdin.isatty() and not (force or dry_run)

    async def work(engine: CommandEngine) -> int:
        for mended in await engine.recover():
            tell(f"exectop: {printable(mended)}")
        sessions = await engine.sessions(idle_limit=idle_limit)
        stuck = [each for each in sessions if each.stuck and _is_meant(each, origins, containers)]
        plans = [engine.prune_plan(each) for each in stuck]
        if dry_run:
            _show(plans, output_format, dry_run=True)
            return 0
        wanted = [each for each in plans if not each.refused]
        if ask and wanted and not _confirmed(wanted):
            return 1
        done = {each.session_id: each for each in await _prune(engine, wanted, idle_limit)}
        results = [done.get(each.session_id, each) for each in plans]
        _show(results, output_format, dry_run=False)
        return OUR_FAILURE if any(each.error for each in results) else 0

    return invocation.run(work)


def _is_meant(session: SessionInfo, origins: Sequence[str], containers: Sequence[str]) -> bool:
    of_origin = not origins or session.origin in origins
    names = (session.container_name, session.container_id)
    within = any(each in names or _begins(session.container_id, each) for each in containers)
    return of_origin and (within or not containers)


def _begins(container_id: str, reference: str) -> bool:
    return bool(reference) and container_id.startswith(reference)


async def _prune(
    engine: CommandEngine, plans: Sequence[Pruned], idle_limit: float | None
) -> list[Pruned]:
    room = asyncio.Semaphore(_AT_ONCE)

    async def one(plan: Pruned) -> Pruned:
        async with room:
            try:
                return await engine.exec_prune(plan.session_id, idle_limit=idle_limit)
            except NoSuchSessionError:
                return _gone(plan)

    return await asyncio.gather(*(one(each) for each in plans))


def _gone(plan: Pruned) -> Pruned:
    return Pruned(
        session_id=plan.session_id,
        container_name=plan.container_name,
        origin=plan.origin,
        command=plan.command,
        stuck=plan.stuck,
        refused="it has ended meanwhile",
    )


def _confirmed(plans: Sequence[Pruned]) -> bool:
    for each in plans:
        click.echo(_sentence(each, dry_run=True), err=True)
    return click.confirm("Do this?", err=True)


def _show(results: Sequence[Pruned], output_format: str, *, dry_run: bool) -> None:
    if output_format == "json":
        echo_json(pruned_objects(results))
        return
    for each in results:
        click.echo(_sentence(each, dry_run=dry_run))


def _sentence(pruned: Pruned, *, dry_run: bool) -> str:
    """What is, or would be, done to one session, and why."""
    name = short_id(pruned.session_id)
    who = f"{name} ({pruned.origin}, {short_id(pruned.container_name)}"
    who += f": {command_line(pruned.command)})"
    why = "; ".join(f"{each.reason.value}: {each.detail}" for each in pruned.stuck)
    if pruned.error:
        return printable(f"{who}: failed: {pruned.error}")
    if pruned.refused:
        reasons = ", ".join(each.reason.value for each in pruned.stuck)
        return printable(f"{who}: refused ({reasons}): {pruned.refused}")
    words = _TO_DO if dry_run else _DONE
    what = " and ".join(words[each] for each in pruned.done)
    return printable(f"{who}: {'would ' if dry_run else ''}{what}: {why}")
