"""Detach keys and the prefix key among other keys: nothing is lost, doubled or held for ever."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.detaching import DetachKeys
from app.keyboard import Keyboard, Pressed
from app.keys import Key

KEYS = b"\x10\x11"
P, Q, A, UP = Key("ctrl+p", "\x10"), Key("ctrl+q", "\x11"), Key("a", "a"), Key("up")
MEDIA = Key("f63")
PREFIX = Key("ctrl+right_square_bracket", "\x1d")


def test_the_keys_detach_and_are_not_sent() -> None:
    keys = DetachKeys(KEYS)
    assert keys.press(A) == ([A], False)
    assert keys.press(P) == ([], False)
    assert keys.holds
    assert keys.press(Q) == ([], True)
    assert not keys.holds


def test_they_detach_again_the_next_time() -> None:
    keys = DetachKeys(KEYS)
    for _ in range(2):
        keys.press(P)
        assert keys.press(Q) == ([], True)
        assert keys.press(A) == ([A], False)


def test_a_held_key_goes_with_the_next_or_when_flushed() -> None:
    keys = DetachKeys(KEYS)
    assert keys.press(P) == ([], False)
    assert keys.press(A) == ([P, A], False)
    assert keys.press(P) == ([], False)
    assert keys.press(P) == ([P], False)
    assert keys.flush() == [P]
    assert keys.flush() == []
    assert not keys.holds


def test_a_key_without_a_plain_form_ends_the_hold() -> None:
    keys = DetachKeys(KEYS)
    assert MEDIA.plain == b""
    keys.press(P)
    assert keys.press(MEDIA) == ([P, MEDIA], False)


def test_no_detach_keys_hold_nothing() -> None:
    keys = DetachKeys(b"")
    assert keys.press(P) == ([P], False)
    assert keys.press(Q) == ([Q], False)


SOME = st.lists(st.sampled_from([A, P, UP, Key("b", "b"), MEDIA]), max_size=30)


@given(SOME)
def test_what_does_not_detach_arrives_whole_and_in_order(pressed: list[Key]) -> None:
    keys = DetachKeys(KEYS)
    sent = [each for key in pressed for each in keys.press(key)[0]] + keys.flush()
    assert sent == pressed


@given(st.lists(st.sampled_from([A, P, Q, UP]), max_size=30))
def test_it_detaches_just_when_the_keys_come_in_a_row(pressed: list[Key]) -> None:
    keys = DetachKeys(KEYS)
    times = sum(keys.press(key)[1] for key in pressed)
    assert times == b"".join(key.plain for key in pressed).count(KEYS)


def test_after_the_prefix_key_one_key_is_a_command() -> None:
    keyboard = Keyboard(b"\x1d", KEYS)
    assert keyboard.press(PREFIX) == Pressed()
    assert keyboard.commanding
    assert keyboard.press(A) == Pressed(command=A)
    assert keyboard.press(A) == Pressed(keys=(A,))


def test_the_prefix_key_twice_is_the_programs() -> None:
    keyboard = Keyboard(b"\x1d", KEYS)
    keyboard.press(PREFIX)
    assert keyboard.press(PREFIX) == Pressed(keys=(PREFIX,))
    assert keyboard.press(A) == Pressed(keys=(A,))


def test_escape_takes_the_prefix_key_back() -> None:
    keyboard = Keyboard(b"\x1d", KEYS)
    keyboard.press(PREFIX)
    assert keyboard.press(Key("escape", "\x1b")) == Pressed()
    assert keyboard.press(A) == Pressed(keys=(A,))


def test_the_prefix_key_lets_go_of_held_keys() -> None:
    keyboard = Keyboard(b"\x1d", KEYS)
    keyboard.press(P)
    assert keyboard.press(PREFIX) == Pressed(keys=(P,))
    assert keyboard.press(Q) == Pressed(command=Q), "a command, not the end of the detach keys"


def test_without_a_prefix_key_all_keys_are_the_programs() -> None:
    keyboard = Keyboard(b"", b"")
    for key in (PREFIX, A, MEDIA):
        assert keyboard.press(key) == Pressed(keys=(key,))


@pytest.mark.parametrize(
    ("key", "text"),
    [
        (Key("percent_sign", "%"), "%"),
        (Key("left"), "left"),
        (Key("ctrl+d", "\x04"), "ctrl+d"),
        (Key("space", " "), "space"),
        (Key("alt+e", "e"), "alt+e"),
    ],
)
def test_how_commands_name_keys(key: Key, text: str) -> None:
    assert key.text == text
