"""Settings: which source wins, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from app import settings
from app.settings import Options, load_settings
from runtime.errors import SettingsError


def write(folder: Path, text: str) -> dict[str, str]:
    path = folder / "config.toml"
    path.write_text(text, "utf-8")
    return {"EXECTOP_CONFIG": str(path)}


def test_option_over_environment_over_file(tmp_path: Path) -> None:
    environment = write(tmp_path, 'state_dir = "/file"\nrun_dir = "/file-run"\nroots = ["/r"]\n')
    found = load_settings(Options(), environment)
    assert (found.engine.state_dir, found.engine.run_dir) == ("/file", "/file-run")
    assert found.engine.roots == ["/r"]
    environment["EXECTOP_STATE_DIR"] = "/environment"
    assert load_settings(Options(), environment).engine.state_dir == "/environment"
    options = Options(state_dir="/option", roots=("/a", "/b"))
    found = load_settings(options, environment)
    assert found.engine.state_dir == "/option"
    assert found.engine.roots == ["/a", "/b"]


def test_option_names_another_file(tmp_path: Path) -> None:
    other = tmp_path / "other.toml"
    other.write_text('stop_timeout = 3\ntheme = "nord"\ndetach_keys = ""\n')
    found = load_settings(Options(config=str(other)), write(tmp_path, "stop_timeout = 4"))
    assert found.engine.stop_timeout == 3
    assert (found.theme, found.detach_keys, found.config_path) == ("nord", "", other)


def test_defaults_of_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 0)
    assert str(settings.default_state_dir()) == "/var/lib/exectop"
    assert str(settings.default_run_dir()) == "/run/exectop"
    assert str(settings.default_config_path()) == "/etc/exectop/config.toml"


def test_defaults_of_a_user(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    monkeypatch.setenv("XDG_STATE_HOME", "/x/state")
    monkeypatch.setenv("XDG_RUNTIME_DIR", "/x/run")
    monkeypatch.setenv("XDG_CONFIG_HOME", "/x/config")
    assert str(settings.default_state_dir()) == "/x/state/exectop"
    assert str(settings.default_run_dir()) == "/x/run/exectop"
    assert str(settings.default_config_path()) == "/x/config/exectop/config.toml"


def test_an_ordinary_user_without_a_login_session_uses_nothing_shared(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 54321)
    monkeypatch.setattr("os.getuid", lambda: 54321)
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", "/x/state")
    assert str(settings.default_run_dir()) == "/x/state/exectop/run"


def test_relative_folders_become_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    found = load_settings(Options(state_dir="here"), write(tmp_path, ""))
    assert found.engine.state_dir == str(tmp_path / "here")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("stop_timout = 3", ["stop_timout", "did you mean stop_timeout", "kept_output"]),
        ('stop_timeout = "long"', ["stop_timeout", "expected `float`, got `str`"]),
        ("stop_timeout = -1", ["stop_timeout", "must not be negative"]),
        ('detach_keys = "ctrl-?"', ["detach_keys", "unknown key"]),
        ("roots = [1]", ["roots"]),
        ('idle_limit = "soon"', ["idle_limit", "'soon' is not a length", "8h"]),
        ("stop_timeout = \n", ["not valid TOML", "line 1"]),
    ],
)
def test_faults_name_file_and_key(tmp_path: Path, text: str, words: list[str]) -> None:
    environment = write(tmp_path, text)
    with pytest.raises(SettingsError) as caught:
        load_settings(Options(), environment)
    for word in [environment["EXECTOP_CONFIG"], *words]:
        assert word in str(caught.value)


def test_a_named_file_must_exist(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="does not exist"):
        load_settings(Options(config=str(tmp_path / "none.toml")), {})


def test_text_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(b'theme = "\xff"')
    with pytest.raises(SettingsError, match="UTF-8"):
        load_settings(Options(config=str(path)), {})


def test_what_is_settled_about_terminals(tmp_path: Path) -> None:
    found = load_settings(Options(), write(tmp_path, "")).terminals
    assert (found.prefix_key, found.clipboard, found.links, found.bold_is_bright) == (
        "ctrl-]",
        "ask",
        "copy",
        False,
    )
    text = 'prefix_key = ""\nclipboard = "deny"\nlinks = "open"\nbold_is_bright = true\n'
    found = load_settings(Options(), write(tmp_path, text)).terminals
    assert (found.prefix_key, found.clipboard, found.links, found.bold_is_bright) == (
        "",
        "deny",
        "open",
        True,
    )


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ('prefix_key = "ctrl-a,b"', "must be one key"),
        ('prefix_key = "meta-x"', "unknown key"),
        ('clipboard = "yes"', "clipboard: invalid enum value 'yes'"),
        ("links = 1", "links: expected"),
    ],
)
def test_what_terminals_cannot_be_told(tmp_path: Path, line: str, problem: str) -> None:
    with pytest.raises(SettingsError, match=problem):
        load_settings(Options(), write(tmp_path, line))


def test_the_idle_limit_is_a_length_of_time(tmp_path: Path) -> None:
    other = tmp_path / "other.toml"
    other.write_text('idle_limit = "8h"\n')
    assert load_settings(Options(config=str(other)), {}).engine.idle_limit == 8 * 3600.0
    other.write_text("")
    assert load_settings(Options(config=str(other)), {}).engine.idle_limit == 0.0
