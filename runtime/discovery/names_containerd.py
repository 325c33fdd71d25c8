"""Names of containerd's containers: from its metadata database, and the shim's notes.

A bundle is `<state>/io.containerd.runtime.v2.task/<namespace>/<id>`; in it `work` leads to a folder
below containerd's root, and `options.json` tells which program drives the container. The database
is `<root>/io.containerd.metadata.v1.bolt/meta.db` (core/metadata/buckets.go).
"""

from __future__ import annotations

import re
from pathlib import Path

import msgspec

from runtime.discovery.bolt_file import look_up
from runtime.discovery.facts import ContainerFacts, number, program_path, qualified
from runtime.discovery.names_annotations import (
    is_sandbox,
    kubernetes_image,
    kubernetes_name,
    kubernetes_pod,
)
from runtime.kernel.beneath import read_file
from runtime.oci.container import ContainerRecord
from runtime.protocol.bolt import Bolt

_BUNDLE = re.compile(r"/io\.containerd\.runtime\.v[0-9]+\.[a-z]+/([^/]+)/([^/]+)/?$")
_DATABASE = "io.containerd.metadata.v1.bolt/meta.db"
_LIMIT = 64 * 1024


class _Options(msgspec.Struct):
    binary_name: str = ""


class _Metadata(msgspec.Struct, frozen=True):
    """What the database has of one container."""

    image: str = ""
    labels: dict[str, str] = {}


class ContainerdContainer:
    """A container of containerd's own, of nerdctl's, or of Kubernetes' by containerd."""

    def __init__(self, container_id: str, record: ContainerRecord, namespace: str) -> None:
        self._id = container_id
        self._record = record
        self._namespace = namespace

    def stamp(self) -> object:
        """Always the same: image and labels hardly ever change, the database does all the time."""
        return None

    def facts(self) -> ContainerFacts:
        """The facts, by the database, else by annotations."""
        known = _look_up(self._record.bundle, self._namespace, self._id)
        notes = known.labels | self._record.annotations
        sandbox = is_sandbox(notes)
        pod_namespace, pod = kubernetes_pod(notes)
        name = pod if sandbox else kubernetes_name(notes) or notes.get("nerdctl/name")
        return ContainerFacts(
            engine="containerd",
            name=name or self._id,
            image=known.image or kubernetes_image(notes),
            labels=known.labels,
            namespace=self._namespace,
            pod=qualified(pod_namespace, pod),
            sandbox=sandbox,
            runtime_path=runtime_program(self._record),
            restarts=number(known.labels.get("containerd.io/restart.count", "")),
        )


def containerd_namespace(bundle: str, container_id: str) -> str:
    """The namespace, where the bundle is one of containerd's for that container; else ""."""
    found = _BUNDLE.search(bundle)
    return found[1] if found and found[2] == container_id else ""


def runtime_program(record: ContainerRecord) -> str:
    """The program that the shim drives the container with, "" for the usual one."""
    try:
        text = read_file(Path(record.bundle, "options.json"), _LIMIT)
        program = msgspec.json.decode(text, type=_Options).binary_name
    except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ""
    return program_path(program, record.runtime)


def _look_up(bundle: str, namespace: str, container_id: str) -> _Metadata:
    try:
        root = Path(bundle, "work").readlink().parents[2]
    except (OSError, IndexError):
        return _Metadata()

    def read(bolt: Bolt) -> _Metadata:
        found = bolt.bucket("v1", namespace, "containers", container_id)
        if found is None:
            return _Metadata()
        labels = found.bucket("labels")
        image = (found.value("image") or b"").decode(errors="replace")
        return _Metadata(image=image, labels=labels.values() if labels else {})

    return look_up(root / _DATABASE, read) or _Metadata()
