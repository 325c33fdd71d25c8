"""Settings: from an option, else the environment, else the configuration file, else a default.

The file is TOML and flat; a key it does not know is refused, because a misspelt one that was
silently ignored would be found out much too late.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import platformdirs
import tomli

from app.durations import parse_duration
from app.program_clipboard import ClipboardPolicy
from app.terminal_settings import DEFAULT_PREFIX_KEY, LinkPolicy, TerminalSettings
from runtime.errors import InvalidArgumentError, SettingsError
from runtime.model import EngineSettings
from runtime.protocol.detach_keys import DEFAULT_DETACH_KEYS, parse_detach_keys

STATE_DIR_VARIABLE = "EXECTOP_STATE_DIR"
RUN_DIR_VARIABLE = "EXECTOP_RUN_DIR"
CONFIG_VARIABLE = "EXECTOP_CONFIG"


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """What was given on the command line; None and empty mean not given."""

    state_dir: str | None = None
    run_dir: str | None = None
    config: str | None = None
    roots: tuple[str, ...] = ()


class FileSettings(msgspec.Struct, frozen=True, kw_only=True):
    """The keys of the configuration file; a None means that the file does not say."""

    state_dir: str | None = None
    run_dir: str | None = None
    roots: list[str] = []
    stop_timeout: float = 10.0
    kept_output: int = 8 * 1024 * 1024
    events_count: int = 10_000
    events_days: float = 90.0
    idle_limit: str = "0"
    detach_keys: str = DEFAULT_DETACH_KEYS
    prefix_key: str = DEFAULT_PREFIX_KEY
    clipboard: ClipboardPolicy = "ask"
    links: LinkPolicy = "copy"
    bold_is_bright: bool = False
    theme: str | None = None
    runc: str = "runc"
    crun: str = "crun"
    conmon: str = "conmon"


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """All settings of this run. `theme` None leaves the choice to the dashboard."""

    engine: EngineSettings
    terminals: TerminalSettings
    theme: str | None
    config_path: Path

    @property
    def detach_keys(self) -> str:
        """The keys that leave a session, in the dashboard and on the command line."""
        return self.terminals.detach_keys


def load_settings(
    options: Options | None = None, environment: Mapping[str, str] | None = None
) -> Settings:
    """The settings in force. Raises SettingsError, which names the file and the key at fault."""
    options = options or Options()
    environment = os.environ if environment is None else environment
    named = options.config or environment.get(CONFIG_VARIABLE)
    path = Path(named).expanduser() if named else default_config_path()
    found = _read_file(path, must_exist=bool(named))
    state_dir = options.state_dir or environment.get(STATE_DIR_VARIABLE) or found.state_dir
    run_dir = options.run_dir or environment.get(RUN_DIR_VARIABLE) or found.run_dir
    engine = EngineSettings(
        state_dir=_absolute(state_dir or str(default_state_dir())),
        run_dir=_absolute(run_dir or str(default_run_dir())),
        roots=[_absolute(root) for root in options.roots or found.roots],
        stop_timeout=found.stop_timeout,
        kept_output=found.kept_output,
        events_count=found.events_count,
        events_days=found.events_days,
        idle_limit=parse_duration(found.idle_limit),
        runc=found.runc,
        crun=found.crun,
        conmon=found.conmon,
    )
    return Settings(
        engine=engine,
        terminals=_terminal_settings(found),
        theme=found.theme,
        config_path=path,
    )


def _terminal_settings(found: FileSettings) -> TerminalSettings:
    names = TerminalSettings.__struct_fields__
    return TerminalSettings(**{name: getattr(found, name) for name in names})


def default_state_dir() -> Path:
    """Where records are kept over reboots: the system's place for root, else the user's own."""
    if os.geteuid() == 0:
        return Path("/var/lib/exectop")
    return platformdirs.user_state_path("exectop")


def default_run_dir() -> Path:
    """Where bundles and locks are: gone after a reboot, as the sessions are.

    Without a login session there is no runtime folder; the records' folder is private, which a
    folder under /tmp that anybody may make first would not be.
    """
    if os.geteuid() == 0:
        return Path("/run/exectop")
    if os.environ.get("XDG_RUNTIME_DIR") or Path(f"/run/user/{os.getuid()}").is_dir():
        return platformdirs.user_runtime_path("exectop")
    return default_state_dir() / "run"


def default_config_path() -> Path:
    """The configuration file that is read where none is named."""
    if os.geteuid() == 0:
        return Path("/etc/exectop/config.toml")
    return platformdirs.user_config_path("exectop") / "config.toml"


def _absolute(folder: str) -> str:
    return str(Path(folder).expanduser().absolute())


def _read_file(path: Path, *, must_exist: bool) -> FileSettings:
    try:
        text = path.read_bytes().decode("utf-8")
    except FileNotFoundError as error:
        if not must_exist:
            return FileSettings()
        raise SettingsError(
            f"the configuration file {path} does not exist",
            hint=f"create it, or correct --config or {CONFIG_VARIABLE}",
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"cannot read the configuration file {path}: {error}",
            hint="it must be readable, and UTF-8 text",
        ) from error
    try:
        return _check(path, tomli.loads(text))
    except tomli.TOMLDecodeError as error:
        raise SettingsError(
            f"{path} is not valid TOML: {error}", hint='a line is `key = value`, texts in "quotes"'
        ) from error


def _check(path: Path, table: dict[str, Any]) -> FileSettings:
    known = FileSettings.__struct_fields__
    for key in table:
        if key not in known:
            near = difflib.get_close_matches(key, known, n=1)
            guess = f"did you mean {near[0]}? " if near else ""
            raise SettingsError(
                f"{path}: unknown key {key!r}", hint=f"{guess}known keys: {', '.join(known)}"
            )
    try:
        found = msgspec.convert(table, FileSettings)
    except msgspec.ValidationError as error:
        what, _, place = str(error).partition(" - at ")
        key = place.strip("`").removeprefix("$.")
        raise SettingsError(
            f"{path}: {key}: {what[:1].lower()}{what[1:]}", hint="correct the value"
        ) from error
    _check_values(path, found)
    return found


def _check_values(path: Path, found: FileSettings) -> None:
    for key in ("stop_timeout", "kept_output", "events_count", "events_days"):
        if getattr(found, key) < 0:
            raise SettingsError(f"{path}: {key}: must not be negative", hint="use 0 or more")
    try:
        parse_duration(found.idle_limit)
    except InvalidArgumentError as error:
        raise SettingsError(f"{path}: idle_limit: {error.message}", hint=error.hint) from error
    for key in ("detach_keys", "prefix_key"):
        try:
            length = len(parse_detach_keys(getattr(found, key)))
        except InvalidArgumentError as error:
            raise SettingsError(f"{path}: {key}: {error.message}", hint=error.hint) from error
        if key == "prefix_key" and length > 1:
            raise SettingsError(
                f"{path}: prefix_key: must be one key", hint='use e.g. "ctrl-]", or "" for none'
            )
