"""The HTTP response head after which a connection is a raw stream ("hijacked").

The bytes are those of moby (api/server/router/container/exec.go) and libpod (util.go
writeHijackHeader), which clients know literally: a client that asked to change the protocol gets
101 UPGRADED, any other 200 OK with a body that lasts until the connection is closed.
"""

from __future__ import annotations

import re

from runtime.errors import InvalidArgumentError
from runtime.model import Record

RAW_STREAM = "application/vnd.docker.raw-stream"
MULTIPLEXED_STREAM = "application/vnd.docker.multiplexed-stream"

# The first API versions whose clients know the multiplexed type.
_DOCKER_MULTIPLEXED = (1, 42)
_LIBPOD_MULTIPLEXED = (4, 7)
_VERSION = re.compile(r"v?([0-9]{1,9})\.([0-9]{1,9})(?:\.[0-9]{1,9})?")
# protocol-name ["/" protocol-version], both tokens (RFC 9110, 7.8 and 5.6.2).
_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_PROTOCOL = re.compile(f"{_TOKEN}(/{_TOKEN})?")
_FIELD_NAME = re.compile(_TOKEN)
_FIELD_VALUE = re.compile(r"[\t\x20-\x7e]*")


class HijackRequest(Record, frozen=True, kw_only=True, rename="camel"):
    """What the client's request says of the head it wants.

    `upgrade` is the protocol to change to (`requested_upgrade`), "" for none;
    `knows_multiplexed` whether its API version has the multiplexed content type. `headers` are
    the server's own, sent after the others. Raises InvalidArgumentError for fields that would end
    the head early.
    """

    upgrade: str = ""
    knows_multiplexed: bool = True
    headers: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        for name, value in (("Upgrade", self.upgrade), *self.headers):
            if not _FIELD_NAME.fullmatch(name) or not _FIELD_VALUE.fullmatch(value):
                raise InvalidArgumentError(f"{name!r}: {value!r} is no HTTP header")


def requested_upgrade(connection: str, upgrade: str) -> str:
    """The protocol that a request asks to change to, "" where it does not.

    As in libpod, and RFC 9110, Upgrade counts only where Connection names it, too; moby looks at
    Upgrade alone. Of several protocols the first is taken; what can be none is passed over.
    """
    options = (option.strip().lower() for option in connection.split(","))
    protocol = upgrade.split(",")[0].strip()
    return protocol if "upgrade" in options and _PROTOCOL.fullmatch(protocol) else ""


def knows_multiplexed(version: str, *, libpod: bool) -> bool:
    """Whether clients of this API version know the multiplexed content type.

    `version` is that of the request's path, "1.41" or "v5.8.0"; one without asks for the newest.
    """
    if not version:
        return True
    found = _VERSION.fullmatch(version)
    first = _LIBPOD_MULTIPLEXED if libpod else _DOCKER_MULTIPLEXED
    return found is not None and (int(found[1]), int(found[2])) >= first


def response_head(request: HijackRequest, *, framed: bool) -> bytes:
    """The head to send; what follows is the stream, framed (`runtime.protocol.stdcopy`) or not."""
    multiplexed = framed and request.knows_multiplexed
    fields = [("Content-Type", MULTIPLEXED_STREAM if multiplexed else RAW_STREAM)]
    status = "200 OK"
    if request.upgrade:
        status = "101 UPGRADED"
        fields += [("Connection", "Upgrade"), ("Upgrade", request.upgrade)]
    fields += request.headers
    lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in fields)]
    return "\r\n".join([*lines, "", ""]).encode("ascii")
