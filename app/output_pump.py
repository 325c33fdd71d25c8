"""Shares the time of the screen's loop between printing output and everything else."""

from __future__ import annotations

from collections.abc import Callable

from app.attachment import Phase
from app.attachments import Attachments

BUDGET = 0.008
REPLAY_BUDGET = 0.024
PAUSE = 1 / 120


class OutputPump:
    """Prints what the attachments have waiting, in slices, with pauses for keys and drawing.

    A little output is printed at once. In a flood, each slice is followed by a pause in which the
    loop serves keys and redraws; while kept output is replayed nobody looks, so slices are longer.
    """

    def __init__(
        self, attachments: Attachments, set_timer: Callable[[float, Callable[[], None]], object]
    ) -> None:
        self._attachments = attachments
        self._set_timer = set_timer
        self._pausing = False

    def run(self) -> None:
        """Print now, unless a pause is under way; it goes on by itself until all is printed."""
        if not self._pausing:
            self._print()

    def _print(self) -> None:
        self._pausing = False
        waiting = self._attachments.waiting
        for attachment in waiting:
            replaying = attachment.phase is Phase.REPLAYING
            attachment.work((REPLAY_BUDGET if replaying else BUDGET) / len(waiting))
        if self._attachments.waiting:
            self._pausing = True
            self._set_timer(PAUSE, self._print)
