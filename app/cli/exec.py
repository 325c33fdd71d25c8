"""exectop exec: run a command in a container."""

from __future__ import annotations

import os

import click

from app.cli.invocation import CommandEngine, Invocation, pass_invocation
from app.cli.session_run import SessionRun
from app.cli.terminal import terminal_size
from runtime.errors import ExectopError, InvalidArgumentError
from runtime.model import ContainerInfo, ExecConfig
from runtime.protocol.detach_keys import parse_detach_keys


@click.command(
    "exec",
    short_help="Run a command in a container.",
    context_settings={"allow_interspersed_args": False},
)
@click.option("-i", "--interactive", is_flag=True, help="Pass our standard input on.")
@click.option("-t", "--tty", is_flag=True, help="Give the command a terminal.")
@click.option("-d", "--detach", is_flag=True, help="Print the session's id and leave it running.")
@click.option(
    *("-e", "--env", "environment"),
    multiple=True,
    metavar="NAME=VALUE",
    help="Set a variable; NAME alone passes our own on.  [repeatable]",
)
@click.option("-w", "--workdir", default="", metavar="DIR", help="Where the command starts.")
@click.option("-u", "--user", default="", metavar="USER[:GROUP]", help="Who runs it.")
@click.option("--privileged", is_flag=True, help="Give it every capability.")
@click.option(
    "--detach-keys",
    metavar="KEYS",
    help='What leaves the session; "" for nothing.  [default: ctrl-p,ctrl-q]',
)
@click.argument("container")
@click.argument("command", nargs=-1, required=True, metavar="COMMAND...")
@pass_invocation
def exec_command(
    invocation: Invocation,
    container: str,
    command: tuple[str, ...],
    *,
    interactive: bool,
    tty: bool,
    detach: bool,
    environment: tuple[str, ...],
    workdir: str,
    user: str,
    privileged: bool,
    detach_keys: str | None,
) -> int:
    """Run COMMAND in CONTAINER (a name, an id or its unique beginning).

    Options end at CONTAINER: what follows belongs to the command. The exit code is the
    command's; 125 is a failure of exectop, 126 a command that cannot be run, 127 one that is
    not there.

    \b
    Examples:
      exectop exec web ls -l /srv
      exectop exec -it web sh            (ctrl-p ctrl-q leaves it running)
      exectop exec -i db psql < dump.sql
      exectop exec -d -e LEVEL=9 web sh -c 'make report'
    """
    keys = invocation.settings.detach_keys if detach_keys is None else detach_keys
    parse_detach_keys(keys)
    config = ExecConfig(
        command=list(command),
        terminal=tty,
        attach_stdin=interactive,
        attach_stdout=not detach,
        attach_stderr=not detach,
        detach_keys=keys,
        environment=parse_environment(environment),
        privileged=privileged,
        user=user,
        work_dir=workdir,
    )

    async def run(engine: CommandEngine) -> int:
        found = await engine.find_container(container)
        if not detach:
            return await SessionRun(engine, found, config).run()
        click.echo(await _start_detached(engine, found, config))
        return 0

    return invocation.run(run)


async def _start_detached(
    engine: CommandEngine, container: ContainerInfo, config: ExecConfig
) -> str:
    session_id = await engine.exec_create(container, config)
    try:
        size = terminal_size(1, 0, 2) if config.terminal else None
        await engine.exec_start(session_id, size)
    except ExectopError:
        await engine.exec_remove(session_id, force=True)
        raise
    return session_id


def parse_environment(words: tuple[str, ...]) -> dict[str, str]:
    """`NAME=VALUE` as it is, `NAME` with our own value, left out where we have none."""
    found: dict[str, str] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not name:
            raise InvalidArgumentError(
                f"{word!r} names no variable", hint="use --env NAME=VALUE, or --env NAME"
            )
        if equals:
            found[name] = value
        elif name in os.environ:
            found[name] = os.environ[name]
    return found
