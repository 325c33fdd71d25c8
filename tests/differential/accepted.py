"""Where this terminal and xterm.js differ on purpose, with the reason for each.

The families in `generate` keep clear of these; each has a stream here that shows it, and a test
that it is still so. "xterm" is the program of that name, version 379, asked with the same stream.
"""

from __future__ import annotations

from dataclasses import dataclass

COLUMNS, LINES = 24, 4


@dataclass(frozen=True)
class Accepted:
    """A difference: what differs (the first words of `shown.differences`), where, and why."""

    name: str
    stream: str
    what: frozenset[str]
    reason: str


ACCEPTED = [
    Accepted(
        "scroll up fills the scrollback",
        "one\r\ntwo\x1b[S",
        frozenset({"history"}),
        "SU moves rows out by the top of the main screen; xterm keeps them, xterm.js drops them.",
    ),
    Accepted(
        "scroll down erases with the background colour",
        "\x1b[41m\x1b[T",
        frozenset({"rows"}),
        "The terminfo entry promises bce. xterm.js does it for SU, but not for SD.",
    ),
    Accepted(
        "restored position is on the screen",
        "\x1b[4;3H\x1b7\n\n\x1b8",
        frozenset({"cursor"}),
        "DECSC saves a place on the screen; xterm.js one in the text, which scrolls away with it.",
    ),
    Accepted(
        "restored wrap is pending",
        "\x1b[22Gabc\x1b7\r\x1b8",
        frozenset({"cursor"}),
        "The last column flag is part of what DECSC saves (VT510 manual); so does xterm.",
    ),
    Accepted(
        "restored underline",
        "\x1b7\x1b[58:5:3m\x1b8\x1b[21ma",
        frozenset({"rows"}),
        "DECRC restores all of the pen; xterm.js all but the style and colour of the underline.",
    ),
    Accepted(
        "restored character set",
        "\x1b7\x0e\x1b8\x1b(0q",
        frozenset({"rows"}),
        "DECRC restores what is shifted in as well (VT510 manual); so does xterm.",
    ),
    Accepted(
        "the alternate screen is cleared again",
        "\x1b[?1049hx\x1b[?1049h\x1b[2H",
        frozenset({"rows"}),
        "1049 clears on every entry (xterm), xterm.js only when it was not there yet.",
    ),
    Accepted(
        "mode 47 keeps what is on the alternate screen",
        "\x1b[?47hx\x1b[?47l\x1b[?47h",
        frozenset({"rows"}),
        "Only 1047 and 1049 clear (xterm control sequences); xterm.js clears for all three.",
    ),
    Accepted(
        "back tab with a pending wrap",
        "\x1b[22Gabc\x1b[Z",
        frozenset({"cursor"}),
        "Every cursor movement drops the pending wrap; xterm.js ignores this one then.",
    ),
    Accepted(
        "insert lines outside the region",
        "\x1b[1;2r\x1b[3;22Habc\x1b[L",
        frozenset({"cursor"}),
        "IL does nothing at all there (VT510 manual); xterm.js drops the pending wrap.",
    ),
    Accepted(
        "insert into a wide character",
        "\x1b[17G\u65e5\x1b[18G\x1b[@",
        frozenset({"rows"}),
        "Both halves become blank; xterm.js keeps a right half with nothing before it.",
    ),
    Accepted(
        "half of a wide character overwritten in the last column",
        "\x1b[?7l\x1b[23G\u65e5|",
        frozenset({"rows"}),
        "The other half becomes blank (xterm); xterm.js keeps a wide character with no right half.",
    ),
    Accepted(
        "a combining mark without a base",
        "\u0301",
        frozenset({"cursor", "rows"}),
        "It is dropped at the left edge of an empty row; xterm.js gives it a column of its own.",
    ),
    Accepted(
        "the end of a wrapped row erased",
        f"{'x' * 30}\x1b[1;20H\x1b[K",
        frozenset({"rows"}),
        "Text that no longer reaches the edge does not run on; xterm.js joins it on a resize.",
    ),
    Accepted(
        "grapheme clusters",
        "\x1b[?2027h\U0001f469\u200d\U0001f4bb",
        frozenset({"cursor", "rows"}),
        "xterm.js joins them only with an addon, whose widths are wrong for all emoji (0.4.0).",
    ),
    Accepted(
        "left and right margins",
        "\x1b[?69h\x1b[3;6s\x1b[3Gabcdefg",
        frozenset({"cursor", "rows"}),
        "xterm.js has none (DECSLRM).",
    ),
    Accepted(
        "protection survives a reset of the pen",
        '\x1b[1"q\x1b[mkeep\x1b[?2J',
        frozenset({"rows"}),
        "DECSCA is not a graphic rendition (VT510 manual, xterm); SGR 0 clears it in xterm.js.",
    ),
    Accepted(
        "back and forward index",
        "abc\x1b[1;1H\x1b6",
        frozenset({"rows"}),
        "xterm.js has neither DECBI nor DECFI.",
    ),
]
"""Beside these, xterm.js moves the cursor with the text on a resize only where the text above it
wraps; here it always stays with its character. That is tested with the resizes."""

_MARGINS = "xterm.js has no left and right margins, and is told to use them; see tmux-no-margins."
_COLUMNS = "DECCOLM clears the screen and sends the cursor home (as in xterm); xterm.js ignores it."
_SETS = "xterm.js has no sets of 96 characters, no single shifts and no blank in line drawing."
_UNDERLINE = "DECRC restores all of the pen; xterm.js all but the style of the underline."
_RAW = "Bytes that are not UTF-8: each becomes U+FFFD here, as in xterm; xterm.js drops them."

SCREENS: dict[tuple[str, int], str] = {
    ("tmux", 3): _MARGINS,
    ("vttest-charsets", 2): _SETS,
    ("vttest-cursor", 3): _COLUMNS,
    ("vttest-cursor", 4): _COLUMNS,
    ("vttest-locking-shifts", 2): _RAW,
    ("vttest-screen", 15): _UNDERLINE,
    ("vttest-shifts", 2): _SETS,
    ("vttest-single-shifts", 2): _SETS,
    ("vttest-single-shifts", 3): _SETS,
}
"""Steps of recordings that differ on purpose, by their number."""
