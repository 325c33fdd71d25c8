"""A tmux server driven over one connection (tmux(1), "CONTROL MODE"), no program for each key.

What each pane's program writes comes back as it is written, so the time from a key to its echo
holds nothing but tmux and the program.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import subprocess
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import msgspec

PATIENCE = 60.0

_OCTAL = re.compile(rb"\\([0-7]{3})")


class Pane(msgspec.Struct, frozen=True):
    """A pane, by tmux's own name for it."""

    id: str


class ControlledTmux:
    """Opens panes of one size, types into them, and hears what they print."""

    def __init__(self, socket: Path, columns: int, lines: int) -> None:
        self._command = ["tmux", "-f", "/dev/null", "-S", str(socket)]
        self._size = ["-x", str(columns), "-y", str(lines)]
        self._news = asyncio.Event()
        self._printed: dict[str, bytearray] = {}
        self._answers: deque[asyncio.Future[str]] = deque()

    async def start(self) -> None:
        """Start the server and connect to it."""
        self._run("new-session", "-d", "-s", "seen", *self._size, "sleep infinity")
        self._run("set-option", "-g", "status", "off")
        self._client = await asyncio.create_subprocess_exec(
            *self._command, "-C", "attach-session", "-t", "seen", stdin=-1, stdout=-1, limit=2**24
        )
        self._listening = asyncio.create_task(self._listen())

    async def close(self) -> None:
        """End the server and all in it."""
        subprocess.run([*self._command, "kill-server"], capture_output=True)
        await self._client.wait()
        self._listening.cancel()

    def _run(self, *words: str) -> str:
        said = subprocess.run([*self._command, *words], check=True, capture_output=True, text=True)
        return said.stdout.strip()

    async def open(self, command: str) -> Pane:
        """A program in a window of its own."""
        return Pane(self._run("new-window", "-d", "-P", "-F", "#{pane_id}", "-t", "seen:", command))

    @contextlib.asynccontextmanager
    async def aside(self, command: str) -> AsyncIterator[None]:
        """A program in a session of its own: tmux shows it, but does not tell us what it prints."""
        self._run("new-session", "-d", "-s", "aside", *self._size, command)
        yield
        self._run("kill-session", "-t", "aside")

    async def _listen(self) -> None:
        reader = self._client.stdout
        assert reader is not None
        block: list[bytes] | None = None
        while line := await reader.readline():
            if block is not None and not line.startswith((b"%end ", b"%error ")):
                block.append(line)
            elif line.startswith(b"%begin "):
                block = []
            elif block is not None:
                self._take_answer(line, b"".join(block).decode())
                block = None
            elif line.startswith(b"%output "):
                _, name, data = line.rstrip(b"\n").split(b" ", 2)
                found = self._printed.setdefault(name.decode(), bytearray())
                found += _OCTAL.sub(lambda digits: bytes([int(digits[1], 8)]), data)
                self._news.set()

    def _take_answer(self, end: bytes, text: str) -> None:
        if end.split()[-1] == b"1":  # else it is none to a command of ours
            self._answers.popleft().set_result(text)

    def _send(self, *words: str) -> asyncio.Future[str]:
        assert self._client.stdin is not None
        self._client.stdin.write((" ".join(words) + "\n").encode())
        self._answers.append(answer := asyncio.get_running_loop().create_future())
        return answer

    async def _ask(self, *words: str) -> str:
        async with asyncio.timeout(PATIENCE):  # there is no answer if the server has ended
            return await self._send(*words)

    async def type(self, pane: Pane, text: str) -> None:
        """Type text as it is."""
        self._run("send-keys", "-t", pane.id, "-l", text)

    async def press(self, pane: Pane, key: str) -> None:
        """Press a key by tmux's name."""
        self._run("send-keys", "-t", pane.id, key)

    async def wait_for(self, pane: Pane, text: str) -> None:
        """Wait until the pane shows this text."""
        await self.wait_shown(pane, lambda shown: text in shown, repr(text))

    def pid(self, pane: Pane) -> int:
        """The process that was started in the pane."""
        return int(self._run("display-message", "-p", "-t", pane.id, "#{pane_pid}"))

    async def wait_shown(self, pane: Pane, is_right: Callable[[str], bool], what: str) -> float:
        """Wait until the pane's text is right; the moment (`time.perf_counter`) it was seen to be.

        The screen is looked at again after each output; what was typed before has its answer.
        """
        deadline = time.monotonic() + PATIENCE
        while True:
            moment = time.perf_counter()
            shown = await self._ask("capture-pane", "-p", "-t", pane.id)
            if is_right(shown):
                return moment
            if time.monotonic() > deadline:
                raise TimeoutError(f"waited for {what}; the screen is\n{shown}")
            await self._wait_news()

    async def _wait_news(self) -> None:
        self._news.clear()
        try:
            async with asyncio.timeout(1):
                await self._news.wait()
        except TimeoutError:
            return

    async def echo(self, pane: Pane, character: str) -> float:
        """Type a character; the seconds until the pane's program has written it."""
        printed = self._printed.setdefault(pane.id, bytearray())
        printed.clear()
        wanted = character.encode()
        start = time.perf_counter()
        self._send("send-keys", "-t", pane.id, "-l", f"'{character}'")
        await self._wait_printed(pane, lambda: wanted in printed, f"the echo of {character}")
        return time.perf_counter() - start

    async def erase(self, pane: Pane) -> None:
        """Erase it again, and wait until that was written too."""
        printed = self._printed[pane.id]
        printed.clear()
        self._send("send-keys", "-t", pane.id, "BSpace")
        await self._wait_printed(pane, lambda: bool(printed), "the erasure")

    async def _wait_printed(self, pane: Pane, done: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while not done():
            if time.monotonic() > deadline:
                shown = self._run("capture-pane", "-p", "-t", pane.id)
                raise TimeoutError(f"waited for {what}; the screen is\n{shown}")
            await self._wait_news()
