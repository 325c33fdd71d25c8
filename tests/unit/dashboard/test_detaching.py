"""Detach keys among other keys: nothing is lost, doubled or held for ever."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.detaching import DetachKeys

KEYS = b"\x10\x11"


def test_the_keys_detach_and_are_not_sent() -> None:
    keys = DetachKeys(KEYS)
    assert keys.press(b"a", b"a") == b"a"
    assert keys.press(b"\x10", b"\x10") == b""
    assert keys.holds
    assert keys.press(b"\x11", b"\x11") == b""
    assert keys.detached
    assert not keys.holds


def test_a_held_key_goes_with_the_next_or_when_flushed() -> None:
    keys = DetachKeys(KEYS)
    assert keys.press(b"\x10", b"\x10") == b""
    assert keys.press(b"x", b"x") == b"\x10x"
    assert keys.press(b"\x10", b"\x10") == b""
    assert keys.press(b"\x10", b"\x10") == b"\x10"
    assert keys.flush() == b"\x10"
    assert keys.flush() == b""
    assert not keys.holds


def test_keys_are_known_whatever_the_program_wants_them_as() -> None:
    keys = DetachKeys(KEYS)
    assert keys.press(b"\x1b[27;5;112~", b"\x10") == b""
    assert keys.press(b"b", b"b") == b"\x1b[27;5;112~b"
    keys.press(b"\x1b[27;5;112~", b"\x10")
    keys.press(b"\x1b[27;5;113~", b"\x11")
    assert keys.detached


def test_a_key_without_a_plain_form_ends_the_hold() -> None:
    keys = DetachKeys(KEYS)
    keys.press(b"\x10", b"\x10")
    assert keys.press(b"\x1b[57441u", b"") == b"\x10\x1b[57441u"


def test_no_detach_keys_hold_nothing() -> None:
    keys = DetachKeys(b"")
    assert keys.press(b"\x10", b"\x10") == b"\x10"
    assert keys.press(b"\x11", b"\x11") == b"\x11"
    assert not keys.detached


@given(st.lists(st.sampled_from([b"a", b"\x10", b"\x1b[A", b"b"]), max_size=30))
def test_what_does_not_detach_arrives_whole_and_in_order(pressed: list[bytes]) -> None:
    keys = DetachKeys(KEYS)
    sent = b"".join(keys.press(b"<" + key + b">", key) for key in pressed) + keys.flush()
    assert sent == b"".join(b"<" + key + b">" for key in pressed)


@given(st.lists(st.sampled_from([b"a", b"\x10", b"\x11", b"\x1b[A"]), max_size=30))
def test_it_detaches_just_when_the_keys_come_in_a_row(pressed: list[bytes]) -> None:
    keys = DetachKeys(KEYS)
    for key in pressed:
        keys.press(key, key)
    assert keys.detached == (KEYS in b"".join(pressed))
