"""How much memory programs hold."""

from __future__ import annotations

import psutil


def held_by(*names: str) -> float:
    """KiB of all processes whose name begins with one of `names`, shared pages counted once.

    PSS, as proc_pid_smaps(5) has it.
    """
    total = 0
    for process in psutil.process_iter():
        try:
            if process.name().startswith(names):
                total += process.memory_full_info().pss
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
    return total / 1024
