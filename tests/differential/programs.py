"""The programs that are recorded, and the keys they are sent."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

UP, DOWN, RIGHT, LEFT = "\x1bOA", "\x1bOB", "\x1bOC", "\x1bOD"
END, PAGE_UP, F2, F3 = "\x1bOF", "\x1b[5~", "\x1bOQ", "\x1bOR"
ESC, ENTER, TAB = "\x1b", "\r", "\t"

Step = tuple[str, str]
"""Keys to send, and what the screen then holds."""


@dataclass(frozen=True)
class Program:
    """A command, and what is done with it.

    With ``until``, return is pressed after the steps until the screen holds that text.
    """

    name: str
    command: str
    steps: list[Step]
    environment: dict[str, str] = field(default_factory=dict)
    until: str = ""


TMUX = [
    ("", "$"),
    ("ls\r", "sample.py"),
    ("\x02%", "demo"),
    ("cat colors.txt\r", "line 200"),
    ('\x02"', "demo"),
    ("printf '\\033[1;31mred \\033[48;5;30mteal\\033[m\\n'\r", "teal"),
    ("\x02[", "[0/"),
    (PAGE_UP, "["),
    ("q\x02z", "demo"),
    ("\x02z", "demo"),
    ("\x02?", "Send the prefix"),
    ("q", "demo"),
    ("\x02d", "detached"),
]
"""Two panes side by side, one of them cut in two, with text that scrolls in each."""

PROGRAMS = [
    Program(
        "vim",
        "vim -Nu vimrc -i NONE sample.py",
        [
            ("", "def greet"),
            ("/greet\r", "greet"),
            ("Onew line with \u65e5\u672c\u8a9e and \u00e9" + ESC, "new line"),
            (":vsplit\r:set number\r", "15"),
            ("\x17l5j", "sample.py"),
            ("ggVjj", "VISUAL LINE"),
            (ESC + ":set nowrap hlsearch\r/name\r", "name"),
            ("G\x02\x06", "sample.py"),
            (":only\r:help motion\r", "motion.txt"),
            (":qa!\r", ""),
        ],
    ),
    Program(
        "neovim",
        "nvim --clean -i NONE -n sample.py",
        [
            ("", "def greet"),
            ("Onew line with \u65e5\u672c\u8a9e" + ESC, "new line"),
            (":set termguicolors number cursorline\r", "15"),
            (":vsplit\r:split\r", "sample.py"),
            ("ggVjj", "VISUAL LINE"),
            (ESC + ":terminal echo inside\r", "Process exited"),
            (":qa!\r", ""),
        ],
    ),
    Program(
        "htop",
        "htop -d 20",
        [
            ("", "F10Quit"),
            (DOWN + DOWN, "F10Quit"),
            (F3, "Search"),
            (ESC, "F10Quit"),
            (F2, "Display options"),
            (ESC + ESC, "F10Quit"),
            ("q", ""),
        ],
    ),
    Program(
        "mc",
        "mc -u",
        [
            ("", "Quit"),
            (END + UP, "sample.py"),
            (F3, "def greet"),
            ("\x1b[21~", "Quit"),
            ("\x1b[20~" + RIGHT, "Options"),
            (ESC + ESC, "Quit"),
            ("\x1b[18~", "Create a new Directory"),
            (ESC + ESC, "Quit"),
            ("\x1b[21~", ""),
        ],
        {"XDG_CONFIG_HOME": "/srv/demo/config"},
    ),
    Program(
        "less",
        "less -R colors.txt",
        [
            ("", "line 1 "),
            (" ", "line 20"),
            ("b", "line 1 "),
            ("/line 150\r", "line 150"),
            ("G", "line 200"),
            ("-S", "Chop"),
            ("\r kkkk", "line 19"),
            ("q", ""),
        ],
    ),
    Program(
        "man",
        "man ls",
        [("", "NAME"), (" ", "ls"), ("/sort\r", "sort"), ("g", "NAME"), ("q", "")],
        {"MANPAGER": "less", "LESS": "-R", "LESS_TERMCAP_md": "\x1b[1;36m", "GROFF_SGR": "1"},
    ),
    Program("tmux", "tmux -f /dev/null -S socket new-session sh", TMUX),
    # xterm.js has no left and right margins, which tmux uses between panes where it can.
    Program("tmux-no-margins", "tmux -f no-margins -S socket new-session sh", TMUX),
    Program(
        "nano",
        "nano --ignorercfiles sample.py",
        [
            ("", "GNU nano"),
            ("typed \u65e5\u672c" + ENTER, "typed"),
            (DOWN * 5 + "\x0b", "Modified"),
            ("\x17greet\r", "greet"),
            ("\x07", "help text"),
            ("\x18", "GNU nano"),
            ("\x18", "Save modified"),
            ("n", ""),
        ],
    ),
    Program(
        "dialog",
        "sh dialogs",
        [
            ("", "Which one"),
            (DOWN + " " + DOWN + " ", "[*]"),
            (ENTER, "A name"),
            ("somebody" + ENTER, "50%"),
            ("\r", "Are you sure"),
            (TAB, "Are you sure"),
            (ENTER, ""),
        ],
    ),
    Program(
        "git-log",
        "git --no-optional-locks log --graph --stat --color=always",
        [("", "commit"), (" ", "commit"), ("G", "first"), ("g", "commit"), ("q", "")],
        {"GIT_PAGER": "less -R", "GIT_CONFIG_NOSYSTEM": "1"},
    ),
    Program(
        "git-diff",
        "git --no-optional-locks diff --color=always --word-diff=color HEAD~3",
        [("", "sample.py"), ("q", "")],
        {"GIT_PAGER": "less -R", "GIT_CONFIG_NOSYSTEM": "1"},
    ),
    Program(
        "cargo",
        "cargo build --offline -j1 --manifest-path work/Cargo.toml",
        [("", "Finished")],
        {
            "PATH": os.environ.get("PATH", ""),
            "RUSTUP_HOME": os.environ.get("RUSTUP_HOME", str(Path.home() / ".rustup")),
        },
    ),
    Program(
        "npm", "npm install --offline --no-audit --no-fund ./package", [("", "added 1 package")]
    ),
    Program("progress", "sh progress", [("", "all done")]),
    Program(
        "bash",
        "bash --norc",
        [
            ("", "$"),
            ("PS1='\\[\\e[1;32m\\]\\w\\[\\e[m\\]\\$ '\r", "~"),
            ("echo " + "long " * 30, "long"),
            ("\x01\x1bf\x1bf\x0b\x19" + "\x1b[D" * 10 + "inserted", "inserted"),
            ("\x05\x15ls --color=always -la\r", "sample.py"),
            ("\x12prin", "reverse-i-search"),
            ("\x07clear\r", "#"),
            ("seq 200\r", "200"),
            ("exit\r", "exit"),
        ],
    ),
]


VTTEST_MENUS = {
    "cursor": "1",
    "screen": "2",
    "charsets": "3 8",
    "shifts": "3 9",
    "locking-shifts": "3 10",
    "single-shifts": "3 11",
    "double-size": "4",
    "vt102": "8",
    "bugs": "9",
}
"""Screens of vttest, by the numbers one chooses in its menus."""

PROGRAMS += [
    # 80 columns at most: the size belongs to the window, a program cannot change it.
    Program(
        f"vttest-{name}",
        "vttest 24x80.80",
        [("", "Enter choice"), *[(f"{choice}\r", "") for choice in choices.split()]],
        until="Enter choice",
    )
    for name, choices in VTTEST_MENUS.items()
]
