"""exectop stop: end sessions, gently first."""

from __future__ import annotations

import sys

import click

from app.cli.invocation import CommandEngine, Invocation, pass_invocation
from app.cli.several import for_each_session
from runtime.model import SessionInfo, StopStep
from widgets.wording import short_id

_ERASE_LINE = "\r\x1b[K"


@click.command(short_help="End sessions, gently first.")
@click.option(
    *("-t", "--time", "timeout"),
    type=click.FloatRange(min=0),
    metavar="SECONDS",
    help="How long a session may take to end before it is killed (default: stop_timeout).",
)
@click.argument("sessions", metavar="SESSION...", nargs=-1, required=True)
@pass_invocation
def stop(invocation: Invocation, sessions: tuple[str, ...], timeout: float | None) -> int:
    """Stop exec sessions, whoever began them: SIGTERM, then SIGKILL after a while.

    All processes of a session are ended, and nothing else. The ended sessions of exectop's own
    stay in the list with their exit codes; `exectop rm` removes them.

    \b
    Examples:
      exectop stop 4f0c
      exectop stop -t 0 4f0c a81b     (kill at once)
    """
    show = _show_progress if sys.stderr.isatty() else _show_nothing

    async def stop_one(engine: CommandEngine, session: SessionInfo) -> None:
        try:
            async for step in engine.exec_stop_steps(session.id, timeout):
                show(step)
        finally:
            if show is _show_progress:
                click.echo(_ERASE_LINE, err=True, nl=False)

    return for_each_session(invocation, sessions, stop_one)


def _show_nothing(step: StopStep) -> None:
    """Programs that read stderr want failures only."""


def _show_progress(step: StopStep) -> None:
    if step.phase == "term":
        what = f"asked to end, killed in {step.remaining:.0f} s"
    else:
        what = {"kill": "killed", "stopped": "stopped"}.get(step.phase, step.phase)
    click.echo(f"{_ERASE_LINE}{short_id(step.session_id)}: {what}", err=True, nl=False)
