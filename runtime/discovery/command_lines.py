"""What the command lines of container engines' processes tell: pure text, nothing is read.

conmon: runtime.protocol.conmon_options. containerd's shims: runtime/v2/shim/shim.go and
cmd/containerd-shim/main_unix.go. dockerd: dockerd(8), cmd/dockerd/config.go.
conmon-rs: its config.rs.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from pathlib import PurePath

import msgspec

from runtime.protocol.conmon_options import conmon_options as conmon_options

Words = Sequence[str]


class MonitorWords(msgspec.Struct, frozen=True):
    """What a conmon was started with; `root` is "" where the runtime's usual one is meant."""

    container_id: str
    name: str
    runtime: str
    root: str


class ShimWords(msgspec.Struct, frozen=True):
    """What a containerd shim was started with; only the first kind of shim is told a root."""

    namespace: str
    container_id: str
    runtime_root: str


class DockerWords(msgspec.Struct, frozen=True):
    """dockerd's options as far as they say where things are; "" where one is not given."""

    exec_root: str
    data_root: str
    config_file: str
    namespace: str
    hosts: tuple[str, ...]


def monitor_words(words: Words) -> MonitorWords:
    """What a conmon, of a container or of an exec session, tells of its container."""
    options = conmon_options(words)
    passed = options.get("runtime-arg", [])
    return MonitorWords(
        container_id=options.get("cid", [""])[-1],
        name=options.get("name", [""])[-1],
        runtime=options.get("runtime", [""])[-1],
        root=_last(["", *passed], "--root"),
    )


def conmonrs_root(words: Words) -> str:
    """The runtime root of a conmon-rs, which watches over all containers of a pod."""
    return _last(words, "--runtime-root")


def shim_words(words: Words) -> ShimWords:
    """What a containerd shim tells of its containers."""
    return ShimWords(
        namespace=_last(words, "-namespace", "--namespace"),
        container_id=_last(words, "-id", "--id"),
        runtime_root=_last(words, "-runtime-root", "--runtime-root"),
    )


def docker_words(words: Words) -> DockerWords:
    """Where a dockerd keeps its things, as far as its command line tells."""
    return DockerWords(
        exec_root=_last(words, "--exec-root"),
        data_root=_last(words, "--data-root", "--graph", "-g"),
        config_file=_last(words, "--config-file"),
        namespace=_last(words, "--containerd-namespace"),
        hosts=tuple(_all(words, "-H", "--host")),
    )


def podman_sockets(words: Words) -> tuple[str, ...]:
    """Where a `podman system service` listens; nothing for any other command of podman's."""
    if "system" not in words or "service" not in words:
        return ()
    return tuple(each.removeprefix("unix://") for each in words if each.startswith("unix://"))


def program_name(path: str) -> str:
    """The name of a program, given its path or name."""
    return PurePath(path).name


def _last(words: Words, *names: str) -> str:
    return next(reversed(_all(words, *names)), "")


def _all(words: Words, *names: str) -> list[str]:
    """The values of an option, written as one word or as two."""
    found = []
    for word, following in itertools.pairwise([*words[1:], ""]):
        option, equals, value = word.partition("=")
        if option in names:
            found.append(value if equals else following)
    return found
