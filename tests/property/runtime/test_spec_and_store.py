"""The process spec keeps what it must, and records come back from the database as they were."""

from __future__ import annotations

import asyncio
import copy
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.model import (
    Client,
    ExecConfig,
    ExecSession,
    ExecState,
    ProcessIdentity,
    TerminalSize,
)
from runtime.protocol.passwd import ExecUser
from runtime.protocol.process_spec import process_spec
from runtime.state.database import Database
from runtime.state.sessions import SessionStore

TEXT = st.text(st.characters(codec="utf-8"), max_size=12)
NAME = st.text("ABCTERMHO_", min_size=1, max_size=4)
VARIABLES = st.dictionaries(NAME, TEXT, max_size=6)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
CONFIGS = st.builds(
    ExecConfig,
    command=st.lists(TEXT, min_size=1, max_size=4),
    terminal=st.booleans(),
    attach_stdin=st.booleans(),
    detach_keys=st.none() | TEXT,
    environment=VARIABLES,
    privileged=st.booleans(),
    user=TEXT,
    work_dir=TEXT,
)
USERS = st.builds(
    ExecUser,
    uid=st.integers(0, 3),
    gid=st.integers(0, 3),
    groups=st.lists(st.integers(0, 9), max_size=3),
    home=st.just("/home/x"),
)
CAPABILITIES = st.lists(st.sampled_from(["CAP_A", "CAP_B", "CAP_C"]), unique=True)
OURS = "args terminal commandLine consoleSize cwd env capabilities user".split()


@st.composite
def bases(draw: st.DrawFn) -> dict[str, Any]:
    base = draw(st.dictionaries(TEXT.filter(lambda name: name not in OURS), JSON, max_size=5))
    base["env"] = [f"{name}={value}" for name, value in draw(VARIABLES).items()]
    base["user"] = {"uid": draw(st.integers(0, 3)), "gid": 0}
    base["capabilities"] = {"bounding": draw(CAPABILITIES), "effective": draw(CAPABILITIES)}
    return base


SIZES = st.builds(TerminalSize, rows=st.integers(1, 65535), columns=st.integers(1, 65535))


@given(bases(), CONFIGS, USERS, CAPABILITIES, st.none() | SIZES)
def test_a_spec_is_the_container_s_but_for_what_was_asked(
    base: dict[str, Any],
    config: ExecConfig,
    user: ExecUser,
    everything: list[str],
    size: TerminalSize | None,
) -> None:
    before = copy.deepcopy(base)
    spec = process_spec(base, config, user, everything, size)
    assert base == before
    for name in base:
        if name not in OURS:
            assert spec[name] == base[name]
    assert spec["args"] == config.command
    variables = dict(item.split("=", 1) for item in spec["env"])
    assert len(variables) == len(spec["env"])  # each name once
    own = dict(item.split("=", 1) for item in base["env"])
    assert (own | config.environment).items() <= variables.items()
    added = variables.keys() - own.keys() - config.environment.keys()
    assert added <= {"TERM", "HOME"}
    allowed = set(everything if config.privileged else base["capabilities"]["bounding"])
    assert set(spec["capabilities"]["bounding"]) == allowed
    held = set(spec["capabilities"]["effective"])
    assert held <= allowed | set(base["capabilities"]["effective"])
    if user.uid not in (0, base["user"]["uid"]):
        assert held == set()
    msgspec.json.encode(spec)


IDENTITIES = st.none() | st.builds(
    ProcessIdentity, pid=st.integers(1, 2**22), start_time=st.integers(0, 2**62)
)
TIMES = st.floats(0, 2**40)

CLIENTS = st.builds(
    Client,
    uid=st.integers(0, 2**32 - 1),
    loginuid=st.none() | st.integers(0, 2**32 - 2),
    sudo_user=TEXT,
    pid=st.integers(1, 2**22),
    tty=TEXT,
)


@st.composite
def sessions(draw: st.DrawFn) -> ExecSession:
    process = draw(IDENTITIES)
    states = [each for each in ExecState if process or each is not ExecState.RUNNING]
    return ExecSession(
        id=draw(st.text("0123456789abcdef", min_size=64, max_size=64)),
        container_id=draw(TEXT),
        container_key=draw(TEXT),
        container_name=draw(TEXT),
        container_root=draw(TEXT),
        state=draw(st.sampled_from(states)),
        config=draw(CONFIGS),
        created=draw(TIMES),
        boot_id=draw(TEXT),
        process=process,
        monitor=draw(IDENTITIES),
        exit_code=draw(st.none() | st.integers(-255, 255)),
        started=draw(st.none() | TIMES),
        finished=draw(st.none() | TIMES),
        owner=draw(st.integers(0, 2**32 - 1)),
        initial_size=draw(st.none() | SIZES),
        keeps_output=draw(st.booleans()),
        output_cap=draw(st.none() | st.integers(0, 2**40)),
        client=draw(st.none() | CLIENTS),
        container_init=draw(IDENTITIES),
        legacy=draw(st.booleans()),
    )


@pytest.fixture(scope="module")
def store() -> Iterator[SessionStore]:
    with tempfile.TemporaryDirectory(prefix="xt-") as folder:
        database = Database(Path(folder) / "state.db")
        yield SessionStore(database)
        database.close()


@given(session=sessions(), changed=sessions())
def test_a_session_comes_back_as_it_was(
    store: SessionStore, session: ExecSession, changed: ExecSession
) -> None:
    async def add_change_remove() -> None:
        await store.add(session)
        assert store.get(session.id) == session
        assert store.with_prefix(session.id[:20]) == [session]
        later = msgspec.structs.replace(changed, id=session.id)
        await store.update(later)
        assert store.all() == [later]
        await store.remove(session.id)
        assert store.all() == []

    asyncio.run(add_change_remove())


@given(sessions())
def test_a_session_survives_json(session: ExecSession) -> None:
    assert msgspec.json.decode(msgspec.json.encode(session), type=ExecSession) == session
