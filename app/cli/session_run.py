"""One `exectop exec`: create, start, follow, and leave nothing behind.

Only two kinds of sessions stay: detached ones, and terminals that were left, by the detach keys
or because the program or its terminal was ended; those can be come back to.
"""

from __future__ import annotations

import signal

from app.cli.failures import BROKEN_PIPE, OUR_FAILURE, tell, tell_error
from app.cli.foreground import Ending, Foreground, Manner, Streams, standard_input
from app.cli.invocation import CommandEngine
from app.cli.output_writer import OutputClosedError
from app.cli.signals import CaughtSignalError, SignalWatch
from app.cli.terminal import terminal_size
from runtime.errors import ExectopError, NoSuchSessionError
from runtime.model import ContainerInfo, ExecConfig
from runtime.protocol.detach_keys import DEFAULT_DETACH_KEYS, parse_detach_keys
from widgets.wording import short_id


class SessionRun:
    """Runs one session attached to our own streams, and tidies up after it."""

    def __init__(
        self,
        engine: CommandEngine,
        container: ContainerInfo,
        config: ExecConfig,
    ) -> None:
        self._engine = engine
        self._container = container
        self._config = config
        keys = DEFAULT_DETACH_KEYS if config.detach_keys is None else config.detach_keys
        self._manner = Manner(
            tty=config.terminal,
            detach_keys=parse_detach_keys(keys),
            takes_input=config.attach_stdin,
            ends_input=config.attach_stdin,
        )
        self._size = terminal_size(1, 0, 2) if config.terminal else None
        self._session_id = ""
        self._stays = False

    async def run(self) -> int:
        """The exit code for our own process."""
        with SignalWatch() as watch:
            self._session_id = await self._engine.exec_create(self._container, self._config)
            try:
                return self._conclude(await watch.run(self._follow()))
            except CaughtSignalError as caught:
                return await self._interrupted(watch, caught.number)
            except OutputClosedError:
                return await self._interrupted(watch, signal.SIGPIPE)
            finally:
                if not self._stays:
                    await self._remove()

    async def _follow(self) -> Ending:
        attachment = await self._engine.exec_start_and_attach(self._session_id, self._size)
        streams = Streams(stdin=standard_input(self._manner))
        try:
            foreground = Foreground(self._engine, attachment, streams, self._manner)
            return await foreground.run(self._session_id)
        finally:
            await attachment.close()

    def _conclude(self, ending: Ending) -> int:
        if ending.left:
            self._stays = True
            tell_how_to_come_back(self._session_id)
            return 0
        return exit_code_of(ending, self._session_id)

    async def _interrupted(self, watch: SignalWatch, number: signal.Signals) -> int:
        code = BROKEN_PIPE if number == signal.SIGPIPE else 128 + number
        if self._config.terminal and number != signal.SIGINT and await self._runs():
            self._stays = True
            tell_how_to_come_back(self._session_id)
            return code
        await self._stop(watch)
        return code

    async def _runs(self) -> bool:
        session = await self._engine.find_session(self._session_id)
        return session.process is not None

    async def _stop(self, watch: SignalWatch) -> None:
        try:
            await watch.run(self._stop_if_running(None))
        except CaughtSignalError:
            await self._stop_if_running(0)  # asked twice: no more patience

    async def _stop_if_running(self, timeout: float | None) -> None:
        if await self._runs():
            await self._engine.exec_stop(self._session_id, timeout)

    async def _remove(self) -> None:
        try:
            await self._engine.exec_remove(self._session_id, force=True)
        except NoSuchSessionError:
            return  # somebody else removed it already
        except ExectopError as error:
            tell_error(error)


def tell_how_to_come_back(session_id: str, *, rescue: bool = False) -> None:
    """Say that a session goes on, and how to find it again."""
    short = short_id(session_id)
    tell(f"\nexectop: left session {short}, which goes on")
    tell(f"  come back with: exectop attach {'--rescue ' if rescue else ''}{short}")
    tell(f"  end it with:    exectop stop {short}")


def exit_code_of(ending: Ending, session_id: str, *, recorded: bool = True) -> int:
    """The command's exit code as our own; 125 where it was lost."""
    if ending.exit_code is not None:
        return ending.exit_code
    tell(f"exectop: the exit code of session {short_id(session_id)} was lost")
    if recorded:
        tell("  its monitor (conmon) ended before it did, so nobody was there to see it")
    else:
        tell("  its monitor is gone, or told its engine alone (Linux 6.15 tells us, too)")
    return OUR_FAILURE
