"""The records the layer speaks in: frozen, typed, and serialisable to JSON.

Names and JSON keys are libpod's where the concept is libpod's (`ExecConfig`, `ExecSession`).
Times are seconds since the epoch (float) inside, RFC 3339 in UTC on the command line's JSON.
"""

from __future__ import annotations

from runtime.model.attach import (
    AttachEvent,
    AttachOutcome,
    AttachPlan,
    CaughtUp,
    Ended,
    HTTPAttachResult,
    HTTPAttachStreams,
    Output,
    SizeChanged,
)
from runtime.model.containers import ContainerInfo, ContainerState, container_key
from runtime.model.events import Client, Event, EventName
from runtime.model.foreign import (
    Action,
    Certainty,
    SessionActions,
    SessionClient,
    SessionUsage,
)
from runtime.model.inspection import (
    InspectExecProcess,
    InspectExecSession,
    InspectKeptOutput,
    InspectMonitor,
)
from runtime.model.outcomes import ExecResult, LegacyImport, SessionProcess, StopStep
from runtime.model.record import ProcessIdentity, Record, TerminalSize
from runtime.model.sessions import (
    ExecConfig,
    ExecSession,
    ExecState,
    LegacyExecSession,
    Overview,
    SessionInfo,
)
from runtime.model.settings import EngineSettings
from runtime.model.stuck import Mending, Pruned, Remedy, Stuck, StuckReason

__all__ = [
    "Action",
    "AttachEvent",
    "AttachOutcome",
    "AttachPlan",
    "CaughtUp",
    "Certainty",
    "Client",
    "ContainerInfo",
    "ContainerState",
    "Ended",
    "EngineSettings",
    "Event",
    "EventName",
    "ExecConfig",
    "ExecResult",
    "ExecSession",
    "ExecState",
    "HTTPAttachResult",
    "HTTPAttachStreams",
    "InspectExecProcess",
    "InspectExecSession",
    "InspectKeptOutput",
    "InspectMonitor",
    "LegacyExecSession",
    "LegacyImport",
    "Mending",
    "Output",
    "Overview",
    "ProcessIdentity",
    "Pruned",
    "Record",
    "Remedy",
    "SessionActions",
    "SessionClient",
    "SessionInfo",
    "SessionProcess",
    "SessionUsage",
    "SizeChanged",
    "StopStep",
    "Stuck",
    "StuckReason",
    "TerminalSize",
    "container_key",
]
