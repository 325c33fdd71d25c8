"""What an OCI runtime's failure means: 126 cannot invoke, 127 not found, 125 the rest.

The texts are matched as libpod does (oci_util.go getOCIRuntimeError): "permission denied" is
looked for first, as a message may hold both.
"""

from __future__ import annotations

import re

import msgspec

from runtime.errors import (
    CannotInvokeError,
    CommandNotFoundError,
    ContainerStateError,
    OCIRuntimeError,
)

_NOT_RUNNING = re.compile(
    r"cannot exec in a (stopped|paused) container|container does not exist|"
    r"the container `[^`]*` is (not running|paused)|error opening file `[^`]*/status`",
)
_DENIED = re.compile(r"permission denied|operation not permitted", re.IGNORECASE)
_NOT_FOUND = re.compile(
    r"executable file .*not found in|no such file or directory|open executable", re.IGNORECASE
)


class _LogLine(msgspec.Struct):
    msg: str
    level: str = ""


def last_error_of_log(text: bytes) -> str:
    """The last message of level error (or worse) in a runtime's JSON log, "" if there is none."""
    for line in reversed(text.splitlines()):
        try:
            entry = msgspec.json.decode(line, type=_LogLine)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            continue
        if entry.level in ("", "error", "fatal", "panic"):
            return entry.msg.strip()
    return ""


def translate(
    message: str, *, container_id: str, session_id: str
) -> OCIRuntimeError | ContainerStateError:
    """The error, with its exit code, that the runtime's `message` stands for."""
    text = " ".join(message.split()) or "the OCI runtime failed without a message"
    ids = {"container_id": container_id, "session_id": session_id}
    if _NOT_RUNNING.search(text):
        return ContainerStateError(text, hint="exec needs a running container", **ids)
    if _DENIED.search(text):
        return CannotInvokeError(text, hint="check that the command may be executed", **ids)
    if _NOT_FOUND.search(text):
        return CommandNotFoundError(
            text, hint="check the command, the PATH and the working directory", **ids
        )
    return OCIRuntimeError(text, **ids)
