"""How ids, ages, commands and states are written on the screen."""

from __future__ import annotations

import shlex

from runtime.model import Certainty, ContainerInfo, ContainerState, ExecState, SessionInfo

SHORT_ID = 12

CONTAINER_SYMBOLS = {
    ContainerState.RUNNING: "●",
    ContainerState.PAUSED: "‖",
    ContainerState.CREATED: "○",
    ContainerState.STOPPED: "■",
}

SESSION_SYMBOLS = {
    ExecState.RUNNING: "●",
    ExecState.CREATED: "○",
    ExecState.STOPPED: "■",
}

_UNITS = (("y", 365 * 86400), ("w", 7 * 86400), ("d", 86400), ("h", 3600), ("m", 60), ("s", 1))


def short_id(full: str) -> str:
    """The first twelve digits, as docker and podman show ids; other names stay as they are."""
    is_hex = len(full) >= 32 and all(digit in "0123456789abcdef" for digit in full)
    return full[:SHORT_ID] if is_hex else full


def container_label(container: ContainerInfo) -> str:
    """The name a person knows the container by."""
    return short_id(container.name or container.id)


def container_group(container: ContainerInfo) -> str:
    """What the container is a part of: its pod, else its compose project; "" for neither."""
    return container.pod or container.compose_project


def image_label(image: str) -> str:
    """An image without what goes without saying: docker.io, library, most digits of a digest."""
    name = image.removeprefix("docker.io/").removeprefix("library/")
    name, at, digest = name.partition("@sha256:")
    return f"{name}@{digest[:SHORT_ID]}" if at else name


def age(seconds: float) -> str:
    """A length of time in its largest whole unit: "42s", "5m", "3h", "2d"."""
    seconds = max(0.0, seconds)
    for unit, size in _UNITS:
        if seconds >= size:
            return f"{int(seconds // size)}{unit}"
    return "0s"


def duration(seconds: float) -> str:
    """A length of time in its two largest units: "2d 4h", "5m 12s"."""
    rest = int(max(0.0, seconds))
    parts: list[str] = []
    for unit, size in _UNITS:
        if rest >= size:
            parts.append(f"{rest // size}{unit}")
            rest %= size
        elif parts:
            break
        if len(parts) == 2:
            break
    return " ".join(parts) or "0s"


def command_line(command: list[str]) -> str:
    """A command as one would type it, on one line, without control characters."""
    line = " ".join(shlex.quote(word) if word else "''" for word in command)
    return printable(line)


def printable(text: str) -> str:
    """The text without anything that could steer a terminal or break a line."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else "·" for char in text)


def container_state_label(state: ContainerState, *, restarting: bool = False) -> str:
    """Symbol and word, so that colour is never the only sign."""
    return "↻ restarting" if restarting else f"{CONTAINER_SYMBOLS[state]} {state.value}"


def session_state_label(session: SessionInfo) -> str:
    """Symbol and word; a session whose monitor died is told apart."""
    if session.orphaned:
        return "! orphaned"
    if session.state is ExecState.STOPPED:
        return "■ exited"
    return f"{SESSION_SYMBOLS[session.state]} {session.state.value}"


def is_stuck(session: SessionInfo) -> bool:
    """Whether it is stuck for certain, and something of it lives."""
    certain = any(each.certainty is Certainty.CERTAIN for each in session.stuck)
    return certain and session.has_process


def stuck_label(session: SessionInfo) -> str:
    """Why it is stuck, with a "?" where that is not certain; nothing for most."""
    return ", ".join(
        each.reason.value + ("" if each.certainty is Certainty.CERTAIN else "?")
        for each in session.stuck
    )


def origin_label(session: SessionInfo) -> str:
    """What began the session; with a "?" where that is not certain."""
    return session.origin + ("" if session.certainty is Certainty.CERTAIN else "?")


def exit_label(session: SessionInfo) -> str:
    """The exit code; "?" where it was lost, nothing while a process lives."""
    if session.state is not ExecState.STOPPED or session.has_process:
        return ""
    return "?" if session.exit_code is None else str(session.exit_code)
