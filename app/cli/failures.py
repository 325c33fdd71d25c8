"""How failures end the program: a message and a hint on stderr, and an exit code; no traceback."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Sequence
from typing import Any

import click

from app.cli.log import logged_to
from runtime.errors import ExectopError
from widgets.wording import printable

OUR_FAILURE = 125
INTERRUPTED = 130
BROKEN_PIPE = 141
DEBUG_VARIABLE = "EXECTOP_DEBUG"


def tell(text: str) -> None:
    """Say something on stderr; a terminal that is gone is no reason to fail once more."""
    with contextlib.suppress(OSError):
        click.echo(text, err=True)


def tell_error(error: ExectopError) -> None:
    """Say what went wrong and what to do next."""
    message = " ".join(printable(line) for line in error.message.splitlines())
    tell(f"exectop: {message}")
    if error.hint:
        tell(f"  {printable(error.hint)}")


class ProgramGroup(click.Group):
    """A group whose failures follow podman's exit codes: whatever is ours ends with 125."""

    def main(self, *args: Any, **extra: Any) -> Any:
        """Run the program and exit."""
        extra["standalone_mode"] = False
        extra.setdefault("prog_name", "exectop")
        with logged_to(tell):
            code = self._run(args, extra)
        sys.exit(_flushed(code))

    def _run(self, args: Sequence[Any], extra: dict[str, Any]) -> int:
        try:
            result = super().main(*args, **extra)
            return result if isinstance(result, int) else 0
        except click.ClickException as error:
            error.show()
            return OUR_FAILURE
        except (click.Abort, KeyboardInterrupt):
            return INTERRUPTED
        except ExectopError as error:
            tell_error(error)
            return error.exit_code
        except BrokenPipeError:
            return BROKEN_PIPE
        except Exception as error:
            if os.environ.get(DEBUG_VARIABLE):
                raise
            tell(f"exectop: unexpected failure: {type(error).__name__}: {printable(str(error))}")
            tell(f"  this is a mistake in exectop; {DEBUG_VARIABLE}=1 shows where it happened")
            return OUR_FAILURE


def _flushed(code: int) -> int:
    # Were it left to the interpreter's end, a reader that has gone would be answered with a
    # complaint and another exit code.
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
            code = code or BROKEN_PIPE
    return code
