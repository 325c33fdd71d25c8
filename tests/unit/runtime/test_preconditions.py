"""Whose containers sessions may be started in."""

from __future__ import annotations

import os

import msgspec
import pytest

from runtime.errors import AccessDeniedError
from runtime.model import ContainerInfo, ContainerState
from runtime.oci.container import ContainerRecord
from runtime.sessions.preconditions import running_container

OTHER = 12345
BOX = ContainerInfo(
    id="box",
    name="web",
    engine="podman",
    runtime="crun",
    root="/run/user/12345/crun",
    bundle="/b",
    state=ContainerState.RUNNING,
)


class OneContainer:
    """Knows one container."""

    def __init__(self, owner: int) -> None:
        self.container = msgspec.structs.replace(BOX, owner=owner)

    def refresh(self, root: str, container_id: str) -> ContainerInfo:
        return self.container

    def record(self, container: ContainerInfo) -> ContainerRecord | None:
        return None


@pytest.mark.parametrize("owner", [0, os.geteuid()])
def test_root_s_and_one_s_own(owner: int) -> None:
    source = OneContainer(owner)
    assert running_container(source, BOX.root, BOX.id, "start in") is source.container


def test_another_user_s_state_files_are_not_acted_upon() -> None:
    with pytest.raises(AccessDeniedError) as raised:
        running_container(OneContainer(OTHER), BOX.root, BOX.id, "start exec sessions in")
    assert raised.value.message == "cannot start exec sessions in container web: it is user 12345's"
    assert raised.value.hint == "run exectop as that user"
