"""The exit code of a process that is nobody's child of ours."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from runtime.kernel import exit_status
from runtime.kernel.exit_status import exit_code, wait_exit_code
from runtime.kernel.pidfd import wait_readable

# A child that ends as it is told, whose parent takes note of that when it is told to.
PARENT = """
import os, sys
child = os.fork()
if child == 0:
    os.read(0, 1)
    if sys.argv[1] == "exit": os._exit(int(sys.argv[2]))
    os.kill(os.getpid(), int(sys.argv[2]))
print(child, flush=True)
os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
print("ended", flush=True)
os.read(0, 1)
os.waitpid(child, 0)
print("noted", flush=True)
os.read(0, 1)
"""


class Grandchild:
    """A process that is not our child, through a pidfd."""

    def __init__(self, parent: Any) -> None:
        self._parent = parent
        self.pidfd = os.pidfd_open(int(parent.stdout.readline()))

    def go_on(self, until: str) -> None:
        self._parent.stdin.write("x")
        self._parent.stdin.flush()
        assert self._parent.stdout.readline() == f"{until}\n"


@pytest.fixture
def grandchild(start_child: Callable[..., Any]) -> Iterator[Callable[..., Grandchild]]:
    made: list[Grandchild] = []

    def make(how: str, number: int) -> Grandchild:
        made.append(Grandchild(start_child(PARENT, how, str(number))))
        if exit_status._ask(made[-1].pidfd) is None:
            pytest.skip("the kernel does not tell (Linux 6.15 does)")
        return made[-1]

    yield make
    for each in made:
        os.close(each.pidfd)


@pytest.mark.parametrize(
    ("how", "number", "code"), [("exit", 7, 7), ("exit", 0, 0), ("kill", 9, 137)]
)
async def test_it_is_known_once_the_parent_has_noted_it(
    grandchild: Callable[..., Grandchild], how: str, number: int, code: int
) -> None:
    process = grandchild(how, number)
    assert exit_code(process.pidfd) is None
    process.go_on("ended")
    assert exit_code(process.pidfd) is None  # a zombie
    process.go_on("noted")
    assert await wait_exit_code(process.pidfd, 20) == code


async def test_nobody_waits_for_ever(grandchild: Callable[..., Grandchild]) -> None:
    process = grandchild("exit", 1)
    process.go_on("ended")
    assert await wait_readable(process.pidfd, 20)
    assert await wait_exit_code(process.pidfd, 0.05) is None


async def test_an_older_kernel_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exit_status, "_PIDFD_GET_INFO", 0)
    pidfd = os.pidfd_open(os.getpid())
    try:
        assert await wait_exit_code(pidfd, 1e9) is None
    finally:
        os.close(pidfd)
