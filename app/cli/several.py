"""Doing one thing to several sessions: all are tried, each failure is told, one exit code."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

import click

from app.cli.failures import OUR_FAILURE, tell_error
from app.cli.invocation import CommandEngine, Invocation
from runtime.errors import ExectopError
from runtime.model import SessionInfo

Act = Callable[[CommandEngine, SessionInfo], Awaitable[None]]


def for_each_session(invocation: Invocation, references: Sequence[str], act: Act) -> int:
    """Do `act` to every session and print the ids it was done to; 125 if any failed."""

    async def all_of_them(engine: CommandEngine) -> int:
        code = 0
        for reference in references:
            try:
                session = await engine.find_any_session(reference)
                await act(engine, session)
            except ExectopError as error:
                tell_error(error)
                code = OUR_FAILURE
            else:
                click.echo(session.id)
        return code

    return invocation.run(all_of_them)
