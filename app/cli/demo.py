"""exectop demo: a small container to try things in."""

from __future__ import annotations

import os

import click

from app.cli.dashboard import open_dashboard
from app.cli.invocation import CommandEngine, Invocation, pass_invocation
from app.cli.ls import sessions_table
from app.cli.ps import containers_table
from app.cli.session_run import SessionRun
from app.demo.container import DEMO_NAME, start_demo, stop_demo
from runtime.errors import ExectopError, NoSuchContainerError
from runtime.model import ContainerInfo, ContainerState, EngineSettings, ExecConfig

_GREETING = 'echo "hello from $(uname -n), as $(id -un)"'


@click.command(short_help="Start a small container to try things in.")
@click.option("--stop", "stopping", is_flag=True, help="Remove the demo container wholly.")
@click.option("--run", "running", is_flag=True, hidden=True)
@pass_invocation
def demo(invocation: Invocation, *, stopping: bool, running: bool) -> int:
    """Start a small container named exectop-demo; no image is needed.

    Its programs are busybox's, or the host's own, read-only.

    \b
    Examples:
      exectop demo
      exectop exec -it exectop-demo sh
      exectop demo --stop
    """
    if stopping:
        _stop(invocation)
    elif running:
        return _run(invocation)
    else:
        _start(invocation.settings.engine, invocation.run(_containers))
    return 0


def _start(settings: EngineSettings, containers: list[ContainerInfo]) -> None:
    found = _find_demo(containers)
    if found is not None and found.state is not ContainerState.STOPPED:
        click.echo(f"the container {DEMO_NAME} is there already (pid {found.pid})")
    else:
        started = start_demo(settings)
        click.echo(f"started the container {DEMO_NAME} (pid {started.pid})")
    click.echo(f"  a shell in it:  exectop exec -it {DEMO_NAME} sh")
    click.echo("  the dashboard:  exectop")
    click.echo("  remove it:      exectop demo --stop")


def _stop(invocation: Invocation) -> None:
    found = _find_demo(invocation.run(_remove_sessions))
    stop_demo(invocation.settings.engine, found)
    click.echo(f"removed the container {DEMO_NAME}" if found else "there is no demo container")


def _run(invocation: Invocation) -> int:
    """What `make run` does: see to it that there is a container, then show it."""
    containers = invocation.run(_containers)
    if not any(each.state is ContainerState.RUNNING for each in containers):
        _start(invocation.settings.engine, containers)
    if os.isatty(0) and os.isatty(1):
        return open_dashboard(invocation.settings)
    return invocation.run(_greet_and_list)


async def _containers(engine: CommandEngine) -> list[ContainerInfo]:
    return (await engine.overview()).containers


async def _remove_sessions(engine: CommandEngine) -> list[ContainerInfo]:
    overview = await engine.overview()
    found = _find_demo(overview.containers)
    for session in overview.sessions:
        # Those that others began have no record of ours, and end with the container.
        if found is not None and session.container_key == found.key and session.recorded:
            await engine.exec_remove(session.id, force=True)
    return overview.containers


async def _greet_and_list(engine: CommandEngine) -> int:
    container, shell = await _container_with_shell(engine)
    config = ExecConfig(
        command=[*shell[:1], "-c", _GREETING], attach_stdout=True, attach_stderr=True
    )
    click.echo(f"\n$ exectop exec {container.name} {shell[0]} -c '{_GREETING}'")
    code = await SessionRun(engine, container, config).run()
    overview = await engine.overview()
    click.echo(f"\n{containers_table(overview)}\n\n{sessions_table(overview)}\n")
    click.echo("In a terminal, this opens the dashboard.")
    return code


async def _container_with_shell(engine: CommandEngine) -> tuple[ContainerInfo, list[str]]:
    # The demo container first: nobody minds a command there.
    containers = await _containers(engine)
    for container in sorted(containers, key=lambda each: not each.demo):
        if container.state is ContainerState.RUNNING:
            try:
                return container, await engine.find_shell(container)
            except ExectopError:
                continue
    raise NoSuchContainerError(
        "no running container has a shell", hint="start the demo container: exectop demo"
    )


def _find_demo(containers: list[ContainerInfo]) -> ContainerInfo | None:
    return next((each for each in containers if each.demo), None)
