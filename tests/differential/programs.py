"""The programs that are recorded, and the keys they are sent."""

from __future__ import annotations

import os
import subprocess
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


def build_folder(folder: Path) -> None:
    """Make the files that the programs show: the same whenever and wherever it is done."""
    folder.mkdir(parents=True)
    (folder / "vimrc").write_text("syntax on\nset background=dark t_Co=256 laststatus=2\n")
    (folder / "no-margins").write_text("set -g terminal-overrides '*:Clmg@:Cmg@:Dsmg@:Enmg@'\n")
    (folder / "sample.py").write_text(SAMPLE)
    (folder / "dialogs").write_text(DIALOGS)
    (folder / "progress").write_text(PROGRESS)
    (folder / "colors.txt").write_text("".join(_colored_line(number) for number in range(1, 201)))
    _build_repository(folder)
    _build_crates(folder / "work")
    (folder / "package").mkdir()
    (folder / "package" / "package.json").write_text('{"name": "demo", "version": "1.0.0"}')
    os.utime(folder / "sample.py", (1700000000, 1700000000))


def _colored_line(number: int) -> str:
    return f"\x1b[{31 + number % 6}mline {number} \x1b[1;48;5;{number}m" + "text " * 20 + "\x1b[m\n"


def _build_repository(folder: Path) -> None:
    run = ["git", "-C", str(folder), "-c", "user.name=A. Author", "-c", "user.email=a@example.org"]
    environment = os.environ | {"GIT_CONFIG_NOSYSTEM": "1", "HOME": str(folder)}
    subprocess.run([*run, "init", "-q", "-b", "main"], check=True, env=environment)
    for number in range(12):
        message = "first" if number == 0 else f"Change number {number}"
        lines = SAMPLE.splitlines()[: 8 + number]
        (folder / "sample.py").write_text("\n".join(lines) + f"\n# {number}\n")
        date = f"2024-01-{number + 1:02} 12:00:00 +0000"
        dated = environment | {"GIT_AUTHOR_DATE": date, "GIT_COMMITTER_DATE": date}
        subprocess.run([*run, "add", "sample.py"], check=True, env=dated)
        subprocess.run([*run, "commit", "-q", "-m", message], check=True, env=dated)
    (folder / "sample.py").write_text(SAMPLE)


def _build_crates(folder: Path) -> None:
    names = [f"part{number}" for number in range(6)]
    folder.mkdir()
    members = ", ".join(f'"{name}"' for name in names)
    (folder / "Cargo.toml").write_text(f"[workspace]\nresolver = '2'\nmembers = [{members}]\n")
    for name in names:
        (folder / name / "src").mkdir(parents=True)
        manifest = f'[package]\nname = "{name}"\nversion = "0.1.0"\nedition = "2021"\n'
        (folder / name / "Cargo.toml").write_text(manifest)
        (folder / name / "src" / "lib.rs").write_text("pub fn one() -> u8 { 1 }\n")


SAMPLE = '''"""A sample."""

import sys


def greet(name: str, *, times: int = 1) -> str:
    """Say hello."""
    words = [f"hello, {name}" for _ in range(times)]
    return "\\n".join(words)


class Greeter:
    def __init__(self, names: list[str]) -> None:
        self.names = names  # a list

    def run(self) -> None:
        for name in self.names:
            print(greet(name, times=2))


if __name__ == "__main__":
    Greeter(sys.argv[1:] or ["world"]).run()
'''

DIALOGS = """export DIALOGRC=/dev/null
dialog --checklist 'Which ones?' 12 40 4 1 apples off 2 pears on 3 plums off 4 nuts off
dialog --colors --inputbox 'A \\Zb\\Z1name\\Zn, please' 10 40
(for n in 10 30 50; do echo $n; sleep 0.2; done; sleep 1) | dialog --gauge 'Working' 8 50
dialog --yesno 'Are you sure?' 7 30
"""

PROGRESS = """# What docker pull, docker compose and pip do: rows above the cursor are written anew.
for layer in a1 b2 c3 d4 e5; do printf '%s: Pulling fs layer\\n' $layer; done
for step in 1 2 3 4 5 6 7 8 9 10; do
    row=5
    for layer in a1 b2 c3 d4 e5; do
        bar=$(printf '%*s' $((step * 2)) '' | tr ' ' '=')
        printf '\\033[%dA\\033[2K\\r%s: Downloading [%-20s] %3d%%\\r\\033[%dB' \\
            $row $layer "$bar>" $((step * 10)) $row
        row=$((row - 1))
    done
    sleep 0.05
done
printf '\\033[?25l'
for step in 1 2 3 4 5 6 7 8; do
    printf '\\033[?2026h\\r\\033[K\\033[32m%s\\033[0m step %d\\033[?2026l' \\
        "$(echo '|/-\\|/-\\' | cut -c$step)" $step
    sleep 0.03
done
printf '\\033[?25h\\r\\033[K'
for step in 1 2 3 4 5; do
    printf '\\r   \\033[38;5;197m%s\\033[38;5;237m%s\\033[0m %d/5 MB' \\
        "$(printf '%*s' $((step * 8)) '' | sed 's/ /\u2501/g')" \\
        "$(printf '%*s' $((40 - step * 8)) '' | sed 's/ /\u2501/g')" $step
done
printf '\\nall done\\n'
"""
