"""Exec sessions as libpod recorded them before podman 2 (libpod legacyExecSession).

In libpod's JSON of a container's state they are `execSessions`, by id; later sessions, which are
`newExecSessions` there, have records and monitors of podman's own.
"""

from __future__ import annotations

import re

import msgspec

from runtime.errors import InvalidArgumentError
from runtime.model import LegacyExecSession

# The id becomes the name of a folder.
_ID = re.compile(r"[0-9a-f]{64}")
_LARGEST_PID = 2**22  # PID_MAX_LIMIT


class _State(msgspec.Struct):
    exec_sessions: dict[str, LegacyExecSession] | None = msgspec.field(
        name="execSessions", default=None
    )


def parse_legacy_sessions(state: bytes) -> list[LegacyExecSession]:
    """The legacy sessions in libpod's JSON of a container's state.

    Raises InvalidArgumentError for what is no such JSON, or holds a session that makes no sense.
    """
    try:
        found = msgspec.json.decode(state, type=_State).exec_sessions or {}
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidArgumentError(
            f"this is no container state of libpod: {error}",
            hint="give the JSON that podman keeps of one container",
        ) from error
    for key, session in found.items():
        if key != session.id or not _ID.fullmatch(key):
            raise InvalidArgumentError(f"{key[:80]!r} is no id of an exec session")
        if not session.command or not 0 < session.pid <= _LARGEST_PID:
            raise InvalidArgumentError(f"exec session {key[:12]} has no command, or no process")
    return list(found.values())
