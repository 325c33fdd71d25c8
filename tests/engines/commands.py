"""Running an engine's own commands, with what they said in the error when they fail."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

LIMIT = 120.0


class EngineFailedError(Exception):
    """An engine refused; the text is its own."""


def run(*words: str, stdin: bytes | None = None, limit: float = LIMIT) -> str:
    """The standard output of a command, which may take `limit` seconds.

    Raises EngineFailedError.
    """
    done = subprocess.run(words, input=stdin or b"", capture_output=True, timeout=limit)
    if done.returncode != 0:
        raise EngineFailedError(f"{' '.join(words)}: {done.stderr.decode(errors='replace')}")
    return done.stdout.decode().strip()


class Daemon:
    """A daemon of ours: started, awaited until it answers, ended by its own process."""

    def __init__(self, words: list[str], log: Path, answers: Callable[[], object]) -> None:
        """`answers` raises EngineFailedError for as long as the daemon is not ready."""
        with log.open("wb") as output:
            self._process = subprocess.Popen(
                words, stdin=subprocess.DEVNULL, stdout=output, stderr=output
            )
        try:
            self._await(answers, log)
        except BaseException:
            self.stop()
            raise

    def _await(self, answers: Callable[[], object], log: Path) -> None:
        # Neither daemon tells by itself that it is ready; each try asks it through its socket.
        for _ in range(300):
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(0.1)
                raise EngineFailedError(log.read_text(errors="replace")[-2000:])
            with suppress(EngineFailedError):
                answers()
                return
        raise EngineFailedError(f"the daemon does not answer: {log.read_text()[-2000:]}")

    @property
    def pid(self) -> int:
        """The daemon's process."""
        return self._process.pid

    def stop(self) -> None:
        """End the daemon and wait for its end."""
        self._process.terminate()
        try:
            self._process.wait(LIMIT)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
