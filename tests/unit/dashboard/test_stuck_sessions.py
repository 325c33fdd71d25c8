"""How the dashboard shows that a session is stuck."""

from __future__ import annotations

from typing import Any

from runtime.model import Certainty, ExecState, Remedy, SessionInfo, Stuck, StuckReason
from widgets.session_detail import session_facts
from widgets.session_table import SessionTable


def session(*stuck: Stuck, **changes: Any) -> SessionInfo:
    known: dict[str, Any] = {
        "id": "a" * 64,
        "container_id": "c",
        "container_key": "k",
        "container_name": "web",
        "origin": "docker",
        "state": ExecState.RUNNING,
        "pid": 9,
        "start_time": 1,
        "command": ["sh"],
        "tty": True,
        "user": "",
        "created": 1.0,
        "stuck": list(stuck),
    }
    return SessionInfo(**{**known, **changes})


def gone(certainty: Certainty = Certainty.CERTAIN) -> Stuck:
    return Stuck(
        reason=StuckReason.CLIENT_GONE,
        remedy=Remedy.STOP,
        certainty=certainty,
        detail="its client is gone",
    )


def state_of(one: SessionInfo) -> str:
    table = SessionTable()
    table.show([one], {}, 2.0)
    texts = [str(cell.text) for _, _, _, row in table._made.values() for cell in row.cells.values()]
    (found,) = [text for text in texts if text.startswith(("! ", "● ", "■ "))]
    return found


def test_the_table_marks_what_is_certain_and_alive() -> None:
    assert state_of(session(gone())) == "! stuck"
    assert state_of(session(gone(Certainty.LIKELY))) == "● running"
    assert state_of(session()) == "● running"
    assert state_of(session(gone(), state=ExecState.STOPPED)) == "■ exited"


def test_the_details_say_what_is_the_matter() -> None:
    assert ("stuck", "its client is gone (certain)") in session_facts(session(gone()), 2.0)
    assert "stuck" not in dict(session_facts(session(), 2.0))
