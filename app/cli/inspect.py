"""exectop inspect: everything there is to tell about sessions, as JSON."""

from __future__ import annotations

import click

from app.cli.failures import OUR_FAILURE, tell_error
from app.cli.formats import echo_json
from app.cli.invocation import CommandEngine, Invocation, pass_invocation
from runtime.errors import ExectopError
from runtime.model import InspectExecSession


@click.command(short_help="Print all there is to tell about sessions.")
@click.argument("sessions", metavar="SESSION...", nargs=-1, required=True)
@pass_invocation
def inspect(invocation: Invocation, sessions: tuple[str, ...]) -> int:
    """Print what is known of exec sessions: a JSON list, with libpod's field names.

    SESSION is an id or its unique beginning.

    \b
    Examples:
      exectop inspect 4f0c
      exectop inspect 4f0c | python3 -m json.tool
    """
    failed = False

    async def look(engine: CommandEngine) -> list[InspectExecSession]:
        nonlocal failed
        found = []
        for reference in sessions:
            try:
                session = await engine.find_any_session(reference)
                found.append(await engine.inspect(session.id))
            except ExectopError as error:
                failed = True
                tell_error(error)
        return found

    echo_json(invocation.run(look))
    return OUR_FAILURE if failed else 0
