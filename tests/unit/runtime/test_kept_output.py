"""Following a session's log while conmon writes it and starts it anew."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

import pytest

from runtime.model import TerminalSize
from runtime.sessions.kept_output import BEGINNING, KeptOutput, SizeJournal, begin_log

SMALL, LARGE = TerminalSize(rows=24, columns=80), TerminalSize(rows=65535, columns=65535)


class Log(Protocol):
    """What `conmon_log` can do."""

    path: Path

    def write(self, data: bytes, stream: str = "stdout") -> None: ...
    def raw(self, data: bytes) -> None: ...
    def rotate(self) -> None: ...


@pytest.fixture
def kept(conmon_log: Log) -> Iterator[KeptOutput]:
    made = KeptOutput(conmon_log.path)
    yield made
    made.close()


def drain(kept: KeptOutput, limit: int = 64 * 1024) -> list[tuple[int, bytes]]:
    """All there is now; neighbours of one stream are joined."""
    joined: list[tuple[int, bytes]] = []
    while (outputs := kept.read(limit)) is not None:
        for stream, data in outputs:
            if data and joined and joined[-1][0] == stream:
                joined[-1] = (stream, joined[-1][1] + data)
            elif data:
                joined.append((stream, data))
    return joined


def test_output_that_is_there(conmon_log: Log, kept: KeptOutput) -> None:
    conmon_log.write(b"one\ntwo")
    conmon_log.write(b"\r\n\x00\xff", "stderr")
    conmon_log.write(b"three")
    assert drain(kept) == [(1, b"one\ntwo"), (2, b"\r\n\x00\xff"), (1, b"three")]


@pytest.mark.parametrize("limit", [1, 7, 64, 4096])
def test_small_reads_lose_nothing(conmon_log: Log, kept: KeptOutput, limit: int) -> None:
    conmon_log.write(b"a\nb" * 50)
    conmon_log.rotate()
    conmon_log.write(b"c\n" * 50)
    assert drain(kept, limit) == [(1, b"a\nb" * 50 + b"c\n" * 50)]


def test_it_goes_on_as_the_log_grows(conmon_log: Log, kept: KeptOutput) -> None:
    assert drain(kept) == []
    for number in range(5):
        conmon_log.write(b"%d" % number)
        assert drain(kept) == [(1, b"%d" % number)]
        assert kept.read() is None


def test_half_a_record_is_something_but_no_output(conmon_log: Log, kept: KeptOutput) -> None:
    drain(kept)
    conmon_log.raw(b"2026 stdout P ha")
    assert kept.read() == []
    assert kept.read() is None
    conmon_log.raw(b"lf\n")
    assert kept.read() == [(1, b"half")]


def test_offset_and_size_are_those_of_the_file(conmon_log: Log, kept: KeptOutput) -> None:
    conmon_log.write(b"x" * 100)
    assert kept.size() == conmon_log.path.stat().st_size
    kept.read(10)
    assert kept.offset == 10
    drain(kept)
    assert kept.offset == kept.size()


def test_a_new_file_is_taken_up(conmon_log: Log, kept: KeptOutput) -> None:
    conmon_log.write(b"old")
    assert drain(kept) == [(1, b"old")]
    conmon_log.rotate()
    assert drain(kept) == []
    conmon_log.write(b"new")
    assert drain(kept) == [(1, b"new")]
    assert kept.size() == conmon_log.path.stat().st_size


def test_the_old_file_is_read_to_its_end_first(conmon_log: Log, kept: KeptOutput) -> None:
    conmon_log.write(b"read ")
    drain(kept)
    conmon_log.write(b"unread ")
    conmon_log.rotate()
    conmon_log.write(b"new")
    assert drain(kept) == [(1, b"unread new")]


def test_what_comes_while_the_name_is_looked_at_is_not_lost(
    conmon_log: Log, kept: KeptOutput, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The old file is written to, then replaced, between our read and our look at the name."""
    drain(kept)
    follow = kept._follow

    def write_late_and_follow() -> bool:
        monkeypatch.setattr(kept, "_follow", follow)
        conmon_log.write(b"late ")
        conmon_log.rotate()
        conmon_log.write(b"new")
        return follow()

    monkeypatch.setattr(kept, "_follow", write_late_and_follow)
    assert drain(kept) == [(1, b"late new")]


def test_many_rotations_one_after_the_other(conmon_log: Log, kept: KeptOutput) -> None:
    for number in range(10):
        conmon_log.write(b"%d\n" % number)
        conmon_log.rotate()
        assert drain(kept) == [(1, b"%d\n" % number)]


def test_after_two_rotations_unseen_the_newest_goes_on(conmon_log: Log, kept: KeptOutput) -> None:
    conmon_log.write(b"first ")
    conmon_log.rotate()
    conmon_log.write(b"lost")
    conmon_log.rotate()
    conmon_log.write(b"last")
    assert drain(kept) == [(1, b"first last")]


def test_a_bundle_that_is_removed_is_read_to_its_end(conmon_log: Log, kept: KeptOutput) -> None:
    conmon_log.write(b"all")
    conmon_log.path.unlink()
    assert drain(kept) == [(1, b"all")]
    conmon_log.write(b"more")
    assert drain(kept) == [(1, b"more")]


def test_truncated_is_a_log_that_was_started_anew(conmon_log: Log, kept: KeptOutput) -> None:
    assert not kept.truncated
    conmon_log.write(b"x")
    # Twice, as the file system may give the second file the first one's inode.
    for _ in range(3):
        conmon_log.rotate()
        for text in (b"", b"y"):
            conmon_log.write(text)
            later = KeptOutput(conmon_log.path)
            assert later.truncated
            later.close()


def test_no_log(tmp_path: Path, descriptors: Callable[[], int]) -> None:
    before = descriptors()
    with pytest.raises(FileNotFoundError):
        KeptOutput(tmp_path / "nowhere")
    assert descriptors() == before


def test_no_descriptor_is_left(conmon_log: Log, descriptors: Callable[[], int]) -> None:
    before = descriptors()
    made = KeptOutput(conmon_log.path)
    for _ in range(3):
        drain(made)
        conmon_log.write(b"x")
        conmon_log.rotate()
    drain(made)
    assert descriptors() == before + 1
    made.close()
    assert descriptors() == before


def test_the_log_is_private(tmp_path: Path, mode_of: Callable[[Path], int]) -> None:
    begin_log(tmp_path / "log")
    assert mode_of(tmp_path / "log") == 0o600
    with pytest.raises(FileExistsError):
        begin_log(tmp_path / "log")


@pytest.fixture
def journal(tmp_path: Path, conmon_log: Log) -> SizeJournal:
    return SizeJournal(tmp_path / "sizes", conmon_log.path)


def test_sizes_are_noted_where_they_began(conmon_log: Log, journal: SizeJournal) -> None:
    assert journal.read() == []
    journal.begin(SMALL)
    conmon_log.write(b"at first")
    place = conmon_log.path.stat().st_size
    journal.note(LARGE)
    assert journal.read() == [(BEGINNING, 0, SMALL), (BEGINNING, place, LARGE)]


def test_sizes_of_a_new_file_are_told_from_those_of_the_old(
    conmon_log: Log, journal: SizeJournal, kept: KeptOutput
) -> None:
    journal.begin(SMALL)
    names = [kept.generation]
    for _ in range(3):
        conmon_log.rotate()
        conmon_log.write(b"new")
        journal.note(LARGE)
        later = KeptOutput(conmon_log.path)
        names.append(later.generation)
        later.close()
    place = conmon_log.path.stat().st_size
    assert len(set(names)) == 4
    assert [note[0] for note in journal.read()] == names
    assert journal.read()[-1] == (names[-1], place, LARGE)


def test_a_size_noted_in_an_empty_file_is_at_its_beginning(
    conmon_log: Log, journal: SizeJournal
) -> None:
    conmon_log.rotate()
    journal.note(SMALL)
    conmon_log.write(b"x")
    ((generation, place, size),) = journal.read()
    assert (place, size) == (0, SMALL)
    assert generation != BEGINNING


def test_no_size_is_noted_where_no_output_is_kept(tmp_path: Path) -> None:
    journal = SizeJournal(tmp_path / "sizes", tmp_path / "nowhere")
    journal.note(SMALL)
    assert journal.read() == []
    assert list(tmp_path.iterdir()) == []


def test_a_bundle_that_is_gone_is_no_error(tmp_path: Path, conmon_log: Log) -> None:
    journal = SizeJournal(tmp_path / "nowhere" / "sizes", conmon_log.path)
    journal.begin(SMALL)
    journal.note(SMALL)
    assert journal.read() == []


def test_of_sizes_that_nothing_was_printed_at_the_last_one_counts(
    conmon_log: Log, journal: SizeJournal
) -> None:
    middle = TerminalSize(rows=30, columns=90)
    journal.begin(SMALL)
    conmon_log.write(b"x")
    for size in (SMALL, LARGE, middle):
        journal.note(size)
    place = conmon_log.path.stat().st_size
    conmon_log.write(b"y")
    journal.note(SMALL)
    later = conmon_log.path.stat().st_size
    expected = [(0, SMALL), (place, middle), (later, SMALL)]
    assert journal.read() == [(BEGINNING, *note) for note in expected]


def test_half_a_note_is_passed_over(tmp_path: Path, journal: SizeJournal) -> None:
    journal.begin(SMALL)
    with (tmp_path / "sizes").open("ab") as file:
        file.write(b"begin 12 ")
    assert journal.read() == [(BEGINNING, 0, SMALL)]


def test_the_notes_are_private(
    tmp_path: Path, journal: SizeJournal, mode_of: Callable[[Path], int]
) -> None:
    journal.begin(SMALL)
    assert mode_of(tmp_path / "sizes") == 0o600
