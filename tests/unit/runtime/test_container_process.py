"""What is read of a container's own configuration, whoever wrote that."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from runtime.protocol.container_process import container_process


def process(text: str) -> dict[str, Any]:
    return container_process(f'{{"ociVersion": "1.0.2", "process": {text}}}'.encode())


def test_all_of_it_is_there_again_in_the_text() -> None:
    written = {
        "user": {"uid": 1000, "gid": 0, "umask": 18, "additionalGids": [5]},
        "args": ["init"],
        "env": ["PATH=/bin", "BARE"],
        "cwd": "/srv",
        "rlimits": [{"type": "RLIMIT_CORE", "soft": 0, "hard": 2**64 - 1}],
        "capabilities": {"bounding": ["CAP_KILL"], "effective": []},
        "somethingNew": {"deep": [1, 2.5, None, "ü"]},
    }
    found = process(msgspec.json.encode(written).decode())
    assert msgspec.json.decode(msgspec.json.encode(found)) == written


def test_what_is_not_read_is_handed_on_to_the_letter() -> None:
    text = '{"big": ' + "9" * 5000 + ', "deep": [1.50,  "\\u0041"]}'
    assert msgspec.json.encode(process(f'{{"new": {text}}}')) == f'{{"new":{text}}}'.encode()


@pytest.mark.parametrize("text", ["null", "{}", '{"env": null, "user": null, "rlimits": null}'])
def test_null_is_as_good_as_nothing(text: str) -> None:
    assert process(text) == {}


def test_a_user_with_nulls_is_root() -> None:
    assert process('{"user": {"uid": null, "gid": null, "umask": null}}') == {"user": {}}


@pytest.mark.parametrize("config", [b"{}", b'{"process": null}', b'{"ociVersion": "1.0.2"}'])
def test_a_configuration_without_a_process(config: bytes) -> None:
    assert container_process(config) == {}


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("5", "$.process"),
        ("[]", "$.process"),
        ('{"env": 5}', "$.process.env"),
        ('{"env": ["A=b", 5]}', "$.process.env[1]"),
        ('{"cwd": []}', "$.process.cwd"),
        ('{"user": "x"}', "$.process.user"),
        ('{"user": {"uid": "0"}}', "$.process.user.uid"),
        ('{"user": {"uid": -1}}', "$.process.user.uid"),
        ('{"user": {"gid": 4294967296}}', "$.process.user.gid"),
        ('{"user": {"umask": true}}', "$.process.user.umask"),
        ('{"user": {"additionalGids": {}}}', "$.process.user.additionalGids"),
        ('{"capabilities": []}', "$.process.capabilities"),
        ('{"capabilities": {"bounding": "CAP_KILL"}}', "$.process.capabilities.bounding"),
        ('{"rlimits": {}}', "$.process.rlimits"),
        ('{"rlimits": [{}]}', "$.process.rlimits[0]"),
    ],
)
def test_a_wrong_type_is_told_with_its_place(text: str, where: str) -> None:
    with pytest.raises(ValueError, match="`") as caught:
        process(text)
    assert str(caught.value).endswith(f"at `{where}`")


@pytest.mark.parametrize(
    "config", [b"", b"[]", b"5", b"{", b"\xff", b'{"process": {"env": ["\xff"]}}']
)
def test_what_is_no_configuration_at_all(config: bytes) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        container_process(config)


def test_what_is_nested_without_an_end() -> None:
    deep = "[" * 100_000 + "]" * 100_000
    with pytest.raises(RecursionError):
        process(f'{{"new": {deep}}}')
