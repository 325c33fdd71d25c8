"""What the exec form's texts mean: an `ExecConfig`, or what is wrong with which field."""

from __future__ import annotations

import dataclasses
import shlex

from runtime.model import ExecConfig


@dataclasses.dataclass(frozen=True, slots=True)
class ExecFormValues:
    """The form as it was filled in. `environment` has one NAME=VALUE a line."""

    command: str
    user: str = ""
    work_dir: str = ""
    environment: str = ""
    terminal: bool = True
    privileged: bool = False
    detach: bool = False


@dataclasses.dataclass(frozen=True, slots=True)
class FieldProblem:
    """A field that cannot be used as it is, and why."""

    field: str
    message: str


def find_problem(values: ExecFormValues) -> FieldProblem | None:
    """The first thing that is wrong, None when the form can be used."""
    try:
        command = shlex.split(values.command)
    except ValueError:
        return FieldProblem("command", "a quote is not closed")
    if not command or not command[0]:
        return FieldProblem("command", "which command? for example: sh -c 'ps aux'")
    if values.work_dir.strip() and not values.work_dir.strip().startswith("/"):
        return FieldProblem("work-dir", "the folder has to start with /")
    for number, line in enumerate(values.environment.splitlines(), start=1):
        name, equals, _ = line.partition("=")
        if line.strip() and (not equals or not name.strip() or " " in name.strip()):
            return FieldProblem("environment", f"line {number} is not NAME=VALUE: {line.strip()}")
    return None


def exec_config(values: ExecFormValues) -> ExecConfig:
    """The session to make; call `find_problem` first."""
    lines = [line for line in values.environment.splitlines() if line.strip()]
    pairs = (line.partition("=") for line in lines)
    return ExecConfig(
        command=shlex.split(values.command),
        terminal=values.terminal,
        attach_stdin=not values.detach,
        attach_stdout=not values.detach,
        attach_stderr=not values.detach,
        environment={name.strip(): value for name, _, value in pairs},
        privileged=values.privileged,
        user=values.user.strip(),
        work_dir=values.work_dir.strip(),
    )
