"""Where OCI runtimes keep their state folders (the `--root` of runc(8) and crun(1))."""

from __future__ import annotations

import os
from pathlib import Path

_SYSTEM_ROOTS = ("/run/runc", "/run/crun")


def default_roots() -> list[str]:
    """The usual roots: the system's for root, the user's own under XDG_RUNTIME_DIR otherwise."""
    if os.geteuid() == 0:
        return list(_SYSTEM_ROOTS)
    base = Path(os.environ.get("XDG_RUNTIME_DIR") or f"/run/user/{os.geteuid()}")
    return [str(base / "runc"), str(base / "crun")]
