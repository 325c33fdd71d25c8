"""Where runc, crun and conmon are, and how the runtimes are called."""

from __future__ import annotations

import contextlib
import functools
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from runtime.errors import RuntimeMissingError
from runtime.model import ContainerInfo

# sbin folders are often not in a user's PATH, though runtimes are installed there.
_EXTRA_FOLDERS = ("/usr/local/sbin", "/usr/sbin", "/sbin", "/usr/libexec/podman", "/usr/lib/podman")


@functools.lru_cache(maxsize=16)
def find_program(name: str) -> str:
    """The absolute path of an OCI runtime or conmon. Raises RuntimeMissingError."""
    folders = os.pathsep.join((os.environ.get("PATH", os.defpath), *_EXTRA_FOLDERS))
    found = shutil.which(name, path=folders)
    if found is None:
        raise RuntimeMissingError(
            f"{name} is not installed",
            hint=f"install it (apt-get install {Path(name).name}), or set its path in the settings",
        )
    return str(Path(found).absolute())


def find_runtime(container: ContainerInfo, configured: Mapping[str, str]) -> str:
    """The path of the program to run commands in this container with. Raises RuntimeMissingError.

    `configured` are names or paths by runtime, and one that was set counts; else it is the program
    that the container's engine drives it with, or where that is gone, the runtime of that name.
    """
    name = configured.get(container.runtime, container.runtime)
    if name == container.runtime and container.runtime_path:
        with contextlib.suppress(RuntimeMissingError):
            return find_program(container.runtime_path)
    return find_program(name)


def runtime_arguments(root: str, log: Path) -> list[str]:
    """The global options of runc(8) and crun(1) for a state root, with errors as JSON in `log`."""
    return ["--root", root, "--log", str(log), "--log-format=json"]
