"""From an ExecConfig and a container to the process spec that the runtime is given."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from runtime.errors import AccessDeniedError, ContainerStateError, NoShellError
from runtime.kernel.capabilities import bounding_set
from runtime.kernel.environ import user_namespace
from runtime.kernel.limits import read_limits
from runtime.kernel.rootfs import container_root, is_endless, is_executable, read_file
from runtime.model import ContainerInfo, ExecSession, ProcessIdentity, TerminalSize
from runtime.oci.container import ContainerRecord
from runtime.protocol.container_process import container_process
from runtime.protocol.passwd import ExecUser, home_of, resolve_user
from runtime.protocol.process_spec import MARKER, Spec, process_spec

SHELLS = ("bash", "zsh", "ash", "sh")
_PASSWD, _GROUP = "/etc/passwd", "/etc/group"
_MOST_FOLDERS = 64
_DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def encode_process_spec(
    base: Spec, container: ContainerInfo, session: ExecSession, size: TerminalSize | None
) -> bytes:
    """The process spec as JSON. `base` is the container's own process object.

    Raises NoSuchUserError, ContainerStateError and the like.
    """
    init = _living_init(container)
    with container_root(init) as root:
        if container.runtime == "runc":
            _refuse_endless(root, container)
        user = _user(root, base, session.config.user)
    base = base | {"rlimits": [*(base.get("rlimits") or []), *_further_limits(init, base)]}
    marked = session.config.environment | {MARKER: session.id}
    config = msgspec.structs.replace(session.config, environment=marked)
    return msgspec.json.encode(process_spec(base, config, user, bounding_set(), size))


def find_shell(container: ContainerInfo, record: ContainerRecord) -> str:
    """The path of the best shell in the container. Raises NoShellError."""
    base = base_process(container, record)
    variables = dict(item.partition("=")[::2] for item in base.get("env") or [])
    folders = [each for each in variables.get("PATH", _DEFAULT_PATH).split(":") if each[:1] == "/"]
    del folders[_MOST_FOLDERS:]
    with container_root(_living_init(container)) as root:
        for shell in SHELLS:
            for folder in folders:
                if is_executable(root, f"{folder}/{shell}"):
                    return f"{folder}/{shell}"
    raise NoShellError(
        f"container {container.name} has no shell ({', '.join(SHELLS)})",
        hint="run a command that it has instead",
        container_id=container.id,
    )


def base_process(container: ContainerInfo, record: ContainerRecord) -> Spec:
    """The container's own process object, from its config.json.

    Raises AccessDeniedError, and ContainerStateError for what cannot be read or makes no sense.
    """
    try:
        return container_process(Path(record.config_path).read_bytes())
    except PermissionError as error:
        raise AccessDeniedError(
            f"not allowed to read {record.config_path}",
            hint="run exectop as root, or as the user who owns the container",
            container_id=container.id,
        ) from error
    except OSError as error:
        raise ContainerStateError(
            f"cannot read the configuration of container {container.name}: {error}",
            hint="its bundle must stay in place while it runs",
            container_id=container.id,
        ) from error
    except (ValueError, RecursionError) as error:
        raise ContainerStateError(
            f"{record.config_path} is no configuration of a container: {error}",
            hint="it is not as the container's engine wrote it: make the container anew",
            container_id=container.id,
        ) from error


def _living_init(container: ContainerInfo) -> ProcessIdentity:
    if container.init is None:
        raise ContainerStateError(
            f"container {container.name} is {container.state}",
            hint="start it first",
            container_id=container.id,
        )
    return container.init


def _further_limits(init: ProcessIdentity, base: Spec) -> list[Spec]:
    """Limits of the container's first process that its configuration does not name.

    Engines give them to all that they start, so they are a container's as much as the named ones;
    without them a session would get those of whoever starts it.
    """
    named = {each.get("type") for each in base.get("rlimits") or []}
    ours, theirs = read_limits(os.getpid()), read_limits(init.pid)
    may_raise = (
        os.geteuid() == 0
        and "CAP_SYS_RESOURCE" in bounding_set()
        and user_namespace(init.pid) == user_namespace(os.getpid())
    )
    return [
        {"type": name, "soft": limit.soft, "hard": limit.hard}
        for name, limit in theirs.items()
        if name not in named
        and limit != ours[name]
        and (may_raise or limit.hard <= ours[name].hard)
    ]


def _refuse_endless(root: int, container: ContainerInfo) -> None:
    # runc reads both inside the container (libcontainer setupUser), and would never come back.
    for path in (_PASSWD, _GROUP):
        if is_endless(root, path):
            raise ContainerStateError(
                f"{path} of container {container.name} has no end: runc would read it for ever",
                hint="put an ordinary file, or none, in its place",
                container_id=container.id,
            )


def _user(root: int, base: Spec, asked: str) -> ExecUser:
    own = base.get("user") or {}
    passwd = read_file(root, _PASSWD) or b""
    if asked:
        return resolve_user(asked, passwd, read_file(root, _GROUP) or b"")
    uid = own.get("uid") or 0
    groups = own.get("additionalGids") or []
    return ExecUser(uid=uid, gid=own.get("gid") or 0, groups=groups, home=home_of(uid, passwd))
