"""OCI bundles (config.json) for small containers, with an engine's usual defaults."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

# Ends on TERM, and by waiting for a child of its own it reaps orphans too, which a bare sleep
# would leave as zombies.
INIT_COMMAND = (
    "/bin/sh",
    "-c",
    "trap 'exit 0' TERM INT; while :; do sleep 3600 & wait $!; done",
)

DEFAULT_PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

# What podman gives to a container that asks for nothing.
DEFAULT_CAPABILITIES = (
    "CAP_CHOWN",
    "CAP_DAC_OVERRIDE",
    "CAP_FOWNER",
    "CAP_FSETID",
    "CAP_KILL",
    "CAP_NET_BIND_SERVICE",
    "CAP_SETFCAP",
    "CAP_SETGID",
    "CAP_SETPCAP",
    "CAP_SETUID",
    "CAP_SYS_CHROOT",
)

DEFAULT_NAMESPACES = ("pid", "mount", "ipc", "uts", "network")

_CAPABILITY_SETS = ("bounding", "effective", "permitted")

_MASKED = (
    "/proc/acpi",
    "/proc/kcore",
    "/proc/keys",
    "/proc/latency_stats",
    "/proc/timer_list",
    "/proc/sched_debug",
    "/proc/scsi",
    "/sys/firmware",
)
_READONLY = ("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger")


class BundlePlan(msgspec.Struct, frozen=True, kw_only=True):
    """What a container is to be; everything has an ordinary value.

    `cgroups_path` "" and `umask` None let the runtime choose. `mounts` come after the usual ones.
    """

    rootfs: Path
    hostname: str = "exectop"
    args: Sequence[str] = INIT_COMMAND
    env: Sequence[str] = (DEFAULT_PATH, "HOME=/root")
    cwd: str = "/"
    uid: int = 0
    gid: int = 0
    additional_gids: Sequence[int] = ()
    umask: int | None = None
    capabilities: Sequence[str] = DEFAULT_CAPABILITIES
    no_new_privileges: bool = False
    nofile: int = 1024
    namespaces: Sequence[str] = DEFAULT_NAMESPACES
    readonly: bool = False
    mounts: Sequence[Mapping[str, Any]] = ()
    annotations: Mapping[str, str] = {}
    cgroups_path: str = ""
    seccomp: Mapping[str, Any] | None = None


def container_config(plan: BundlePlan) -> dict[str, Any]:
    """The config.json of `plan` (OCI runtime specification 1.0)."""
    config: dict[str, Any] = {
        "ociVersion": "1.0.2",
        "process": _process(plan),
        "root": {"path": str(plan.rootfs), "readonly": plan.readonly},
        "hostname": plan.hostname,
        "mounts": [*_usual_mounts("pid" in plan.namespaces), *plan.mounts],
        "annotations": dict(plan.annotations),
        "linux": _linux(plan),
    }
    if "uts" not in plan.namespaces:
        del config["hostname"]
    return config


def write_bundle(folder: Path, plan: BundlePlan) -> Path:
    """Write the bundle of `plan` into `folder` and return the path of its config.json."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "config.json"
    path.write_bytes(msgspec.json.format(msgspec.json.encode(container_config(plan)), indent=2))
    return path


def _process(plan: BundlePlan) -> dict[str, Any]:
    user: dict[str, Any] = {
        "uid": plan.uid,
        "gid": plan.gid,
        "additionalGids": list(plan.additional_gids),
    }
    if plan.umask is not None:
        user["umask"] = plan.umask
    return {
        "terminal": False,
        "user": user,
        "args": list(plan.args),
        "env": list(plan.env),
        "cwd": plan.cwd,
        "capabilities": {name: list(plan.capabilities) for name in _CAPABILITY_SETS},
        "rlimits": [{"type": "RLIMIT_NOFILE", "hard": plan.nofile, "soft": plan.nofile}],
        "noNewPrivileges": plan.no_new_privileges,
    }


def _linux(plan: BundlePlan) -> dict[str, Any]:
    linux: dict[str, Any] = {
        "resources": {"devices": [{"allow": False, "access": "rwm"}]},
        "namespaces": [{"type": name} for name in plan.namespaces],
        "maskedPaths": list(_MASKED),
        "readonlyPaths": list(_READONLY),
    }
    if plan.cgroups_path:
        linux["cgroupsPath"] = plan.cgroups_path
    if plan.seccomp is not None:
        linux["seccomp"] = dict(plan.seccomp)
    return linux


def _mount(target: str, kind: str, *options: str) -> dict[str, Any]:
    return {"destination": target, "type": kind, "source": kind, "options": list(options)}


def _usual_mounts(own_pids: bool) -> list[dict[str, Any]]:
    proc = _mount("/proc", "proc", "nosuid", "noexec", "nodev")
    if not own_pids:
        proc = {
            "destination": "/proc",
            "type": "bind",
            "source": "/proc",
            "options": ["rbind", "nosuid", "noexec", "nodev"],
        }
    return [
        proc,
        _mount("/dev", "tmpfs", "nosuid", "strictatime", "mode=755", "size=65536k"),
        _mount(
            "/dev/pts", "devpts", "nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"
        ),
        _mount("/dev/shm", "tmpfs", "nosuid", "noexec", "nodev", "mode=1777", "size=65536k"),
        _mount("/dev/mqueue", "mqueue", "nosuid", "noexec", "nodev"),
        _mount("/sys", "sysfs", "nosuid", "noexec", "nodev", "ro"),
        _mount("/tmp", "tmpfs", "nosuid", "nodev", "mode=1777"),
    ]
