"""exectop attach: come back to a running session."""

from __future__ import annotations

import click

from app.cli.failures import BROKEN_PIPE, tell
from app.cli.foreground import Ending, Foreground, Manner, Streams, standard_input
from app.cli.invocation import CommandEngine, Invocation, pass_invocation
from app.cli.output_writer import OutputClosedError
from app.cli.session_run import exit_code_of, tell_how_to_come_back
from app.cli.signals import CaughtSignalError, SignalWatch
from app.ports import AttachmentPort
from runtime.model import SessionInfo
from runtime.protocol.detach_keys import DEFAULT_DETACH_KEYS, parse_detach_keys


@click.command(short_help="Come back to a running session.")
@click.option("--no-stdin", is_flag=True, help="Only watch: pass no input on.")
@click.option(
    "--detach-keys",
    metavar="KEYS",
    help='What leaves the session; "" for nothing.  [default: those it was started with]',
)
@click.option(
    "--rescue",
    is_flag=True,
    help="Take the terminal of a session that its engine lets nobody come back to.",
)
@click.argument("session")
@pass_invocation
def attach(
    invocation: Invocation,
    session: str,
    *,
    no_stdin: bool,
    detach_keys: str | None,
    rescue: bool,
) -> int:
    """Come back to a running session, with its screen as it would be had one never left.

    SESSION is an id or its unique beginning. If the session ends while attached, the exit code
    is its own. Being left, or interrupted, never ends it.

    Sessions that podman began are attached to beside their owner: both type, and see the same
    from now on. Those of docker, containerd and plain runtimes can be rescued where they have a
    terminal; what that can and cannot do is said before it is done.

    \b
    Examples:
      exectop ls                      (which sessions are there?)
      exectop attach 4f0c             (ctrl-p ctrl-q leaves it again)
      exectop attach --no-stdin 4f0c  (only watch)
      exectop attach --rescue 81b2    (a docker exec whose client is gone)
    """
    if detach_keys is not None:
        parse_detach_keys(detach_keys)

    async def run(engine: CommandEngine) -> int:
        found = await engine.find_any_session(session)
        if rescue:
            await _tell_of_rescue(engine, found.id)
        with SignalWatch() as watch:
            try:
                ending = await watch.run(_follow(engine, found, no_stdin, detach_keys, rescue))
            except CaughtSignalError as caught:
                return 128 + caught.number
            except OutputClosedError:
                return BROKEN_PIPE
        if ending.left:
            tell_how_to_come_back(found.id, rescue=rescue)
            return 0
        return exit_code_of(ending, found.id, recorded=found.recorded)

    return invocation.run(run)


async def _tell_of_rescue(engine: CommandEngine, session_id: str) -> None:
    for sentence in (await engine.plan_attach(session_id)).rescue_does:
        tell(f"exectop: {sentence}")


async def _follow(
    engine: CommandEngine,
    session: SessionInfo,
    no_stdin: bool,
    detach_keys: str | None,
    rescue: bool,
) -> Ending:
    attachment = await engine.attach(session.id, rescue=rescue)
    try:
        for remark in attachment.remarks:
            tell(f"exectop: {remark}")
        manner = _manner(attachment, session, no_stdin=no_stdin, detach_keys=detach_keys)
        streams = Streams(stdin=standard_input(manner))
        return await Foreground(engine, attachment, streams, manner).run(session.id)
    finally:
        await attachment.close()


def _manner(
    attachment: AttachmentPort, session: SessionInfo, *, no_stdin: bool, detach_keys: str | None
) -> Manner:
    chosen = attachment.config.detach_keys if detach_keys is None else detach_keys
    takes_input = not no_stdin and attachment.takes_input
    return Manner(
        tty=session.tty,
        detach_keys=parse_detach_keys(DEFAULT_DETACH_KEYS if chosen is None else chosen),
        takes_input=takes_input,
        # The end of our input must not end a shell that others may want to come back to, nor the
        # input of a session that is somebody else's.
        ends_input=takes_input and session.recorded and not session.tty,
        replay=True,
    )
