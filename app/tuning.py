"""The interpreter, set for a program that must answer keys while its other thread works hard."""

from __future__ import annotations

import gc
import sys

SWITCH_INTERVAL = 0.0005
COLLECT_AFTER = 20_000


def tune_interpreter() -> None:
    """Let the threads take turns ten times as often, and look for garbage less often.

    A key would else wait 5 ms for each step at which the worker is busy. What exists when the
    program has started stays for good, so no collection needs to look at it: with that and full
    scrollbacks, one took a tenth of a second.
    """
    sys.setswitchinterval(SWITCH_INTERVAL)
    gc.collect()
    gc.freeze()
    gc.set_threshold(COLLECT_AFTER, 20, 100)
