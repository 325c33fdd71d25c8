"""exectop rm: remove sessions from the records."""

from __future__ import annotations

import click

from app.cli.invocation import Invocation, pass_invocation
from app.cli.several import for_each_session


@click.command(short_help="Remove sessions from the list.")
@click.option("-f", "--force", is_flag=True, help="Remove running sessions too: stop them first.")
@click.argument("sessions", metavar="SESSION...", nargs=-1, required=True)
@pass_invocation
def rm(invocation: Invocation, sessions: tuple[str, ...], force: bool) -> int:
    """Remove exec sessions and all that is kept of them.

    \b
    Examples:
      exectop rm 4f0c
      exectop rm -f $(exectop ls -q --origin exectop)
    """
    return for_each_session(
        invocation,
        sessions,
        lambda engine, session: engine.exec_remove(session.id, force=force),
    )
