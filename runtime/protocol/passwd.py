"""Resolving `user[:group]` by the text of a container's passwd(5) and group(5).

The rules are those of moby/sys/user GetExecUser, which libpod and docker follow: a number is
always an id and needs no entry; a name needs one; supplementary groups come from the user's
memberships unless a group is named.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from runtime.errors import NoSuchUserError
from runtime.model import Record

_LARGEST_ID = 2**31 - 1
# Bounded, as int() refuses numbers of thousands of digits, which a hostile file may hold.
_ID = re.compile("0*([0-9]{1,10})")


class ExecUser(Record, frozen=True, kw_only=True, rename="camel"):
    """Who a process runs as, inside the container."""

    uid: int
    gid: int
    groups: list[int]
    home: str


def resolve_user(user: str, passwd: bytes, group: bytes) -> ExecUser:
    """Resolve `user[:group]`. Raises NoSuchUserError for names without an entry."""
    user_part, _, group_part = user.partition(":")
    name, uid, gid, home = _find_user(user_part or "0", passwd)
    if group_part:
        return ExecUser(uid=uid, gid=_find_group(group_part, group), groups=[], home=home)
    groups = [number for _, number, members in _groups(group) if name and name in members]
    return ExecUser(uid=uid, gid=gid, groups=sorted(set(groups)), home=home)


def home_of(uid: int, passwd: bytes) -> str:
    """The home directory of a user id, "/" where passwd does not tell."""
    return next((home for _, number, _, home in _users(passwd) if number == uid), "/")


def _find_user(user: str, passwd: bytes) -> tuple[str, int, int, str]:
    number = _parse_id(user)
    for name, uid, gid, home in _users(passwd):
        if uid == number if number is not None else name == user:
            return name, uid, gid, home
    if number is None:
        raise NoSuchUserError(
            f"unable to find user {user!r} in the container",
            hint="name a user of the container's /etc/passwd, or give a numeric uid",
        )
    return "", number, 0, "/"


def _find_group(group_name: str, group: bytes) -> int:
    number = _parse_id(group_name)
    if number is not None:
        return number
    for name, gid, _ in _groups(group):
        if name == group_name:
            return gid
    raise NoSuchUserError(
        f"unable to find group {group_name!r} in the container",
        hint="name a group of the container's /etc/group, or give a numeric gid",
    )


def _parse_id(text: str) -> int | None:
    if not (text.isascii() and text.isdigit()):
        return None
    number = _number(text)
    if number is None or number > _LARGEST_ID:
        raise NoSuchUserError(f"the id {text[:20]} is too large", hint=f"at most {_LARGEST_ID}")
    return number


def _number(text: str) -> int | None:
    found = _ID.fullmatch(text)
    return int(found[1]) if found else None


def _users(passwd: bytes) -> Iterator[tuple[str, int, int, str]]:
    for fields in _entries(passwd, 6):
        uid, gid = _number(fields[2]), _number(fields[3])
        if uid is not None and gid is not None:
            yield fields[0], uid, gid, fields[5] or "/"


def _groups(group: bytes) -> Iterator[tuple[str, int, list[str]]]:
    for fields in _entries(group, 4):
        gid = _number(fields[2])
        if gid is not None:
            yield fields[0], gid, [name.strip() for name in fields[3].split(",")]


def _entries(text: bytes, least: int) -> Iterator[list[str]]:
    # Lines that are no entries are passed over, as the C library does. Only a newline ends one:
    # the other separators that str.splitlines knows may stand in a name that a user chose.
    for line in text.decode(errors="replace").split("\n"):
        fields = line.strip().split(":")
        if len(fields) >= least and not line.startswith("#"):
            yield fields
