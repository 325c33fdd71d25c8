"""The viewers of all attached sessions, by the numbers that the app gave the attachments."""

from __future__ import annotations

from app.commands import Acknowledge, CloseInput, Detach, Resize, Write
from app.viewer import Viewer

ViewerCommand = Write | CloseInput | Acknowledge | Resize | Detach


class Viewers:
    """Whom a command is for; a viewer that has just ended needs nothing any more."""

    def __init__(self) -> None:
        self._by_number: dict[int, Viewer] = {}

    def add(self, viewer: Viewer) -> None:
        """It listens from now on."""
        self._by_number[viewer.number] = viewer

    def remove(self, viewer: Viewer) -> None:
        """It is over."""
        self._by_number.pop(viewer.number, None)

    def tell(self, command: ViewerCommand) -> None:
        """Pass a command on; none of them waits."""
        viewer = self._by_number.get(command.attachment)
        if viewer is None:
            return
        match command:
            case Write(data=data):
                viewer.write(data)
            case CloseInput():
                viewer.close_input()
            case Acknowledge(size=size):
                viewer.acknowledge(size)
            case Resize(size=size):
                viewer.resize(size)
            case Detach():
                viewer.leave()

    def leave_all(self) -> None:
        """All sessions go on without us."""
        for viewer in self._by_number.values():
            viewer.leave()
