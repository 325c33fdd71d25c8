"""The program: its global options and its commands; alone it opens the dashboard."""

from __future__ import annotations

import click

from app import __version__
from app.cli.attach import attach
from app.cli.cleanup import cleanup
from app.cli.dashboard import open_dashboard
from app.cli.demo import demo
from app.cli.events import events
from app.cli.exec import exec_command
from app.cli.failures import ProgramGroup
from app.cli.inspect import inspect
from app.cli.invocation import Invocation, pass_invocation
from app.cli.ls import list_sessions
from app.cli.prune import prune
from app.cli.ps import ps
from app.cli.rm import rm
from app.cli.stop import stop
from app.settings import (
    CONFIG_VARIABLE,
    RUN_DIR_VARIABLE,
    STATE_DIR_VARIABLE,
    Options,
)

CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


@click.group(cls=ProgramGroup, invoke_without_command=True, context_settings=CONTEXT)
@click.option(
    "--state-dir", metavar="DIR", help=f"Where records are kept (or {STATE_DIR_VARIABLE})."
)
@click.option(
    "--run-dir", metavar="DIR", help=f"Where running sessions' files are (or {RUN_DIR_VARIABLE})."
)
@click.option("--config", metavar="FILE", help=f"The configuration file (or {CONFIG_VARIABLE}).")
@click.option(
    "--root",
    "roots",
    multiple=True,
    metavar="DIR",
    help="A state folder of runc or crun to look in, instead of the usual ones.  [repeatable]",
)
@click.option("--theme", metavar="NAME", help="The dashboard's theme.")
@click.version_option(__version__, prog_name="exectop", message="%(prog)s %(version)s")
@click.pass_context
@pass_invocation
def main(
    invocation: Invocation,
    context: click.Context,
    *,
    state_dir: str | None,
    run_dir: str | None,
    config: str | None,
    roots: tuple[str, ...],
    theme: str | None,
) -> int:
    """See every container and exec session of this host, and work in them.

    Without a command it opens the dashboard. The commands do the same without a screen.

    \b
    Examples:
      exectop                         open the dashboard
      exectop exec -it web sh         a shell; ctrl-p ctrl-q leaves it running
      exectop ls                      which sessions are there?
      exectop attach 4f0c             come back to one
      exectop demo                    start a small container to try things in
    """
    invocation.options = Options(state_dir=state_dir, run_dir=run_dir, config=config, roots=roots)
    if context.invoked_subcommand is None:
        return open_dashboard(invocation.settings, theme)
    return 0


for command in (
    *(ps, list_sessions, exec_command, attach, inspect, stop, cleanup, rm, prune, events),
    demo,
):
    main.add_command(command)
