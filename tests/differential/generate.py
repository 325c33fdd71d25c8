"""Streams made by chance, each family about one part of what a terminal does."""

from __future__ import annotations

import random
from collections.abc import Callable

Piece = Callable[[random.Random], str]

COLUMNS, LINES = 24, 8

WORDS = "the quick brown fox jumps over a lazy dog and runs on behind the edge".split()
WIDE = "日本語漢字한국어、。「」ｱＡ"
MARKS = ["e\u0301", "n\u0303", "a\u0308\u0323"]
EMOJI = ["🚀", "👍", "👍🏽", "👩\u200d💻", "🇩🇪", "❤\ufe0f", "🏳\ufe0f\u200d🌈"]


def stream(family: str, seed: int, length: int = 60) -> bytes:
    """One stream of a family. The same seed gives the same stream, for ever."""
    random_ = random.Random(f"{family} {seed}")
    pieces, weights = zip(*FAMILIES[family], strict=True)
    chosen = random_.choices(pieces, weights, k=length)
    return ("\x1b7\x1b[?2027l" + "".join(piece(random_) for piece in chosen)).encode()


def word(random_: random.Random) -> str:
    return random_.choice(WORDS) + random_.choice(["", " ", " "])


def line(random_: random.Random) -> str:
    return "".join(word(random_) for _ in range(random_.randint(1, 9)))


def newline(random_: random.Random) -> str:
    return random_.choice(["\r\n", "\r\n", "\n", "\r", "\t", "\b"])


def within_row(random_: random.Random) -> str:
    return random_.choice("\r\t\b")


def wide(random_: random.Random) -> str:
    return "".join(random_.choice(WIDE) for _ in range(random_.randint(1, 8)))


def mark(random_: random.Random) -> str:
    return random_.choice(MARKS)


def emoji(random_: random.Random) -> str:
    return random_.choice(EMOJI)


def _number(random_: random.Random, largest: int) -> str:
    return random_.choice(["", "0", "1", str(random_.randint(1, largest)), str(largest + 5)])


def move(random_: random.Random) -> str:
    return f"\x1b[{_number(random_, COLUMNS)}{random_.choice('ABCDEFG`adeI')}"


def place(random_: random.Random) -> str:
    final = random_.choice("HHHf")
    return f"\x1b[{random_.randint(1, LINES)};{random_.randint(1, COLUMNS)}{final}"


def erase(random_: random.Random) -> str:
    return random_.choice(["\x1b[J", "\x1b[0J", "\x1b[2J", "\x1b[K", "\x1b[1K", "\x1b[2K"])


def edit(random_: random.Random) -> str:
    return random_.choice(["\x1b[{}@", "\x1b[{}P", "\x1b[{}X", "\r\x1b[{}L", "\r\x1b[{}M"]).format(
        _number(random_, LINES)
    )


def edit_wide(random_: random.Random) -> str:
    return f"\x1b[{_number(random_, LINES)}{random_.choice('LMPX')}"


def margins(random_: random.Random) -> str:
    top = random_.randint(1, LINES - 1)
    return random_.choice(["\x1b[r", f"\x1b[{top};{random_.randint(top + 1, LINES)}r"])


def index(random_: random.Random) -> str:
    return random_.choice(["\x1bD", "\x1bM", "\x1bM", "\x1bE", "\n", "\x0b", "\x0c"])


def excursion(random_: random.Random) -> str:
    there, back = random_.choice([("\x1b7", "\x1b8"), ("\x1b[s", "\x1b[u")])
    row = random_.randint(1, LINES - 1)
    return f"\r{there}\x1b[{row};{random_.randint(1, COLUMNS)}H{colored(random_)}ab{back}"


def tabs(random_: random.Random) -> str:
    return random_.choice(["\x1bH", "\x1b[g", "\x1b[3g", "\t", "\t"])


def repeat(random_: random.Random) -> str:
    return random_.choice("ab─\r") + f"\x1b[{random_.randint(1, 2 * COLUMNS)}b"


def protect(random_: random.Random) -> str:
    return random_.choice(['\x1b[1"q', '\x1b[0"q', "\x1b[?J", "\x1b[?K", "\x1b[?1K", "\x1b[?2J"])


def mode(random_: random.Random) -> str:
    number = random_.choice(["4", "?6", "?25", "?1", "?2004", "?1000", "?1002", "?1004"])
    return random_.choice([f"\x1b[{number}h", f"\x1b[{number}l", "\x1b[?7l"])


def alternate(random_: random.Random) -> str:
    text = f"{line(random_)}{place(random_)}{line(random_)}"
    return f"\r\x1b[?1049h\x1b[H{text}{random_.choice(['', erase(random_)])}\x1b[?1049l"


def charset(random_: random.Random) -> str:
    return random_.choice(["\x1b(0", "\x1b(B", "\x1b)0", "\x0e", "\x0f", "lqqk x", "\x1b(A#"])


def pen(random_: random.Random) -> str:
    return f"\x1b[{random_.choice(PENS)(random_)}m"


def _simple(random_: random.Random) -> str:
    numbers = [1, 2, 3, 4, 5, 7, 8, 9, 21, 22, 23, 24, 25, 27, 28, 29, 39, 49, 0]
    count = random_.randint(1, 3)
    return ";".join(str(random_.choice(numbers)) for _ in range(count))


def _sixteen(random_: random.Random) -> str:
    return str(random_.choice([30, 40, 90, 100]) + random_.randrange(8))


def _indexed(random_: random.Random) -> str:
    colon = random_.choice(";:")
    return colon.join([str(random_.choice([38, 48])), "5", str(random_.randrange(256))])


def _direct(random_: random.Random) -> str:
    rgb = [str(random_.randrange(256)) for _ in range(3)]
    target = str(random_.choice([38, 48]))
    return random_.choice([";".join([target, "2", *rgb]), ":".join([target, "2", "", *rgb])])


def _underline(random_: random.Random) -> str:
    return random_.choice(["4:0", "4:1", "4:2", "4:3", "4:4", "4:5", "58:2::9:8:7", "58:5:3", "59"])


def colored(random_: random.Random) -> str:
    return f"\x1b[{_sixteen(random_)}m"


PENS = [_simple, _simple, _sixteen, _indexed, _direct, _underline]


def link(random_: random.Random) -> str:
    return random_.choice(["\x1b]8;;http://example.org/a\x1b\\", "\x1b]8;;\x07"])


def swallowed(random_: random.Random) -> str:
    strings = [
        "\x1b_apc\x1b\\",
        "\x1b^pm\x1b\\",
        "\x1bXsos\x1b\\",
        "\x1bP1$tdcs\x1b\\",
        "\x1b]133;A\x07",
        "\x1b]2;title\x07",
        "\x1b[>4;2m",
        "\x1b[?4m",
        "\x1b[<u",
        "\x1b[=5u",
        "\x1b[ q",
        "\x1b[1\r;5H",
        "\x1b[3\x18",
        "\x1b\x1b[C",
    ]
    return random_.choice(strings)


FAMILIES: dict[str, list[tuple[Piece, int]]] = {
    "text": [(line, 6), (word, 3), (newline, 5), (place, 1)],
    "movement": [(word, 3), (move, 5), (place, 2), (within_row, 1), (excursion, 1), (tabs, 2)],
    "erasing": [(line, 3), (place, 2), (erase, 3), (edit, 4), (pen, 2), (newline, 1)],
    "region": [(word, 3), (newline, 2), (margins, 1), (index, 3), (edit, 3), (place, 2), (pen, 1)],
    "pens": [(word, 4), (pen, 6), (newline, 1), (link, 1)],
    "modes": [(line, 4), (mode, 3), (place, 2), (margins, 1), (repeat, 1), (newline, 2), (edit, 1)],
    "screens": [(line, 4), (alternate, 1), (place, 2), (erase, 1), (excursion, 1), (within_row, 2)],
    "charsets": [(word, 3), (charset, 4), (newline, 1)],
    "wide": [(wide, 4), (word, 1), (place, 3), (edit_wide, 3), (erase, 1), (newline, 1), (mark, 1)],
    "clusters": [(emoji, 4), (word, 1), (newline, 1), (mark, 1), (wide, 1)],
    "protected": [(line, 4), (protect, 4), (place, 2), (erase, 1), (colored, 1)],
    "strings": [(word, 3), (swallowed, 4), (newline, 1), (pen, 1)],
}


def resized(seed: int) -> list[bytes | tuple[int, int]]:
    """Lines of text, and sizes between them."""
    random_ = random.Random(f"resized {seed}")
    steps: list[bytes | tuple[int, int]] = []
    for _ in range(random_.randint(1, 3)):
        lines = [line(random_).rstrip() + "\r\n" for _ in range(random_.randint(1, 9))]
        steps.append("".join(lines).encode())
        steps.append((random_.randint(8, 40), random_.randint(3, 14)))
    return steps
