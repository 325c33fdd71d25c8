"""Reading conmon's command line (conmon src/cli.c): pure text, nothing is opened.

The value of an option must not be taken for another option: the arguments of an exit command may
look like anything.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

_SHORT = {"-c": "cid", "-u": "cuuid", "-n": "name", "-r": "runtime", "-b": "bundle"}
_SHORT |= {"-p": "container-pidfile", "-P": "conmon-pidfile", "-l": "log-path", "-T": "timeout"}
_SHORT |= {"-0": "persist-dir"}
_LONG = (
    "api-version bundle cid conmon-pidfile container-pidfile cuuid exec-process-spec exit-command "
    "exit-command-arg exit-delay exit-dir log-global-size-max log-level log-path log-size-max "
    "log-tag name persist-dir restore restore-arg runtime runtime-arg runtime-opt sdnotify-socket "
    "seccomp-notify-plugins seccomp-notify-socket socket-dir-path timeout"
)
_WITH_VALUE = _SHORT | {f"--{name}": name for name in _LONG.split()}
_FLAGS = {"-t": "terminal", "-i": "stdin", "-e": "exec", "-s": "systemd-cgroup"}


def conmon_options(words: Sequence[str]) -> dict[str, list[str]]:
    """The values of conmon's options under their long names, each in the order given."""
    found: dict[str, list[str]] = {}
    for name, value in _options(words):
        if value is not None:
            found.setdefault(name, []).append(value)
    return found


def conmon_flags(words: Sequence[str]) -> set[str]:
    """conmon's options that take no value, under their long names."""
    return {name for name, value in _options(words) if value is None}


def _options(words: Sequence[str]) -> Iterator[tuple[str, str | None]]:
    rest = iter(words[1:])
    for word in rest:
        option, equals, value = word.partition("=")
        if option in _WITH_VALUE:
            yield _WITH_VALUE[option], value if equals else next(rest, "")
        else:
            yield _FLAGS.get(word, word.removeprefix("--")), None
