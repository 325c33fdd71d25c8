"""Which containers and sessions a filter text lets through."""

from __future__ import annotations

from collections.abc import Sequence

from runtime.model import ContainerInfo, SessionInfo


def matching_containers(containers: Sequence[ContainerInfo], text: str) -> list[ContainerInfo]:
    """Those with every word of `text` in what is known of them: name, id, engine, image …"""
    if not text:
        return list(containers)
    return [
        container
        for container in containers
        if _matches(
            text,
            container.name,
            container.id,
            container.runtime,
            container.engine,
            container.state,
            container.image,
            container.namespace,
            container.pod,
            container.compose_project,
        )
    ]


def matching_sessions(sessions: Sequence[SessionInfo], text: str) -> list[SessionInfo]:
    """Those with every word of `text` in their id, container, command, user, origin or state."""
    if not text:
        return list(sessions)
    return [
        session
        for session in sessions
        if _matches(
            text,
            session.id,
            session.container_name,
            session.container_id,
            " ".join(session.command),
            session.user,
            session.origin,
            session.state,
        )
    ]


def _matches(text: str, *fields: str) -> bool:
    everything = "\n".join(fields).lower()
    return all(word in everything for word in text.lower().split())
