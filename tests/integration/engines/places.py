"""Containers of each engine behind one interface, to compare our sessions with the engine's own."""

from __future__ import annotations

import abc
import itertools

from tests.engines.containerd import Containerd
from tests.engines.docker import Docker
from tests.engines.podman import Podman


class Place(abc.ABC):
    """One container to be, of one engine."""

    def __init__(self, name: str) -> None:
        self.name = name

    @abc.abstractmethod
    def run(self, *options: str) -> str:
        """Start the container; gives its id."""

    @abc.abstractmethod
    def exec(self, script: str) -> str:
        """What a script prints that the engine's own command runs in the container."""

    @abc.abstractmethod
    def noticed(self) -> list[str]:
        """What the engine knows of the container, and of exec sessions in it."""

    @abc.abstractmethod
    def stop(self) -> None:
        """Kill the container's first process."""

    @abc.abstractmethod
    def remove(self) -> None:
        """Remove the container."""


class DockerPlace(Place):
    """docker's; "other" is crun."""

    def __init__(self, docker: Docker, name: str, runtime: str) -> None:
        super().__init__(name)
        self._docker = docker
        self._runtime = runtime

    def run(self, *options: str) -> str:
        """Start the container; gives its id."""
        return self._docker.run(self.name, options=("--runtime", self._runtime, *options))

    def exec(self, script: str) -> str:
        """By docker exec."""
        return self._docker.do("exec", self.name, "sh", "-c", script)

    def noticed(self) -> list[str]:
        """What docker inspect says."""
        wanted = ("{{.ExecIDs}}", "{{json .State}}", "{{.RestartCount}}")
        return [self._docker.do("inspect", "-f", each, self.name) for each in wanted]

    def stop(self) -> None:
        """Kill the container's first process."""
        self._docker.do("stop", "-t", "0", self.name)

    def remove(self) -> None:
        """Remove the container."""
        self._docker.remove(self.name)


class PodmanPlace(Place):
    """podman's, with runc or crun."""

    def __init__(self, podman: Podman, name: str, runtime: str) -> None:
        super().__init__(name)
        self._podman = podman
        self._runtime = runtime

    def run(self, *options: str) -> str:
        """Start the container; gives its id."""
        return self._podman.run(self.name, runtime=self._runtime, options=options)

    def exec(self, script: str) -> str:
        """By podman exec."""
        return self._podman.do("exec", self.name, "sh", "-c", script)

    def noticed(self) -> list[str]:
        """What podman inspect says."""
        wanted = ("{{.ExecIDs}}", "{{json .State}}", "{{.RestartCount}}")
        return [self._podman.do("inspect", "--format", each, self.name) for each in wanted]

    def stop(self) -> None:
        """Kill the container's first process."""
        self._podman.do("stop", "-t", "0", self.name)

    def remove(self) -> None:
        """Remove the container."""
        self._podman.remove(self.name)


class ContainerdPlace(Place):
    """containerd's own, with runc or crun."""

    def __init__(self, containerd: Containerd, name: str, runtime: str) -> None:
        super().__init__(name)
        self._containerd = containerd
        self._options = ("--runc-binary", "/usr/bin/crun") if runtime == "crun" else ()
        self._exec_ids = itertools.count()

    def run(self, *options: str) -> str:
        """Start the container; gives its id."""
        return self._containerd.run(self.name, options=(*self._options, *options))

    def exec(self, script: str) -> str:
        """By ctr tasks exec."""
        words = ("tasks", "exec", "--exec-id", f"x{next(self._exec_ids)}", self.name)
        return self._containerd.do(*words, "sh", "-c", script)

    def noticed(self) -> list[str]:
        """The task's line; processes are not among it, for ctr lists all that are in the cgroup."""
        listed = self._containerd.do("tasks", "ls").splitlines()
        return [line for line in listed if line.split()[0] == self.name]

    def stop(self) -> None:
        """Kill the container's first process."""
        self._containerd.do("tasks", "kill", "-s", "KILL", self.name)

    def remove(self) -> None:
        """Remove the container."""
        self._containerd.remove(self.name)
