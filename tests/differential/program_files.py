"""The files that the recorded programs show."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path


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
