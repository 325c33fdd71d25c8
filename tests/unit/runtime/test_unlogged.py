"""What was sent, and what of it is missing in the log."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from runtime.sessions.unlogged import Unlogged

PIECES = st.lists(st.tuples(st.sampled_from([1, 2]), st.binary(min_size=1, max_size=9)))


def test_what_was_seen_is_not_missing() -> None:
    unlogged = Unlogged(100)
    unlogged.add(1, b"one")
    unlogged.saw(3)
    assert unlogged.take_missing(3) == ([], True)
    assert unlogged.behind == 0


def test_the_log_may_be_ahead() -> None:
    unlogged = Unlogged(100)
    unlogged.saw(5)
    unlogged.add(1, b"one")
    assert unlogged.take_missing(unlogged.sent) == ([], True)
    unlogged.add(1, b"two")
    assert unlogged.take_missing(unlogged.sent) == ([(1, b"o")], True)


def test_the_rest_of_a_piece_is_missing_and_then_seen() -> None:
    unlogged = Unlogged(100)
    unlogged.add(1, b"one")
    unlogged.add(2, b"two")
    unlogged.saw(2)
    assert unlogged.behind == 4
    assert unlogged.take_missing(6) == ([(1, b"e"), (2, b"two")], True)
    assert unlogged.behind == 0
    assert unlogged.take_missing(6) == ([], True)


def test_what_was_sent_later_may_be_in_the_log_yet() -> None:
    unlogged = Unlogged(100)
    unlogged.add(1, b"one")
    sent = unlogged.sent
    unlogged.add(1, b"two")
    assert unlogged.take_missing(sent) == ([(1, b"one")], True)
    unlogged.saw(3)
    assert unlogged.take_missing(unlogged.sent) == ([], True)


def test_more_than_is_kept_is_told_of() -> None:
    unlogged = Unlogged(4)
    for piece in (b"one", b"two", b"three"):
        unlogged.add(1, piece)
    missing, whole = unlogged.take_missing(unlogged.sent)
    assert (missing, whole) == ([], False)
    assert unlogged.behind == 0
    unlogged.add(1, b"four")
    assert unlogged.take_missing(unlogged.sent) == ([(1, b"four")], True)


def test_once_some_was_sent_to_others_only_nothing_is_known_to_be_missing() -> None:
    unlogged = Unlogged(100)
    unlogged.add(1, b"one")
    unlogged.stop_counting()
    unlogged.add(1, b"three")
    assert unlogged.behind == 8
    assert unlogged.take_missing(unlogged.sent) == ([], True)
    assert unlogged.behind == 0


@given(PIECES, st.data())
def test_log_and_missing_make_all_that_was_sent(
    pieces: list[tuple[int, bytes]], data: st.DataObject
) -> None:
    """Each piece is logged or not, and the log is looked at before or after it was sent."""
    unlogged, shown, logged = Unlogged(1000), b"", b""
    for stream, piece in pieces:
        sent = unlogged.sent
        if could_be_logged := data.draw(st.booleans(), "logged"):
            logged += piece
        if data.draw(st.booleans(), "looked at before it was sent"):
            shown, logged = _look(unlogged, sent, shown, logged)
        unlogged.add(stream, piece)
        if not could_be_logged or data.draw(st.booleans(), "looked at after it was sent"):
            shown, logged = _look(unlogged, unlogged.sent, shown, logged)
    shown, logged = _look(unlogged, unlogged.sent, shown, logged)
    assert shown == b"".join(piece for _, piece in pieces)


def _look(unlogged: Unlogged, sent: int, shown: bytes, logged: bytes) -> tuple[bytes, bytes]:
    unlogged.saw(len(logged))
    missing, whole = unlogged.take_missing(sent)
    assert whole
    return shown + logged + b"".join(piece for _, piece in missing), b""


def read(unlogged: Unlogged, data: bytes) -> bytes:
    return b"".join(part for _, part in unlogged.merged(1, data))


def test_what_came_after_a_gap_is_told_after_what_is_missing() -> None:
    unlogged = Unlogged(100)
    unlogged.align()
    unlogged.add(1, b"also-4")
    unlogged.add(1, b"after-5")
    assert read(unlogged, b"after-5") == b"also-4after-5"
    assert unlogged.take_missing(unlogged.sent) == ([], True)


def test_without_a_common_beginning_the_log_is_taken_as_it_is() -> None:
    unlogged = Unlogged(100)
    unlogged.add(1, b"sent")
    assert read(unlogged, b"logged before") == b"logged before"


def test_after_too_much_was_dropped_the_log_is_taken_as_it_is() -> None:
    unlogged = Unlogged(4)
    unlogged.align()
    for piece in (b"one", b"two", b"three"):
        unlogged.add(1, piece)
    assert read(unlogged, b"else") == b"else"


@given(st.lists(st.tuples(st.text("ab", min_size=1, max_size=5), st.booleans())), st.data())
def test_whatever_could_not_be_logged_all_is_told_once_in_order(
    packets: list[tuple[str, bool]], data: st.DataObject
) -> None:
    unlogged, log, told, position = Unlogged(10_000), b"", b"", 0
    unlogged.align()
    for text, is_logged in packets:
        log += text.encode() if is_logged else b""
        unlogged.add(1, text.encode())
        if data.draw(st.booleans()):
            told += read(unlogged, log[position:])
            position = len(log)
    told += read(unlogged, log[position:])
    told += b"".join(part for _, part in unlogged.take_missing(unlogged.sent)[0])
    assert told == "".join(text for text, _ in packets).encode()
