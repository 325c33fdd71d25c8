"""Which container a person means by a name or an id, as the engines' own commands would take it.

A whole id comes first, then a name, then the unique beginning of an id (docker: container/view.go;
podman: LookupContainer). docker's own spelling of names has a slash in front. Containers of pods go
by `pod/name` and `namespace/pod/name`, too, and `engine:` in front of any of these narrows it down.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from runtime.errors import AmbiguousReferenceError, NoSuchContainerError
from runtime.model import ContainerInfo

_SHORT_ID = 12
_SHOWN = 5
Rule = Callable[[ContainerInfo, str], bool]


def resolve(
    containers: Sequence[ContainerInfo], reference: str, problems: Sequence[str] = ()
) -> ContainerInfo:
    """The one container that is meant. Raises NoSuchContainerError, AmbiguousReferenceError.

    `problems` are sentences about what could not be listed: it may be that one.
    """
    found = matching(containers, reference)
    if not found:
        raise NoSuchContainerError(
            f"no container {reference!r}",
            hint="; ".join(problems[:1]) or "exectop ps lists them",
        )
    if len(found) > 1:
        shown = ", ".join(_told_apart(found)[:_SHOWN]) + (", …" if len(found) > _SHOWN else "")
        raise AmbiguousReferenceError(
            f"{reference!r} fits {len(found)} containers: {shown}",
            hint="put the engine in front, give more of the id, or name the root with --root",
        )
    return found[0]


def matching(containers: Sequence[ContainerInfo], reference: str) -> list[ContainerInfo]:
    """All that may be meant: those by the first rule that any container fits."""
    for rule in (_has_id, _has_name, _has_name_in_pod, _has_start_of_id):
        found = [each for each in containers if reference and rule(each, reference)]
        if found:
            return found
    prefix, colon, rest = reference.partition(":")
    if prefix and colon and rest:
        return matching([each for each in containers if prefix in _prefixes(each)], rest)
    return []


def _prefixes(container: ContainerInfo) -> tuple[str, str]:
    return container.engine, container.namespace


def _has_id(container: ContainerInfo, reference: str) -> bool:
    return container.id == reference


def _has_name(container: ContainerInfo, reference: str) -> bool:
    name = reference.removeprefix("/") if container.engine == "docker" else reference
    return container.name == name


def _has_name_in_pod(container: ContainerInfo, reference: str) -> bool:
    name, (_, _, pod) = container.name, container.pod.rpartition("/")
    return bool(container.pod) and reference in (f"{pod}/{name}", f"{container.pod}/{name}")


def _has_start_of_id(container: ContainerInfo, reference: str) -> bool:
    return container.id.startswith(reference)


def _told_apart(containers: Iterable[ContainerInfo]) -> list[str]:
    """Each by words that find it alone, and what else helps to choose."""
    return [
        f"{each.engine}:{each.pod}/{each.name} ({each.id[:_SHORT_ID]})"
        if each.pod
        else f"{each.engine}:{each.name} ({each.id[:_SHORT_ID]} in {each.root})"
        for each in containers
    ]
