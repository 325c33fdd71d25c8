"""The process spec of an exec session, made from the container's own (OCI runtime spec, process).

The rules are those of today's libpod (container_internal / oci_conmon_exec_linux.go
prepareProcessExec, setProcessCapabilitiesExec): everything the container's process has is kept
(rlimits, labels, no-new-privileges, umask …) but for what the session asks to differ.
"""

from __future__ import annotations

from typing import Any

from runtime.model import ExecConfig, TerminalSize
from runtime.protocol.passwd import ExecUser

TERM = "xterm-256color"
# What runc and crun give to a container that asks for none.
DEFAULT_UMASK = 0o022
# Names the session to whoever looks for its processes, daemons among them.
MARKER = "EXECTOP_SESSION"

Spec = dict[str, Any]


def process_spec(
    base: Spec,
    config: ExecConfig,
    user: ExecUser,
    all_capabilities: list[str],
    size: TerminalSize | None = None,
) -> Spec:
    """The `process` object to hand to the runtime.

    `base` is the container's own process object, `user` who the session runs as,
    `all_capabilities` the names in our own bounding set (what "privileged" may give at most) and
    `size` the terminal's first size, so that the program never sees another. `base` is left as it
    is, and what the session does not change of it is shared with what is returned.
    """
    spec = dict(base)
    spec["args"] = list(config.command)
    spec["terminal"] = config.terminal
    spec.pop("commandLine", None)
    spec.pop("consoleSize", None)
    if config.terminal and size is not None:
        spec["consoleSize"] = {"height": size.rows, "width": size.columns}
    spec["cwd"] = config.work_dir or base.get("cwd") or "/"
    spec["env"] = _environment(base, config, user)
    spec["capabilities"] = _capabilities(base, config, user, all_capabilities)
    if config.user:
        spec["user"] = _user(base, user)
    return spec


def umask_of(base: Spec) -> int:
    """The umask of the container's process: the runtimes' default where none is given."""
    umask = (base.get("user") or {}).get("umask")
    return DEFAULT_UMASK if umask is None else umask & 0o777


def _environment(base: Spec, config: ExecConfig, user: ExecUser) -> list[str]:
    variables = dict(item.partition("=")[::2] for item in base.get("env") or [])
    variables.update(config.environment)
    if config.terminal:
        variables.setdefault("TERM", TERM)
    variables.setdefault("HOME", user.home)
    return [f"{name}={value}" for name, value in variables.items()]


def _user(base: Spec, user: ExecUser) -> Spec:
    chosen: Spec = {"uid": user.uid, "gid": user.gid, "additionalGids": user.groups}
    umask = (base.get("user") or {}).get("umask")
    if umask is not None:
        chosen["umask"] = umask
    return chosen


def _capabilities(base: Spec, config: ExecConfig, user: ExecUser, everything: list[str]) -> Spec:
    """The sets, as libpod's setProcessCapabilitiesExec gives them.

    Root gets the bounding set; the container's own user keeps the container's effective set,
    ambient so that it survives execve; any other user gets none. Nothing is inheritable but what
    ambient needs.
    """
    own: Spec = base.get("capabilities") or {}
    bounding = everything if config.privileged else list(own.get("bounding") or [])
    sets: Spec = {"bounding": bounding, "inheritable": []}
    if user.uid == 0:
        return sets | {"effective": bounding, "permitted": bounding}
    if user.uid == (base.get("user") or {}).get("uid", 0):
        kept = list(own.get("effective") or [])
        return sets | {"effective": kept, "permitted": kept, "inheritable": kept, "ambient": kept}
    return sets | {"effective": [], "permitted": [], "ambient": []}
