"""Whom a bundle without a record belongs to."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from runtime.errors import StateError
from runtime.kernel.proc import boot_id, identify
from runtime.model import ProcessIdentity
from runtime.oci.bundle import ExecBundle
from runtime.sessions.owner import Owner, note_owner, read_owner


def test_a_bundle_that_is_ours_is_known_as_ours(
    bundle: ExecBundle, mode_of: Callable[[Path], int]
) -> None:
    assert read_owner(bundle) is None
    note_owner(bundle)
    owner = read_owner(bundle)
    assert owner == Owner(process=identify(os.getpid()), boot_id=boot_id())
    assert owner.lives
    assert mode_of(bundle.owner) == 0o600


def test_who_has_ended_owns_nothing(bundle: ExecBundle, ended: ProcessIdentity) -> None:
    bundle.owner.write_bytes(msgspec.json.encode(Owner(process=ended, boot_id=boot_id())))
    owner = read_owner(bundle)
    assert owner is not None
    assert not owner.lives


def test_another_with_the_same_pid_or_of_another_boot_is_not_the_owner() -> None:
    ours = identify(os.getpid())
    assert ours is not None
    other = ProcessIdentity(pid=ours.pid, start_time=ours.start_time + 1)
    assert not Owner(process=other, boot_id=boot_id()).lives
    assert not Owner(process=ours, boot_id="another").lives


@pytest.mark.parametrize("text", [b"", b'{"process": {"pi', b"\xff", b"[" * 100_000, b"[]"])
def test_a_note_that_was_cut_short_is_that_of_a_dead_owner(bundle: ExecBundle, text: bytes) -> None:
    bundle.owner.write_bytes(text)
    owner = read_owner(bundle)
    assert owner is not None
    assert not owner.lives


def test_where_it_cannot_be_noted_is_said(bundle: ExecBundle) -> None:
    note_owner(bundle)
    with pytest.raises(StateError, match="cannot write to the exec bundle"):
        note_owner(bundle)
