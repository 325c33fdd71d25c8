"""Names from annotations: CRI-O writes down all it knows, containerd's CRI plugin the names.

The keys: cri-o internal/annotations, containerd pkg/cri/annotations, kubelet's labels.go.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

import msgspec

from runtime.discovery.engine_processes import EngineProcesses
from runtime.discovery.facts import ContainerFacts, number, program_path, qualified
from runtime.oci.container import ContainerRecord

_CRIO = "io.kubernetes.cri-o."
_CRI = "io.kubernetes.cri."
# What kubelet gives the container that holds a pod's namespaces.
_PAUSE = "POD"
Found = TypeVar("Found")


class _Metadata(msgspec.Struct):
    name: str = ""
    attempt: int | None = None


class CrioContainer:
    """A container of CRI-O's. Everything is in the annotations, which never change."""

    def __init__(
        self, container_id: str, record: ContainerRecord, processes: EngineProcesses
    ) -> None:
        self._id = container_id
        self._record = record
        self._processes = processes

    def stamp(self) -> object:
        """Always the same."""
        return None

    def facts(self) -> ContainerFacts:
        """The facts, by CRI-O's own annotations, else kubelet's."""
        notes = self._record.annotations
        metadata = _decode(notes.get(f"{_CRIO}Metadata", ""), _Metadata) or _Metadata()
        sandbox = notes.get(f"{_CRIO}ContainerType") == "sandbox"
        pod = notes.get("io.kubernetes.pod.name") or notes.get(f"{_CRIO}KubeName", "")
        name = kubernetes_name(notes) or metadata.name
        monitor = self._processes.monitor(self._id)
        return ContainerFacts(
            engine="cri-o",
            name=(pod if sandbox else name) or notes.get(f"{_CRIO}Name") or self._id,
            image=notes.get(f"{_CRIO}ImageName") or notes.get(f"{_CRIO}Image", ""),
            labels=_decode(notes.get(f"{_CRIO}Labels", ""), dict[str, str]) or {},
            pod=qualified(
                notes.get("io.kubernetes.pod.namespace") or notes.get(f"{_CRIO}Namespace", ""), pod
            ),
            sandbox=sandbox,
            runtime_path=program_path(monitor.runtime if monitor else "", self._record.runtime),
            restarts=number(notes.get("io.kubernetes.container.restartCount", ""))
            if metadata.attempt is None
            else metadata.attempt,
        )


def kubernetes_name(notes: Mapping[str, str]) -> str:
    """A container's name in its pod, by annotations or labels; "" for what only holds the pod."""
    found = notes.get(f"{_CRI}container-name") or notes.get("io.kubernetes.container.name", "")
    return "" if found == _PAUSE else found


def kubernetes_pod(notes: Mapping[str, str]) -> tuple[str, str]:
    """A pod's namespace and name, by annotations or labels."""
    namespace = notes.get(f"{_CRI}sandbox-namespace") or notes.get("io.kubernetes.pod.namespace")
    name = notes.get(f"{_CRI}sandbox-name") or notes.get("io.kubernetes.pod.name")
    return namespace or "", name or ""


def kubernetes_image(notes: Mapping[str, str]) -> str:
    """The image, as containerd's CRI plugin notes it."""
    return notes.get(f"{_CRI}image-name", "")


def is_sandbox(notes: Mapping[str, str]) -> bool:
    """Whether containerd's CRI plugin made it to hold a pod's namespaces."""
    return "sandbox" in (notes.get(f"{_CRI}container-type"), notes.get("io.cri-containerd.kind"))


def _decode(text: str, kind: type[Found]) -> Found | None:
    try:
        return msgspec.json.decode(text, type=kind) if text else None
    except (msgspec.DecodeError, RecursionError):
        return None
