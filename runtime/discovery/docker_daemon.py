"""Where a running dockerd keeps its things: by its command line, else daemon.json, else the usual.

dockerd(8) and cmd/dockerd/daemon.go. It refuses to start where the first two contradict each other.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from runtime.discovery import command_lines
from runtime.kernel.beneath import read_file
from runtime.kernel.proc_folder import ProcFolder

_CONFIG_LIMIT = 1024 * 1024


class DockerDaemon(msgspec.Struct, frozen=True):
    """One dockerd. `namespace` is the one of its containers in containerd."""

    exec_root: str
    data_root: str
    namespace: str
    sockets: tuple[str, ...]
    pid: int = 0


class _Config(msgspec.Struct, rename="kebab"):
    exec_root: str = ""
    data_root: str = ""
    containerd_namespace: str = ""
    hosts: list[str] = []


def docker_daemon(proc: ProcFolder, pid: int, words: list[str]) -> DockerDaemon:
    """What a running dockerd says of itself; `words` is its command line."""
    said = command_lines.docker_words(words)
    folder = Path(proc.link(pid, "cwd") or "/")
    run, config_file, data = _usual_places(proc, pid)
    config = _read_config(folder / (said.config_file or config_file))
    hosts = said.hosts or tuple(config.hosts) or (f"unix://{run}.sock",)
    return DockerDaemon(
        exec_root=str(folder / (said.exec_root or config.exec_root or run)),
        data_root=str(folder / (said.data_root or config.data_root or data)),
        namespace=said.namespace or config.containerd_namespace or "moby",
        sockets=tuple(each.removeprefix("unix://") for each in hosts if each.startswith("unix://")),
        pid=pid,
    )


def _usual_places(proc: ProcFolder, pid: int) -> tuple[str, str, str]:
    """Run folder, configuration and data of a dockerd that is told nothing."""
    status = proc.status(pid)
    if status is None or status.st_uid == 0:
        return "/run/docker", "/etc/docker/daemon.json", "/var/lib/docker"
    # pkg/homedir: what a rootless one takes, from the environment it was started with.
    text = (proc.read(pid, "environ") or b"").decode(errors="replace")
    variables = dict(each.partition("=")[::2] for each in text.split("\0"))
    run = variables.get("XDG_RUNTIME_DIR") or f"/run/user/{status.st_uid}"
    home = variables.get("HOME", "/")
    config = variables.get("XDG_CONFIG_HOME") or f"{home}/.config"
    data = variables.get("XDG_DATA_HOME") or f"{home}/.local/share"
    return f"{run}/docker", f"{config}/docker/daemon.json", f"{data}/docker"


def _read_config(file: Path) -> _Config:
    try:
        return msgspec.json.decode(read_file(file, _CONFIG_LIMIT), type=_Config)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _Config()
