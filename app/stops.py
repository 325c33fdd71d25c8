"""Which sessions are being stopped, and how far each stop is."""

from __future__ import annotations

from collections.abc import Iterable

from runtime.model import SessionInfo, StopStep


class Stops:
    """The last step of every stop under way, by session id."""

    def __init__(self) -> None:
        self.steps: dict[str, StopStep] = {}

    def take(self, step: StopStep) -> bool:
        """Note a step; True when it was the last one."""
        if step.phase == "stopped":
            self.forget([step.session_id])
            return True
        self.steps[step.session_id] = step
        return False

    def forget(self, session_ids: Iterable[str]) -> None:
        """These stops are over, or came to nothing."""
        for session_id in session_ids:
            self.steps.pop(session_id, None)

    def keep_running(self, sessions: Iterable[SessionInfo]) -> None:
        """Forget the stops of sessions whose process is gone."""
        running = {each.id for each in sessions if each.has_process}
        self.forget([each for each in self.steps if each not in running])
