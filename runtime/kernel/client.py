"""Who is asking: the facts about this program's user that an audit wants."""

from __future__ import annotations

import functools
import os
from pathlib import Path

from runtime.model import Client

# (uid_t) -1: no login was recorded (pam_loginuid(8)).
_NO_LOGIN = 2**32 - 1


@functools.cache
def this_client() -> Client:
    """This program and the user behind it. `loginuid` survives su and sudo (audit)."""
    return Client(
        uid=os.getuid(),
        loginuid=_loginuid(),
        sudo_user=os.environ.get("SUDO_USER", ""),
        pid=os.getpid(),
        tty=_tty(),
    )


def _loginuid() -> int | None:
    try:
        number = int(Path("/proc/self/loginuid").read_text())
    except (OSError, ValueError):
        return None
    return None if number == _NO_LOGIN else number


def _tty() -> str:
    for descriptor in range(3):
        try:
            return os.ttyname(descriptor)
        except OSError:
            continue
    return ""
