"""What the failures of runc and crun mean."""

from __future__ import annotations

import pytest

from runtime.errors import (
    CannotInvokeError,
    CommandNotFoundError,
    ContainerStateError,
    ExectopError,
    OCIRuntimeError,
)
from runtime.protocol.runtime_error import last_error_of_log, translate

RUNC = "exec failed: unable to start container process: "
NOT_FOUND = [
    RUNC + 'exec: "nosuchcmd": executable file not found in $PATH\n',
    RUNC + 'exec: "/no/such": stat /no/such: no such file or directory',
    RUNC + 'chdir to cwd ("/nope") set in config.json failed: no such file or directory',
    "executable file `nosuchcmd` not found in $PATH: No such file or directory\n",
    "executable file `/no/such` not found in $PATH: No such file or directory",
    "chdir `/nope`: No such file or directory",
    "open executable: Invalid argument",
]
DENIED = [
    RUNC + 'exec: "/tmp/x": permission denied',
    RUNC + 'exec: "/": permission denied: no such file or directory',
    "open executable: Permission denied",
    "open executable: Operation not permitted",
]
NOT_RUNNING = [
    "exec failed: cannot exec in a stopped container",
    "exec failed: container does not exist",
    "exec failed: cannot exec in a paused container (use --ignore-paused to override)",
    "the container `X` is not running",
    "the container `X` is paused",
    "error opening file `/run/crun/X/status`: No such file or directory",
]
OTHERS = [
    "exec failed: args must not be empty",
    "exec failed: cannot allocate tty if runc will detach without setting console socket",
    "tcgetattr: Inappropriate ioctl for device",
    "",
]
CASES: list[tuple[str, type[ExectopError], int, int]] = [
    *((text, CommandNotFoundError, 127, 400) for text in NOT_FOUND),
    *((text, CannotInvokeError, 126, 400) for text in DENIED),
    *((text, ContainerStateError, 125, 409) for text in NOT_RUNNING),
    *((text, OCIRuntimeError, 125, 500) for text in OTHERS),
]


@pytest.mark.parametrize(("text", "kind", "exit_code", "http_status"), CASES)
def test_translated(text: str, kind: type[ExectopError], exit_code: int, http_status: int) -> None:
    error = translate(text, container_id="box", session_id="f" * 64)
    assert type(error) is kind
    assert (error.exit_code, error.http_status) == (exit_code, http_status)
    assert (error.container_id, error.session_id) == ("box", "f" * 64)
    assert error.message == (" ".join(text.split()) or "the OCI runtime failed without a message")


@pytest.mark.parametrize("text", [*NOT_FOUND, *DENIED, *NOT_RUNNING])
def test_a_failure_with_a_known_cause_has_a_hint(text: str) -> None:
    assert translate(text, container_id="", session_id="").hint


def test_a_message_is_made_one_line() -> None:
    error = translate("a\n\tb\r\n", container_id="", session_id="")
    assert error.message == "a b"


# More brackets than any parser follows.
DEEP = b"[" * 100_000 + b"]" * 100_000
RUNC_LINE = b'{"level":"error","msg":"exec failed: no","time":"2026-11-24T05:57:23Z"}\n'
CRUN_LINE = b'{"msg":"open executable: Permission denied","level":"error","time":"2026"}\n'


@pytest.mark.parametrize(
    ("log", "expected"),
    [
        (b"", ""),
        (RUNC_LINE, "exec failed: no"),
        (CRUN_LINE, "open executable: Permission denied"),
        (RUNC_LINE + CRUN_LINE, "open executable: Permission denied"),
        (CRUN_LINE + b'{"level":"info","msg":"bye"}\n', "open executable: Permission denied"),
        (CRUN_LINE + b'{"level":"warning","msg":"hm"}\n', "open executable: Permission denied"),
        (CRUN_LINE + b'{"level":"fatal","msg":"worse"}\n', "worse"),
        (b'{"msg":"no level"}\n', "no level"),
        (CRUN_LINE + b"not JSON\n\xff\n{}\n[1]\n", "open executable: Permission denied"),
        (CRUN_LINE + b'{"level":"error","msg":"\xff"}\n', "open executable: Permission denied"),
        (CRUN_LINE + b'{"level":"error","msg":"cut', "open executable: Permission denied"),
        (b'{"level":"error","msg":"two\\nlines\\n"}', "two\nlines"),
        (b'{"level":"debug","msg":"nothing went wrong"}\n', ""),
        (CRUN_LINE + b'{"msg":"deep","more":' + DEEP, "open executable: Permission denied"),
    ],
    ids=lambda text: text[-30:],
)
def test_the_last_error_of_a_log(log: bytes, expected: str) -> None:
    assert last_error_of_log(log) == expected
