"""Where OCI runtimes keep their state folders (the `--root` of runc(8) and crun(1)).

Some places are usual, with the user's name or an engine's namespace in them; others are known to
running processes of engines only (`engine_processes`). A folder is one root, whatever leads there.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import msgspec

from runtime.discovery.folder_names import FolderNames

RUNTIMES = ("runc", "crun", "youki")
# Below dockerd's --exec-root: its runtimes, and containerd's namespaces ("moby").
DOCKER_PARTS = "/runtime-*/*"


class RuntimeRoot(msgspec.Struct, frozen=True):
    """A runtime's state folder, by its real path.

    `owner` is the user who decides what is in it: whoever owns it or a folder above it, 0 where
    that is root only.
    """

    path: str
    owner: int


class RuntimeRoots:
    """Finds out which of the possible roots there are; what is known of a folder is kept."""

    def __init__(self, names: FolderNames) -> None:
        self._names = names
        self._known: dict[tuple[str, int, int], RuntimeRoot] = {}

    def find(self, patterns: Iterable[str]) -> list[RuntimeRoot]:
        """The roots that are there, each once, in the order of the patterns (`*` is any name)."""
        found: dict[tuple[int, int], RuntimeRoot] = {}
        known: dict[tuple[str, int, int], RuntimeRoot] = {}
        for pattern in patterns:
            for path in self._names.expand(pattern):
                try:
                    status = Path(path).stat()
                    key = (path, status.st_dev, status.st_ino)
                    root = self._known.get(key) or _examine(path)
                except OSError:
                    continue  # that runtime has made no container here
                known[key] = root
                found.setdefault((status.st_dev, status.st_ino), root)
        self._known = known
        return list(found.values())


def default_roots() -> list[str]:
    """The usual roots as patterns: the system's and all users' for root, else the user's own."""
    if os.geteuid() == 0:
        system = [f"/run/{name}" for name in RUNTIMES]
        engines = [docker_roots("/run/docker"), "/run/containerd/runc/*"]
        return system + engines + _user_roots("/run/user/*")
    return _user_roots(os.environ.get("XDG_RUNTIME_DIR") or f"/run/user/{os.geteuid()}")


def makeshift_roots() -> list[str]:
    """Where users without a login session have their roots, as patterns.

    By podman (containers/storage, pkg/homedir) and youki (rootpath.rs). Everybody writes to /tmp
    all the time, so these are looked for once; from then on living monitors tell of them.
    """
    user = "*" if os.geteuid() == 0 else str(os.geteuid())
    bases = [f"/tmp/{name}-run-{user}" for name in ("storage", "podman")]
    found = [f"{base}/{runtime}" for base in bases for runtime in RUNTIMES]
    return [*found, f"/tmp/youki-{user}"]


def docker_roots(exec_root: str) -> str:
    """The pattern of the roots of a dockerd with this `--exec-root`."""
    return exec_root.rstrip("/") + DOCKER_PARTS


def containerd_root(namespace: str, base: str = "") -> str:
    """The root of a containerd namespace below the runc options' `root`, the usual one for ""."""
    return f"{base or '/run/containerd/runc'}/{namespace}"


def owner_of(path: Path) -> int:
    """The first user but root who owns the folder or one above it, 0 for none. Raises OSError."""
    return next((uid for each in (path, *path.parents) if (uid := each.stat().st_uid)), 0)


def _user_roots(base: str) -> list[str]:
    return [*(f"{base}/{name}" for name in RUNTIMES), docker_roots(f"{base}/docker")]


def _examine(path: str) -> RuntimeRoot:
    real = Path(path).resolve(strict=True)
    return RuntimeRoot(path=str(real), owner=owner_of(real))
