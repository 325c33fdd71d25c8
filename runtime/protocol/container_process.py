"""A container's own process, from its configuration (OCI runtime specification, config.json).

Whatever tool made the container has written that file. What is read of the process here is
checked; the rest is the runtime's to judge, and is handed on as the JSON text that it is.
"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

_Id = Annotated[int, msgspec.Meta(ge=0, le=2**32 - 1)]


class _User(msgspec.Struct, rename="camel", omit_defaults=True):
    uid: _Id | None = None
    gid: _Id | None = None
    umask: _Id | None = None
    additional_gids: list[_Id] | None = None


class _Capabilities(msgspec.Struct, omit_defaults=True):
    bounding: list[str] | None = None
    effective: list[str] | None = None


class _Limit(msgspec.Struct, omit_defaults=True):
    type: str
    soft: int | None = None
    hard: int | None = None


class _Process(msgspec.Struct, omit_defaults=True):
    """What is read of it. In Go, and so in the specification, null is as good as nothing."""

    env: list[str] | None = None
    cwd: str | None = None
    user: _User | None = None
    capabilities: _Capabilities | None = None
    rlimits: list[_Limit] | None = None


class _Read(msgspec.Struct):
    process: _Process | None = None


class _HandedOn(msgspec.Struct):
    process: dict[str, msgspec.Raw] | None = None


def container_process(config: bytes) -> dict[str, Any]:
    """The process object in the text of a config.json, empty where there is none.

    Raises ValueError or RecursionError, which say what is wrong with it.
    """
    try:
        read = msgspec.json.decode(config, type=_Read).process or _Process()
        handed_on = msgspec.json.decode(config, type=_HandedOn).process or {}
    except msgspec.DecodeError as error:
        raise ValueError(str(error)) from error
    for name in _Process.__struct_fields__:
        handed_on.pop(name, None)
    known: dict[str, Any] = msgspec.to_builtins(read)
    return handed_on | known
