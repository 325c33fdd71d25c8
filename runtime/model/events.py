"""What happened to sessions, and who did it."""

from __future__ import annotations

import enum

from runtime.model.record import Record


class Client(Record, frozen=True, kw_only=True, rename="camel"):
    """Who did something: user, login (which survives sudo), program and its terminal."""

    uid: int
    loginuid: int | None
    sudo_user: str
    pid: int
    tty: str


class EventName(enum.StrEnum):
    """What can happen to a session; libpod's names where it has them."""

    CREATE = "exec_create"
    START = "exec_start"
    ATTACH = "exec_attach"
    DETACH = "exec_detach"
    RESIZE = "exec_resize"
    STOP = "exec_stop"
    DIED = "exec_died"
    CLEANUP = "exec_cleanup"
    REMOVE = "exec_remove"


class Event(Record, frozen=True, kw_only=True, rename="camel"):
    """Something that happened to a session, and who did it.

    `exit_code` is of `exec_died` only, None where it was lost; `detail` says more, for people.
    """

    time: float
    name: EventName
    session_id: str
    container_id: str
    container_name: str
    client: Client
    exit_code: int | None = None
    detail: str = ""
