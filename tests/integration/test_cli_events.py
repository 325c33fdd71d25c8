"""exectop events and inspect on real sessions."""

from __future__ import annotations

import json
import os
from typing import Any


def test_events_tell_of_a_session_that_was_removed(exectop: Any, container: Any) -> None:
    assert exectop("exec", container.id, "sh", "-c", "exit 3").returncode == 3
    assert json.loads(exectop("ls", "--format", "json").stdout) == []

    told = json.loads(exectop("events", "--format", "json").stdout)
    (session_id,) = {each["sessionId"] for each in told}
    names = [each["name"] for each in told]
    assert names == ["exec_create", "exec_start", "exec_attach", "exec_died", "exec_remove"]
    assert {each["client"]["uid"] for each in told} == {os.getuid()}
    assert [each["exitCode"] for each in told if each["name"] == "exec_died"] == [3]

    table = exectop("events", "--since", "1h", "-n", "1", session_id[:20]).stdout.decode()
    assert len(table.splitlines()) == 2
    assert "exec_remove" in table


def test_inspect_prints_our_fields_beside_libpod_s(exectop: Any, container: Any) -> None:
    session_id = exectop("exec", "-dt", container.id, "sleep", "100").stdout.decode().strip()
    try:
        (told,) = json.loads(exectop("inspect", session_id).stdout)
        assert (told["ID"], told["Running"], told["MonitorAlive"]) == (session_id, True, True)
        assert told["Monitor"]["alive"] is True
        assert told["CreatedBy"]["uid"] == told["Owner"] == os.getuid()
        assert told["KeptOutput"]["path"].startswith(told["Bundle"])
        assert told["KeptOutput"]["rotated"] is False
        assert told["StartTime"] > 0
        assert told["ProcessState"]
    finally:
        exectop("rm", "-f", session_id)
