"""Detach keys are found whatever pieces the input comes in, and nothing else is ever lost."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from runtime.protocol.detach_keys import DetachScanner, parse_detach_keys

# Few different bytes, so that keys overlap with themselves and with what is typed.
FEW = st.sampled_from(b"\x10\x11a").map(lambda byte: bytes([byte]))
TYPED = st.lists(FEW, max_size=30).map(b"".join)
KEYS = st.lists(FEW, min_size=1, max_size=5).map(b"".join)


@st.composite
def pieces(draw: st.DrawFn) -> list[bytes]:
    typed = draw(TYPED)
    cuts = sorted(draw(st.lists(st.integers(0, len(typed)), max_size=8)))
    return [typed[start:end] for start, end in zip([0, *cuts], [*cuts, len(typed)], strict=True)]


def expected(keys: bytes, typed: bytes) -> tuple[bytes, bool]:
    """What is sent in the end, and whether the keys were typed."""
    before, found, _ = typed.partition(keys)
    return before, bool(found)


@given(KEYS, pieces())
def test_any_cutting_is_as_good_as_none(keys: bytes, typed: list[bytes]) -> None:
    scanner = DetachScanner(keys)
    sent = b"".join(map(scanner.feed, typed)) + scanner.flush()
    assert (sent, scanner.detached) == expected(keys, b"".join(typed))


@given(KEYS, TYPED)
def test_byte_by_byte(keys: bytes, typed: bytes) -> None:
    scanner = DetachScanner(keys)
    sent = b"".join(scanner.feed(bytes([byte])) for byte in typed) + scanner.flush()
    assert (sent, scanner.detached) == expected(keys, typed)


@given(KEYS, pieces())
def test_at_every_moment_what_was_sent_and_what_is_held_is_all(
    keys: bytes, typed: list[bytes]
) -> None:
    scanner, sent, given_ = DetachScanner(keys), b"", b""
    for piece in typed:
        sent += scanner.feed(piece)
        given_ += piece
        if scanner.detached:
            return
        assert sent + scanner.pending == given_
        # Held is only what may still become the keys.
        assert keys.startswith(scanner.pending)
        assert scanner.pending != keys


@given(KEYS, st.lists(st.tuples(TYPED, st.booleans()), max_size=6))
def test_letting_go_in_between_loses_and_reorders_nothing(
    keys: bytes, steps: list[tuple[bytes, bool]]
) -> None:
    scanner, sent = DetachScanner(keys), b""
    for typed, pause in steps:
        sent += scanner.feed(typed)
        if pause:
            sent += scanner.flush()
            assert scanner.pending == b""
    sent += scanner.flush()
    everything = b"".join(typed for typed, _ in steps)
    assert everything.startswith(sent)
    if not scanner.detached:
        assert sent == everything
    else:
        assert everything[len(sent) :].startswith(keys)


@given(st.binary(), st.binary())
def test_without_keys_everything_passes_at_once(first: bytes, second: bytes) -> None:
    scanner = DetachScanner(b"")
    assert (scanner.feed(first), scanner.feed(second)) == (first, second)


@given(st.binary(min_size=1, max_size=6).filter(lambda keys: all(key < 128 for key in keys)))
def test_every_ascii_sequence_can_be_written(keys: bytes) -> None:
    def name(byte: int) -> str:
        if byte < 32:
            return f"ctrl-{chr(byte + 64).lower()}"
        return "DEL" if byte == 127 else chr(byte)

    if b"," not in keys:
        assert parse_detach_keys(",".join(map(name, keys))) == keys
