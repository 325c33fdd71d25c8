"""Shares the time of the screen's loop between printing output and everything else."""

from __future__ import annotations

import functools
from collections.abc import Callable

from app.attachment import Attachment, Phase
from app.attachments import Attachments

BUDGET = 0.008
HIDDEN_BUDGET = 0.003
REPLAY_BUDGET = 0.024
PAUSE = 1 / 120
HIDDEN_PAUSE = 0.003

SetTimer = Callable[[float, Callable[[], None]], object]


class _Lane:
    """Terminals that take turns: each slice is followed by a pause while more is waiting."""

    def __init__(
        self, waiting: Callable[[], list[Attachment]], budget: float, pause: float
    ) -> None:
        self._waiting = waiting
        self._budget = budget
        self.pause = pause
        self.pausing = False

    def print(self) -> bool:
        """Print one slice of each; whether there is more."""
        waiting = self._waiting()
        for attachment in waiting:
            replaying = attachment.phase is Phase.REPLAYING
            attachment.work((REPLAY_BUDGET if replaying else self._budget) / len(waiting))
        return bool(waiting and self._waiting())


class OutputPump:
    """Prints what the attachments have waiting, in slices, with pauses for keys and drawing.

    A little output is printed at once. In a flood, each slice is followed by a pause in which the
    loop serves keys and redraws; while kept output is replayed nobody looks, so slices are longer.
    What is hidden takes its turns apart and in smaller slices: it never makes a terminal wait that
    one types into.
    """

    def __init__(
        self,
        attachments: Attachments,
        set_timer: SetTimer,
        is_shown: Callable[[Attachment], bool] = lambda _: True,
    ) -> None:
        def shown() -> list[Attachment]:
            return [each for each in attachments.waiting if is_shown(each)]

        def hidden() -> list[Attachment]:
            return [each for each in attachments.waiting if not is_shown(each)]

        self._set_timer = set_timer
        self._lanes = (
            _Lane(shown, BUDGET, PAUSE),
            _Lane(hidden, HIDDEN_BUDGET, HIDDEN_PAUSE),
        )

    def run(self) -> None:
        """Print now, where no pause is under way; it goes on by itself until all is printed."""
        for lane in self._lanes:
            if not lane.pausing and lane.print():
                lane.pausing = True
                self._set_timer(lane.pause, functools.partial(self._end_pause, lane))

    def _end_pause(self, lane: _Lane) -> None:
        """All lanes go on: what waited in this one may have come into another meanwhile."""
        lane.pausing = False
        self.run()
