"""The one door to the layer: the dashboard, the command line and any server go through it.

An engine lives on one asyncio loop. It speaks in the records of `runtime.model` and raises the
errors of `runtime.errors`; several engines, in several programs, may work on one host at once.
"""

from __future__ import annotations

from runtime.engine.parts import DATABASE
from runtime.engine.running import Running
from runtime.engine.stopping import Stopping

__all__ = ["DATABASE", "Engine"]


class Engine(Running, Stopping):
    """Containers and exec sessions of this host. Use as `async with Engine(settings) as engine`."""
