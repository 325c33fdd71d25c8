"""Who runs a bundle's command without a record: one process, noted in the bundle.

Such a bundle belongs to that process alone. While it lives nobody else touches the bundle; when it
has died, whoever finds the bundle clears it away.
"""

from __future__ import annotations

import os

import msgspec

from runtime.errors import StateError
from runtime.kernel.proc import boot_id, identify, is_alive
from runtime.model import ProcessIdentity
from runtime.oci.bundle import ExecBundle


class Owner(msgspec.Struct, frozen=True, kw_only=True):
    """A process, and the boot that its pid and start time belong to; None where it is not known."""

    process: ProcessIdentity | None = None
    boot_id: str = ""

    @property
    def lives(self) -> bool:
        """Whether exactly this process still runs."""
        return self.boot_id == boot_id() and is_alive(self.process)


def note_owner(bundle: ExecBundle) -> None:
    """Note in the bundle that it is ours. Raises StateError."""
    owner = Owner(process=identify(os.getpid()), boot_id=boot_id())
    try:
        descriptor = os.open(bundle.owner, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(msgspec.json.encode(owner))
    except OSError as error:
        raise StateError(
            f"cannot write to the exec bundle {bundle.folder}: {error.strerror}",
            hint="check that the run folder is writable and has room",
        ) from error


def read_owner(bundle: ExecBundle) -> Owner | None:
    """Who the bundle belongs to, None for the bundle of a recorded session.

    A note that makes no sense was cut short: it is that of a process that died while it wrote.
    """
    try:
        text = bundle.owner.read_bytes()
    except OSError:
        return None
    try:
        return msgspec.json.decode(text, type=Owner)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return Owner()
