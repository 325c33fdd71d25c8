"""Containers, as the state folders of their runtimes tell."""

from __future__ import annotations

import enum
import functools
import hashlib

from runtime.model.record import ProcessIdentity, Record


class ContainerState(enum.StrEnum):
    """States of a container, by the OCI runtime specification, and paused as runc and crun do."""

    CREATED = "created"
    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"


class ContainerInfo(Record, frozen=True, kw_only=True, rename="camel"):
    """One container, as the state folder of its OCI runtime tells.

    `id` is unique only within `root`; `key` is unique on the host. `init` is None unless the
    container's first process lives. `runtime` is the name of the OCI runtime ("runc", "crun",
    "youki") and `runtime_path` the program that drives it ("": the name is looked up), `engine`
    what made the container ("podman", "docker", "containerd", "cri-o", or the runtime itself).

    What no file tells is empty: `namespace` is containerd's, `pod` podman's pod or Kubernetes'
    "namespace/name", `sandbox` whether it only holds a pod's namespaces. `owner` is the user
    whose rootless container it is (0: root's). `restarting` tells that its engine is about to
    start it again, `restarts` how often it did (None: not known).
    """

    id: str
    name: str
    engine: str
    runtime: str
    root: str
    bundle: str
    state: ContainerState
    init: ProcessIdentity | None = None
    created: float | None = None
    demo: bool = False
    image: str = ""
    labels: dict[str, str] = {}
    namespace: str = ""
    pod: str = ""
    sandbox: bool = False
    compose_project: str = ""
    owner: int = 0
    runtime_path: str = ""
    restarting: bool = False
    restarts: int | None = None

    @property
    def key(self) -> str:
        """A name for this container that is unique on the host and safe as a file name."""
        return container_key(self.root, self.id)

    @property
    def pid(self) -> int:
        """Host pid of the first process, 0 when there is none."""
        return self.init.pid if self.init else 0


@functools.lru_cache(maxsize=8192)
def container_key(root: str, container_id: str) -> str:
    """32 hex digits that name the container `container_id` of the runtime root `root`."""
    return hashlib.sha256(f"{root}\0{container_id}".encode()).hexdigest()[:32]
