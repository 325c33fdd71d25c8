"""exectop cleanup: remove the temporary files of ended sessions."""

from __future__ import annotations

import click

from app.cli.invocation import Invocation, pass_invocation
from app.cli.several import for_each_session


@click.command(short_help="Remove the temporary files of ended sessions.")
@click.argument("sessions", metavar="SESSION...", nargs=-1, required=True)
@pass_invocation
def cleanup(invocation: Invocation, sessions: tuple[str, ...]) -> int:
    """Remove the temporary files of ended sessions; their records stay.

    \b
    Example:
      exectop cleanup 4f0c
    """
    return for_each_session(
        invocation, sessions, lambda engine, session: engine.exec_cleanup(session.id)
    )
