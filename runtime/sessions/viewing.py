"""Attaching to a running session, and its terminal's size (libpod ExecResize)."""

from __future__ import annotations

import functools
import socket

from runtime.errors import SessionStateError
from runtime.kernel import tty
from runtime.kernel.pidfd import wait_ended
from runtime.kernel.seqpacket import connect
from runtime.model import EventName, ProcessIdentity, TerminalSize
from runtime.oci.bundle import ExecBundle
from runtime.protocol.session_state import Verb, require
from runtime.sessions.attachment import Attachment
from runtime.sessions.kept_output import SizeJournal, open_kept_output
from runtime.sessions.preconditions import check_size
from runtime.sessions.records import Records
from runtime.sessions.settle import EXIT_TIMEOUT


class Viewing:
    """Looks at and sizes running sessions. Takes no lock: nothing recorded changes."""

    def __init__(self, records: Records) -> None:
        self._records = records

    async def attach(self, session_id: str) -> Attachment:
        """Attach to a running session: kept output first, then live."""
        session = await self._records.settler.refreshed(session_id)
        require(Verb.ATTACH, session.state, session_id)
        bundle = self._records.places.bundle(session)
        kept = open_kept_output(bundle.kept_output)
        try:
            connection = await _connect(bundle, session_id)
        except BaseException:
            if kept is not None:
                kept.close()
            raise

        async def settle() -> int | None:
            await wait_ended(session.monitor, EXIT_TIMEOUT)
            return await self._records.settler.settle(session_id)

        await self._records.events.note(session, EventName.ATTACH)
        left = functools.partial(self._records.events.note, session, EventName.DETACH)
        return Attachment(
            session, bundle, connection, kept, settle=settle, left=left, from_start=False
        )

    async def resize(self, session_id: str, size: TerminalSize) -> None:
        """Set the size of a running session's terminal (libpod ExecResize)."""
        check_size(size)
        session = self._records.store.get(session_id)
        require(Verb.RESIZE, session.state, session_id)
        if not session.config.terminal:
            raise SessionStateError(
                f"exec session {session_id[:12]} has no terminal",
                hint="start it with a tty",
                session_id=session_id,
            )
        if session.process is None or not tty.set_size(session.process, size):
            session = await self._records.settler.refreshed(session_id)
            require(Verb.RESIZE, session.state, session_id)
            return  # the program has closed its terminal, and minds no size
        bundle = self._records.places.bundle(session)
        _note_size(SizeJournal(bundle.sizes, bundle.kept_output), session.process, size)
        detail = f"{size.columns}x{size.rows}"
        await self._records.events.note(session, EventName.RESIZE, detail=detail)


def _note_size(journal: SizeJournal, process: ProcessIdentity, size: TerminalSize) -> None:
    """Note the size, and then what another viewer has set meanwhile: the last note is true."""
    journal.note(size)
    while (now := tty.get_size(process)) not in (None, size):
        assert now is not None
        size = now
        journal.note(size)


async def _connect(bundle: ExecBundle, session_id: str) -> socket.socket:
    try:
        return await connect(bundle.attach_socket)
    except OSError as error:
        raise SessionStateError(
            f"exec session {session_id[:12]} cannot be attached to: its monitor is gone",
            hint="stop it, and start a new session",
            session_id=session_id,
        ) from error
