"""The shapes of the command line's JSON, stable from now on, and the options that choose them."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import click
import msgspec

from runtime.model import ContainerInfo, Event, ExecState, Overview, Pruned, SessionInfo, Stuck

C = TypeVar("C", bound=Callable[..., Any])


def format_option(command: C) -> C:
    """Give a command --format."""
    return click.option(
        "--format",
        "output_format",
        type=click.Choice(["table", "json"]),
        default="table",
        show_default=True,
        help="A table for people, or JSON for programs.",
    )(command)


def no_trunc_option(command: C) -> C:
    """Give a command --no-trunc."""
    return click.option("--no-trunc", is_flag=True, help="Show ids and commands whole.")(command)


def list_options(command: C) -> C:
    """Give a listing command --format, --quiet and --no-trunc."""
    quiet = click.option("-q", "--quiet", is_flag=True, help="Print ids only, one a line.")
    return format_option(quiet(no_trunc_option(command)))


def echo_json(value: Any) -> None:
    """Print a value as indented JSON."""
    click.echo(msgspec.json.format(msgspec.json.encode(value), indent=2))


def timestamp(seconds: float | None) -> str | None:
    """Seconds since the epoch as RFC 3339 in UTC."""
    if seconds is None:
        return None
    moment = datetime.datetime.fromtimestamp(seconds, datetime.UTC)
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")


def container_objects(overview: Overview) -> list[dict[str, Any]]:
    """What `ps --format json` prints."""
    return [
        {
            "id": each.id,
            "name": each.name,
            "engine": each.engine,
            "runtime": each.runtime,
            "root": each.root,
            "bundle": each.bundle,
            "state": each.state.value,
            "pid": each.pid,
            "sessions": running_sessions(each, overview.sessions),
            "created": timestamp(each.created),
            "demo": each.demo,
            "image": each.image,
            "labels": each.labels,
            "namespace": each.namespace,
            "pod": each.pod,
            "sandbox": each.sandbox,
            "composeProject": each.compose_project,
            "owner": each.owner,
            "runtimePath": each.runtime_path,
            "restarting": each.restarting,
            "restarts": each.restarts,
        }
        for each in overview.containers
    ]


def session_objects(sessions: Sequence[SessionInfo]) -> list[dict[str, Any]]:
    """What `ls --format json` prints."""
    return [
        {
            "id": each.id,
            "containerId": each.container_id,
            "containerName": each.container_name,
            "origin": each.origin,
            "state": each.state.value,
            "pid": each.pid,
            "startTime": each.start_time,
            "command": each.command,
            "tty": each.tty,
            "user": each.user,
            "created": timestamp(each.created),
            "started": timestamp(each.started),
            "finished": timestamp(each.finished),
            "exitCode": each.exit_code,
            "attached": each.attached,
            "monitorAlive": each.monitor_alive,
            "owner": each.owner,
            "certainty": each.certainty.value,
            "recorded": each.recorded,
            "leftBy": each.left_by,
            "idle": each.idle,
            "cpu": each.usage.cpu,
            "memory": each.usage.memory,
            "processes": [msgspec.to_builtins(process) for process in each.tree],
            "actions": msgspec.to_builtins(each.actions),
            "stuck": stuck_objects(each.stuck),
        }
        for each in sessions
    ]


def stuck_objects(stuck: Sequence[Stuck]) -> list[dict[str, Any]]:
    """What is the matter with a session."""
    return [
        {
            "reason": each.reason.value,
            "remedy": each.remedy.value,
            "certainty": each.certainty.value,
            "detail": each.detail,
        }
        for each in stuck
    ]


def pruned_objects(results: Sequence[Pruned]) -> list[dict[str, Any]]:
    """What `prune --format json` prints."""
    return [
        {
            "id": each.session_id,
            "containerName": each.container_name,
            "origin": each.origin,
            "command": each.command,
            "stuck": stuck_objects(each.stuck),
            "done": [remedy.value for remedy in each.done],
            "refused": each.refused,
            "error": each.error,
            "exitCode": each.exit_code,
        }
        for each in results
    ]


def event_objects(events: Sequence[Event]) -> list[dict[str, Any]]:
    """What `events --format json` prints."""
    return [
        {
            "time": timestamp(each.time),
            "name": each.name.value,
            "sessionId": each.session_id,
            "containerId": each.container_id,
            "containerName": each.container_name,
            "exitCode": each.exit_code,
            "detail": each.detail,
            "client": {
                "uid": each.client.uid,
                "loginuid": each.client.loginuid,
                "sudoUser": each.client.sudo_user,
                "pid": each.client.pid,
                "tty": each.client.tty,
            },
        }
        for each in events
    ]


def running_sessions(container: ContainerInfo, sessions: Sequence[SessionInfo]) -> int:
    """How many sessions run in the container."""
    return sum(
        each.container_key == container.key and each.state is ExecState.RUNNING for each in sessions
    )
