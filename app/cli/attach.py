"""exectop attach: come back to a running session."""

from __future__ import annotations

import click

from app.cli.failures import BROKEN_PIPE
from app.cli.foreground import Ending, Foreground, Manner, Streams, standard_input
from app.cli.invocation import CommandEngine, Invocation, pass_invocation
from app.cli.output_writer import OutputClosedError
from app.cli.session_run import exit_code_of, tell_how_to_come_back
from app.cli.signals import CaughtSignalError, SignalWatch
from runtime.model import ExecSession
from runtime.protocol.detach_keys import DEFAULT_DETACH_KEYS, parse_detach_keys


@click.command(short_help="Come back to a running session.")
@click.option("--no-stdin", is_flag=True, help="Only watch: pass no input on.")
@click.option(
    "--detach-keys",
    metavar="KEYS",
    help='What leaves the session; "" for nothing.  [default: those it was started with]',
)
@click.argument("session")
@pass_invocation
def attach(invocation: Invocation, session: str, *, no_stdin: bool, detach_keys: str | None) -> int:
    """Come back to a running session, with its screen as it would be had one never left.

    SESSION is an id or its unique beginning. If the session ends while attached, the exit code
    is its own. Being left, or interrupted, never ends it.

    \b
    Examples:
      exectop ls                     (which sessions are there?)
      exectop attach 4f0c            (ctrl-p ctrl-q leaves it again)
      exectop attach --no-stdin 4f0c (only watch)
    """
    if detach_keys is not None:
        parse_detach_keys(detach_keys)

    async def run(engine: CommandEngine) -> int:
        found = await engine.find_session(session)
        with SignalWatch() as watch:
            try:
                ending = await watch.run(_follow(engine, found, no_stdin, detach_keys))
            except CaughtSignalError as caught:
                return 128 + caught.number
            except OutputClosedError:
                return BROKEN_PIPE
        if ending.left:
            tell_how_to_come_back(found.id)
            return 0
        return exit_code_of(ending, found.id)

    return invocation.run(run)


async def _follow(
    engine: CommandEngine, session: ExecSession, no_stdin: bool, detach_keys: str | None
) -> Ending:
    config = session.config
    chosen = config.detach_keys if detach_keys is None else detach_keys
    manner = Manner(
        tty=config.terminal,
        detach_keys=parse_detach_keys(DEFAULT_DETACH_KEYS if chosen is None else chosen),
        takes_input=not no_stdin and (config.terminal or config.attach_stdin),
        # The end of our input must not end a shell that others may want to come back to.
        ends_input=not no_stdin and config.attach_stdin and not config.terminal,
        replay=True,
    )
    streams = Streams(stdin=standard_input(manner))
    attachment = await engine.attach(session.id)
    try:
        return await Foreground(engine, attachment, streams, manner).run(session.id)
    finally:
        await attachment.close()
