"""Detach keys: docker's syntax, and looking for them in what is typed."""

from __future__ import annotations

import string

import pytest

from runtime.errors import InvalidArgumentError
from runtime.protocol.detach_keys import DEFAULT_DETACH_KEYS, DetachScanner, parse_detach_keys


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("", b""),
        (DEFAULT_DETACH_KEYS, b"\x10\x11"),
        ("a", b"a"),
        ("A,z,~, ,-", b"Az~ -"),
        ("ctrl-@", b"\x00"),
        ("ctrl-[", b"\x1b"),
        ("ctrl-\\", b"\x1c"),
        ("ctrl-]", b"\x1d"),
        ("ctrl-^", b"\x1e"),
        ("ctrl-_", b"\x1f"),
        ("DEL", b"\x7f"),
        ("ctrl-p,DEL,x", b"\x10\x7fx"),
    ],
)
def test_syntax(text: str, keys: bytes) -> None:
    assert parse_detach_keys(text) == keys


@pytest.mark.parametrize("letter", string.ascii_lowercase)
def test_each_control_letter(letter: str) -> None:
    assert parse_detach_keys(f"ctrl-{letter}") == bytes([string.ascii_lowercase.index(letter) + 1])


@pytest.mark.parametrize(
    "text",
    [
        "ab",
        "ctrl-",
        "ctrl-ab",
        "ctrl-1",
        "ctrl-é",
        "ctrl-?",
        "ctrl-ctrl-a",
        "ctrl",
        "é",
        ",",
        "a,",
        ",a",
        "ctrl-p,,ctrl-q",
        "ctrl-p, ctrl-q",
        "del",
        "alt-x",
        "^P",
        "ctrl-\u017f",
    ],
)
def test_what_is_no_key_is_refused_by_name(text: str) -> None:
    with pytest.raises(InvalidArgumentError) as caught:
        parse_detach_keys(text)
    assert repr(text) in caught.value.message
    assert "ctrl-p,ctrl-q" in caught.value.hint


def test_a_single_press_is_held_back_and_let_go() -> None:
    scanner = DetachScanner(b"\x10\x11")
    assert scanner.feed(b"ls\x10") == b"ls"
    assert scanner.pending == b"\x10"
    assert scanner.flush() == b"\x10"
    assert scanner.pending == b""
    assert scanner.flush() == b""
    # It was let go: it no longer counts as the beginning of the keys.
    assert scanner.feed(b"\x11") == b"\x11"
    assert not scanner.detached


def test_what_follows_the_keys_is_dropped() -> None:
    scanner = DetachScanner(b"\x10\x11")
    assert scanner.feed(b"a\x10\x11b\x10\x11c") == b"a"
    assert scanner.detached
    assert scanner.feed(b"more") == b""
    assert scanner.flush() == b""
    assert scanner.pending == b""


def test_the_keys_may_come_in_two_reads() -> None:
    scanner = DetachScanner(b"\x10\x11")
    assert (scanner.feed(b"\x10"), scanner.feed(b"\x11")) == (b"", b"")
    assert scanner.detached


def test_another_key_in_between_lets_both_through() -> None:
    scanner = DetachScanner(b"\x10\x11")
    assert scanner.feed(b"\x10") == b""
    assert scanner.feed(b"x\x11") == b"\x10x\x11"
    assert not scanner.detached


@pytest.mark.parametrize(
    ("keys", "typed", "sent"),
    [
        (b"\x10\x10\x11", b"\x10\x10\x10\x11", b"\x10"),
        (b"\x10\x10\x11", b"\x10\x10\x10\x10\x10\x11", b"\x10\x10\x10"),
        (b"aab", b"aaab", b"a"),
        (b"abab", b"ababab", b""),
        (b"abac", b"ababac", b"ab"),
        (b"x", b"onex", b"one"),
    ],
)
def test_keys_that_overlap_with_themselves(keys: bytes, typed: bytes, sent: bytes) -> None:
    whole = DetachScanner(keys)
    assert whole.feed(typed) == sent
    assert whole.detached
    single = DetachScanner(keys)
    forwarded = b"".join(single.feed(bytes([byte])) for byte in typed)
    assert forwarded == sent
    assert single.detached


def test_no_keys_let_everything_through_at_once() -> None:
    scanner = DetachScanner(b"")
    assert scanner.feed(b"\x10\x11") == b"\x10\x11"
    assert not scanner.detached
    assert scanner.pending == b""
