"""Naming a session by its id or the beginning of it."""

from __future__ import annotations

from runtime.errors import AmbiguousReferenceError, NoSuchSessionError
from runtime.sessions.records import Records


def find_id(records: Records, reference: str, *, removed: bool = False) -> str:
    """The id of the one session whose id is, or begins with, `reference`.

    `removed` looks among those, too, that only events tell of. Raises NoSuchSessionError and
    AmbiguousReferenceError.
    """
    # Not every argument of a command line can be written as UTF-8, which SQLite takes.
    looked_for = reference if reference.isascii() else ""
    found = {each.id for each in records.store.with_prefix(looked_for)} if looked_for else set()
    if removed and looked_for:
        found.update(records.events.sessions_with_prefix(looked_for))
    if not found:
        raise NoSuchSessionError(f"no exec session {reference!r}", hint="exectop ls lists them")
    if len(found) > 1:
        places = ", ".join(each[:20] for each in sorted(found)[:5])
        raise AmbiguousReferenceError(
            f"{reference!r} fits {len(found)} exec sessions: {places}",
            hint="give more of the id",
        )
    return found.pop()
