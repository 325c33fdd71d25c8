"""The six streams that terminals are measured with. The same every time."""

from __future__ import annotations

import random
from collections.abc import Callable

SIZE = 1 << 19
"""Bytes of each stream, to within a piece."""

SMALL = (80, 24)
LARGE = (172, 47)

WORDS = (
    "session started stopped container connection accepted closed from to port user root request "
    "handled error warning info debug timeout retry queue worker thread pool cache hit miss bytes"
).split()


def log(random_: random.Random) -> str:
    """A line of a log file."""
    words = " ".join(random_.choices(WORDS, k=random_.randint(3, 16)))
    day, second, part = random_.randint(1, 28), random_.randint(0, 59), random_.randint(0, 999)
    moment = f"2026-01-{day:02} 12:17:{second:02}.{part:03}"
    return f"{moment} host service[{random_.randint(1, 32000)}]: {words}\r\n"


def coloured(random_: random.Random) -> str:
    """A line of a listing, as ls, grep and git colour them."""
    name = random_.choice(WORDS)
    color = random_.choice(["01;34", "01;32", "01;36", "38;5;208", "0;33"])
    return (
        f"\x1b[33m-rw-r--r--\x1b[0m 1 \x1b[1mroot\x1b[0m \x1b[32m{random_.randint(1, 99999):>8}"
        f"\x1b[0m Jan {random_.randint(1, 28):>2} 12:00 \x1b[{color}m{name}\x1b[0m\x1b[K\r\n"
    )


def truecolor(random_: random.Random) -> str:
    """A row of a picture: half blocks, two new 24-bit colours for every cell."""
    red, green, blue = (random_.randrange(256) for _ in range(3))
    cells = []
    for column in range(SMALL[0]):
        red, green, blue = (red + 3) % 256, (green + 2) % 256, (blue + random_.randrange(3)) % 256
        below = f"{(red + 40) % 256};{green};{(blue + column) % 256}"
        cells.append(f"\x1b[38;2;{red};{green};{blue}m\x1b[48;2;{below}m\u2580")
    return "".join(cells) + "\x1b[0m\r\n"


CJK = "\u65e5\u672c\u8a9e\u306e\u30c6\u30ad\u30b9\u30c8\u4e2d\u6587\u5b57\u7b26\ud55c\uad6d\uc5b4"
EMOJI = [
    "\U0001f680",
    "\U0001f44d\U0001f3fd",
    "\U0001f468\u200d\U0001f4bb",
    "\U0001f1e9\U0001f1ea",
    "\u2764\ufe0f",
    "\u2705",
]


def cjk(random_: random.Random) -> str:
    """A line of Japanese, Chinese and Korean with emoji and a few Latin words."""
    pieces = ["".join(random_.choices(CJK, k=random_.randint(2, 12))) for _ in range(3)]
    pieces += [random_.choice(EMOJI), random_.choice(WORDS)]
    random_.shuffle(pieces)
    return " ".join(pieces) + "\r\n"


def redraw(random_: random.Random) -> str:
    """A whole screen, as vim and htop draw it: place, pens, text, erase to the end."""
    columns, lines = LARGE
    rows = ["\x1b[?25l\x1b[H"]
    for row in range(1, lines):
        rows.append(f"\x1b[{row};1H\x1b[38;5;130m{row:>4} \x1b[m")
        for _ in range(random_.randint(1, 6)):
            pen = random_.choice(["1;34", "32", "38;5;81", "0", "7", "36"])
            rows.append(f"\x1b[{pen}m{' '.join(random_.choices(WORDS, k=3))} \x1b[m")
        rows.append("\x1b[K")
    status = " ".join(random_.choices(WORDS, k=8))
    rows.append(f"\x1b[{lines};1H\x1b[7m{status:<{columns - 1}}\x1b[m\x1b[12;30H\x1b[?25h")
    return "".join(rows)


def region(random_: random.Random) -> str:
    """Text that scrolls between a heading and a status line, as in tmux, apt and irssi."""
    text = " ".join(random_.choices(WORDS, k=random_.randint(3, 9)))
    kind = random_.randrange(8)
    if kind == 0:
        return f"\x1b[2;23r\x1b[2;1H\x1bM\x1b[33m{text}\x1b[m"
    if kind == 1:
        return f"\x1b[24;1H\x1b[7m{text[:70]:<79}\x1b[m\x1b[23;1H"
    if kind == 2:
        return f"\x1b[10;1H\x1b[{random_.randint(1, 3)}{random_.choice('LM')}{text}"
    return f"\x1b[2;23r\x1b[23;1H\r\n{text}"


STREAMS: dict[str, tuple[Callable[[random.Random], str], tuple[int, int]]] = {
    "log text": (log, SMALL),
    "coloured": (coloured, SMALL),
    "truecolor": (truecolor, SMALL),
    "CJK and emoji": (cjk, SMALL),
    "redraws 172x47": (redraw, LARGE),
    "scroll region": (region, SMALL),
}


def stream(name: str, size: int = SIZE) -> bytes:
    """The bytes of one stream."""
    make, _ = STREAMS[name]
    random_ = random.Random(name)
    parts: list[bytes] = []
    length = 0
    while length < size:
        parts.append(make(random_).encode())
        length += len(parts[-1])
    return b"".join(parts)
