"""What container engines keep of their containers, in the places where they keep it."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

from tests.files.bolt import BoltWriter, Tree


def podman_bundle(storage: Path, container_id: str) -> Path:
    """The bundle of a container in a storage, which is made."""
    bundle = storage / "overlay-containers" / container_id / "userdata"
    bundle.mkdir(parents=True)
    return bundle


def podman_index(storage: Path, *containers: tuple[str, str, str]) -> Path:
    """containers.json of containers/storage, of (id, name, image)."""
    entries = [
        {
            "id": container_id,
            "names": [name],
            "image": "0" * 64 if image else "",
            "layer": "1" * 64,
            "metadata": json.dumps({"image-name": image, "image-id": "", "name": name}),
            "created": "2026-11-24T12:11:28.172677784Z",
            "flags": {"MountLabel": ""},
        }
        for container_id, name, image in containers
    ]
    index = storage / "overlay-containers" / "containers.json"
    index.parent.mkdir(parents=True, exist_ok=True)
    index.write_text(json.dumps(entries))
    return index


def podman_config(container_id: str, name: str, **changes: Any) -> dict[str, Any]:
    """A container's configuration in podman's database."""
    config: dict[str, Any] = {
        "spec": {"ociVersion": "1.0.2-dev", "annotations": {"x": "y"}},
        "id": container_id,
        "name": name,
        "rootfsImageID": "0" * 64,
        "rootfsImageName": "docker.io/library/busybox:latest",
        "labels": {"com.docker.compose.project": "shop"},
        "pause": False,
        "runtime": "crun",
    }
    return config | changes


def podman_bolt(
    storage: Path,
    *configs: dict[str, Any],
    restarts: int = 0,
    pods: dict[str, str] | None = None,
    execs: dict[str, Any] | None = None,
) -> Path:
    """podman 4's database; `pods` are names by id, `execs` each container's sessions by id."""
    state: dict[str, Any] = {"state": 3, "pid": 7}
    state |= ({"restartCount": restarts} if restarts else {}) | {"newExecSessions": execs or {}}
    containers: Tree = {
        each["id"]: {"config": json.dumps(each), "state": json.dumps(state), "network": {}}
        for each in configs
    }
    known: Tree = {
        pod_id: {"config": json.dumps({"id": pod_id, "name": name}), "containers": {}}
        for pod_id, name in (pods or {}).items()
    }
    database = storage / "libpod" / "bolt_state.db"
    database.parent.mkdir(parents=True, exist_ok=True)
    database.write_bytes(BoltWriter().write({"ctr": containers, "pod": known, "all-ctrs": {}}))
    return database


def podman_sqlite(
    database: Path,
    *configs: dict[str, Any],
    restarts: int = 0,
    pods: dict[str, str] | None = None,
    execs: dict[str, Any] | None = None,
) -> Path:
    """podman 5's database (libpod/sqlite_state_internal.go)."""
    database.parent.mkdir(parents=True, exist_ok=True)
    with sqlite3.connect(database) as connection:
        connection.executescript(
            """
            CREATE TABLE PodConfig(ID TEXT PRIMARY KEY, Name TEXT UNIQUE, JSON TEXT);
            CREATE TABLE ContainerConfig(
                ID TEXT PRIMARY KEY, Name TEXT UNIQUE, PodID TEXT, JSON TEXT);
            CREATE TABLE ContainerState(
                ID TEXT PRIMARY KEY, State INTEGER, ExitCode INTEGER, JSON TEXT);
            """
        )
        for pod_id, name in (pods or {}).items():
            connection.execute("INSERT INTO PodConfig VALUES (?, ?, '{}')", (pod_id, name))
        for each in configs:
            row = (each["id"], each["name"], each.get("pod"), json.dumps(each))
            connection.execute("INSERT INTO ContainerConfig VALUES (?, ?, ?, ?)", row)
            state = json.dumps({"restartCount": restarts, "newExecSessions": execs or {}})
            connection.execute(
                "INSERT INTO ContainerState VALUES (?, 3, NULL, ?)", (each["id"], state)
            )
    connection.close()
    return database


def docker_config(data_root: Path, container_id: str, **changes: Any) -> Path:
    """docker's config.v2.json."""
    config: dict[str, Any] = {
        "State": {"Running": True, "Restarting": False, "Pid": 7},
        "ID": container_id,
        "Created": "2026-11-24T12:11:27.366211766Z",
        "Config": {"Image": "nginx:latest", "Labels": {"com.docker.compose.project": "shop"}},
        "Image": "sha256:00",
        "Name": "/web",
        "RestartCount": 3,
    }
    file = data_root / "containers" / container_id / "config.v2.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(config | changes))
    return file


def shim_bundle(
    state: Path,
    namespace: str,
    container_id: str,
    *,
    root: Path | None = None,
    options: dict[str, str] | None = None,
    mounts: list[str] | None = None,
) -> Path:
    """A bundle as containerd's shim has it; `root` is containerd's, `mounts` are sources."""
    tasks = f"io.containerd.runtime.v2.task/{namespace}/{container_id}"
    bundle = state / tasks
    bundle.mkdir(parents=True)
    (bundle / "options.json").write_text(json.dumps(options or {}))
    sources = [{"destination": "/x", "source": each} for each in mounts or ["proc"]]
    (bundle / "config.json").write_text(json.dumps({"mounts": sources}))
    if root is not None:
        (bundle / "work").symlink_to(root / tasks)
    return bundle


def containerd_database(
    root: Path, namespace: str, container_id: str, *, image: str, labels: dict[str, str]
) -> Path:
    """containerd's metadata (core/metadata/buckets.go)."""
    container: Tree = {
        "createdat": b"\x01\x00",
        "image": image,
        "labels": labels,
        "runtime": {"name": "io.containerd.runc.v2"},
        "snapshotter": "overlayfs",
    }
    tree: Tree = {"v1": {namespace: {"containers": {container_id: container}, "images": {}}}}
    database = root / "io.containerd.metadata.v1.bolt" / "meta.db"
    database.parent.mkdir(parents=True, exist_ok=True)
    database.write_bytes(BoltWriter().write(tree))
    return database
