"""What the keys act on: the selected container or session, and which keys have anything to do."""

from __future__ import annotations

import dataclasses

from runtime.model import ContainerInfo, ExecState, Overview, SessionInfo


@dataclasses.dataclass(frozen=True, slots=True)
class Selection:
    """The selected rows of both tables, and which of the two has the keys."""

    overview: Overview
    container_key: str | None
    session_id: str | None
    in_sessions: bool

    @property
    def session(self) -> SessionInfo | None:
        """The selected session, while its table has the keys: nothing is stopped unseen."""
        if not self.in_sessions:
            return None
        sessions = self.overview.sessions
        return next((each for each in sessions if each.id == self.session_id), None)

    @property
    def container(self) -> ContainerInfo | None:
        """The selected container; with the keys in the sessions, the selected session's."""
        session = self.session
        key = session.container_key if session else self.container_key
        return next((each for each in self.overview.containers if each.key == key), None)

    @property
    def session_to_attach(self) -> SessionInfo | None:
        """The selected session; with the keys in the containers, the newest running one there."""
        if self.in_sessions:
            return self.session
        return max(self.running, key=lambda session: session.created, default=None)

    @property
    def running(self) -> list[SessionInfo]:
        """The running sessions of the selected container."""
        container = self.container
        if container is None:
            return []
        return [
            session
            for session in self.overview.sessions
            if session.container_key == container.key and session.state is ExecState.RUNNING
        ]

    def can(self, action: str) -> bool:
        """Whether that action has something to act on."""
        match action:
            case "stop" | "remove" | "cleanup":
                return self.session is not None
            case "shell" | "exec":
                return self.container is not None
            case "attach":
                session = self.session_to_attach
                return session is not None and session.state is ExecState.RUNNING
            case _:
                return True
