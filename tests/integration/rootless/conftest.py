"""An ordinary user of the tests' own, with containers in a user namespace.

The user runs the program as it is installed. The interpreter and the checkout may lie under
folders that only root may enter, so they are mounted where everybody may read them.
"""

from __future__ import annotations

import os
import pwd
import secrets
import select
import shutil
import signal
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

import app
from app.demo.bundle import BundlePlan, container_config
from runtime.kernel.cmdline import command_line
from runtime.kernel.pidfd import pidfd, send_signal
from runtime.kernel.proc import PROC, identify, is_alive
from runtime.model import ProcessIdentity
from tests.conftest import RUNTIMES, skip_or_fail
from tests.integration.conftest import InTerminal

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class OrdinaryUser:
    """A user without privileges, what is the user's own, and ways to run programs as them.

    `launcher` are the words that start the installed program, for people who may read it.
    """

    def __init__(self, name: str, home: Path, launcher: list[str], search: str) -> None:
        entry = pwd.getpwnam(name)
        self.name, self.uid, self.gid, self.home = name, entry.pw_uid, entry.pw_gid, home
        self.runtime_folder = home / "xdg-run"
        self.launcher = launcher
        self.environment = {
            "PATH": PATH,
            "HOME": str(home),
            "USER": name,
            "LANG": "C.UTF-8",
            "TERM": "xterm-256color",
            "XDG_RUNTIME_DIR": str(self.runtime_folder),
            "PYTHONPATH": search,
            "PYTHONDONTWRITEBYTECODE": "1",
            "EXECTOP_DEBUG": "1",
        }

    def words(self, *words: str, **changes: str) -> list[str]:
        """The words that run `words` as this user; `changes` are to the environment."""
        variables = [f"{name}={value}" for name, value in (self.environment | changes).items()]
        become = [f"--reuid={self.uid}", f"--regid={self.gid}", "--clear-groups", "--inh-caps=-all"]
        return ["setpriv", *become, "env", "-i", *variables, *words]

    def run(self, *words: str, input: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        """Run any program as this user, to its end."""
        command = self.words(*words)
        folder = str(self.home)
        return subprocess.run(command, input=input, capture_output=True, timeout=60, cwd=folder)

    def exectop(self, *words: str, input: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        """Run the installed program as this user, to its end."""
        return self.run(*self.launcher, *words, input=input)

    def python(self, code: str, *words: str) -> subprocess.CompletedProcess[bytes]:
        """Run a Python program as this user, with the package in reach."""
        return self.run(self.launcher[0], "-c", code, *words)

    def processes(self) -> list[ProcessIdentity]:
        """All that runs as this user; what has ended and was not waited for does not."""
        found = []
        for entry in PROC.iterdir():
            try:
                if entry.name.isdigit() and entry.stat().st_uid == self.uid:
                    found.append(identify(int(entry.name)))
            except FileNotFoundError:
                continue  # it has ended meanwhile
        return [each for each in found if each is not None and is_alive(each)]


@pytest.fixture(scope="session")
def readable_program(require_root: None) -> Iterator[tuple[list[str], str]]:
    """The words that start the installed program for anybody, and its PYTHONPATH."""
    base = Path(tempfile.mkdtemp(prefix="xt-all-"))
    base.chmod(0o755)
    checkout = Path(str(app.__file__)).parents[1]
    places = {
        "python": Path(sys.base_prefix),
        "checkout": checkout,
        "venv": Path(sys.prefix),
    }
    mounted: list[Path] = []
    try:
        for name, source in places.items():
            target = base / name
            target.mkdir()
            # Read-only: should it ever be left there, nobody who tidies up must reach through it.
            words = ["mount", "-o", "bind,ro", str(source), str(target)]
            done = subprocess.run(words, capture_output=True, text=True)
            if done.returncode:
                skip_or_fail(f"cannot mount anything here: {done.stderr.strip()}")
            mounted.append(target)
        interpreter = Path(sys.executable).resolve().relative_to(sys.base_prefix)
        libraries = Path(sysconfig.get_path("purelib")).relative_to(sys.prefix)
        launcher = [str(base / "python" / interpreter), str(base / "venv/bin/exectop")]
        yield launcher, f"{base / 'venv' / libraries}:{base / 'checkout'}"
    finally:
        for target in reversed(mounted):
            subprocess.run(["umount", "--lazy", str(target)], check=True)
        for name in places:
            (base / name).rmdir()
        base.rmdir()


@pytest.fixture(scope="session")
def account(require_program: Callable[[str], str], worker_id: str) -> Iterator[str]:
    """A user of this test run's own; gives the name."""
    for program in ("useradd", "userdel", "setpriv"):
        require_program(program)
    # Imported by other tests, too, it may be there twice at once.
    name = f"xt-{worker_id}-{os.getpid()}-{secrets.token_hex(2)}"
    words = ["useradd", "--no-create-home", "--home-dir", "/nonexistent", "--shell", "/bin/sh"]
    # Without further ids of their own: to use those takes a program that may not be there.
    words += ["-K", "SUB_UID_COUNT=0", "-K", "SUB_GID_COUNT=0"]
    done = subprocess.run([*words, name], capture_output=True, text=True)
    if done.returncode:
        skip_or_fail(f"cannot make a user here: {done.stderr.strip()}")
    yield name
    subprocess.run(["userdel", name], check=True, capture_output=True)


@pytest.fixture
def user(account: str, readable_program: tuple[list[str], str]) -> Iterator[OrdinaryUser]:
    """An ordinary user with an empty home; at the end nothing of theirs may run."""
    home = Path(tempfile.mkdtemp(prefix="xt-home-"))
    made = OrdinaryUser(account, home, *readable_program)
    made.runtime_folder.mkdir(mode=0o700)
    for folder in (home, made.runtime_folder):
        os.chown(folder, made.uid, made.gid)
    yield made
    left = [(each, command_line(each.pid)) for each in made.processes()]
    for process, _ in left:
        send_signal(process, signal.SIGKILL)
    shutil.rmtree(home)
    assert left == []


class RootlessContainer(msgspec.Struct, frozen=True):
    """A running container of an ordinary user. `root` is its runtime's state folder."""

    id: str
    runtime: str
    root: Path
    init: ProcessIdentity


@pytest.fixture
def make_rootless(
    user: OrdinaryUser,
    busybox_rootfs: Callable[[Path], Path],
    container_ids: Iterator[str],
    require_program: Callable[[str], str],
) -> Iterator[Callable[[str], RootlessContainer]]:
    """A factory of containers that the user started: `make_rootless("crun")`."""
    made: list[RootlessContainer] = []

    def make(runtime: str) -> RootlessContainer:
        require_program(runtime)
        container_id = next(container_ids)
        bundle = user.home / f"bundle-{container_id}"
        bundle.mkdir()
        config = _rootless_config(user, busybox_rootfs(bundle / "rootfs"))
        (bundle / "config.json").write_bytes(msgspec.json.encode(config))
        subprocess.run(["chown", "-R", f"{user.uid}:{user.gid}", str(bundle)], check=True)
        root = user.runtime_folder / runtime
        words = [runtime, "--root", str(root), "run", "--detach", "--pid-file", "init.pid"]
        # What the container's first process says must not go to a pipe: it would stay open.
        with (bundle / "said").open("wb") as said:
            done = subprocess.run(
                user.words(*words, container_id),
                cwd=bundle,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                timeout=60,
            )
        if done.returncode:
            skip_or_fail(f"{runtime} runs no rootless container here: {_text(bundle / 'said')}")
        init = identify(int(_text(bundle / "init.pid")))
        assert init is not None
        made.append(RootlessContainer(container_id, runtime, root, init))
        return made[-1]

    yield make
    for each in made:
        done = user.run(each.runtime, "--root", str(each.root), "delete", "--force", each.id)
        assert done.returncode == 0, done.stderr
        _wait_gone(each.init)


def _text(path: Path) -> str:
    return path.read_text(errors="replace").strip()


def _wait_gone(process: ProcessIdentity) -> None:
    # crun's delete does not wait for the process that it kills.
    with pidfd(process) as descriptor:
        if descriptor is not None:
            assert select.select([descriptor], [], [], 60)[0], f"{process} runs on"


def _rootless_config(user: OrdinaryUser, rootfs: Path) -> dict[str, Any]:
    """As `runc spec --rootless` has it: root inside is the user outside, and no cgroups."""
    config = container_config(BundlePlan(rootfs=rootfs, namespaces=("pid", "mount", "ipc", "uts")))
    linux = config["linux"]
    del linux["resources"]
    linux["namespaces"].append({"type": "user"})
    linux["uidMappings"] = [{"containerID": 0, "hostID": user.uid, "size": 1}]
    linux["gidMappings"] = [{"containerID": 0, "hostID": user.gid, "size": 1}]
    config["process"]["user"] = {"uid": 0, "gid": 0}
    for mount in config["mounts"]:
        if mount["destination"] == "/sys":
            mount |= {"type": "none", "source": "/sys"}
            mount["options"] = ["rbind", "nosuid", "noexec", "nodev", "ro"]
    return config


@pytest.fixture(params=RUNTIMES)
def mine(
    request: pytest.FixtureRequest, make_rootless: Callable[[str], RootlessContainer]
) -> RootlessContainer:
    """The user's running container, once with runc and once with crun."""
    return make_rootless(request.param)


@pytest.fixture
def user_terminal(user: OrdinaryUser) -> Iterator[Callable[..., InTerminal]]:
    """A function that runs the program as the user in a pseudo-terminal."""
    opened: list[InTerminal] = []

    def run(*words: str, rows: int = 24, columns: int = 80) -> InTerminal:
        command = user.words(*user.launcher, *words)
        opened.append(InTerminal(command, rows, columns))
        return opened[-1]

    yield run
    for terminal in opened:
        terminal.close()
