"""Root filesystems built from what the host already has."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from runtime.errors import AccessDeniedError, ExectopError

BUSYBOX_PLACES = ("/bin/busybox", "/usr/bin/busybox", "/usr/lib/initramfs-tools/bin/busybox")

PASSWD = (
    "root:x:0:0:root:/root:/bin/sh\n"
    "nobody:x:65534:65534:nobody:/:/bin/false\n"
    "dev:x:1000:1000:dev:/home/dev:/bin/sh\n"
)
GROUP = "root:x:0:\nstaff:x:50:dev\nnogroup:x:65534:\ndev:x:1000:\n"

_FOLDERS = ("bin", "dev", "etc", "home", "proc", "run", "sys", "usr", "var")
_HOST_LINKS = ("bin", "sbin", "lib", "lib32", "lib64", "libx32")
_LINKER_FILES = ("ld.so.cache", "ld.so.conf")


def find_busybox() -> Path | None:
    """A busybox that needs no libraries of its host, or None.

    It must work inside an otherwise empty root, so a dynamically linked one does not count.
    """
    for place in map(Path, BUSYBOX_PLACES):
        if place.is_file() and b"/ld-linux" not in place.read_bytes() and _applets(place):
            return place.resolve()
    return None


def build_busybox_rootfs(root: Path, busybox: Path) -> None:
    """Make a root filesystem at `root` in which every applet of `busybox` is a command."""
    _make_skeleton(root)
    target = root / "bin/busybox"
    shutil.copyfile(busybox, target)
    target.chmod(0o755)
    for applet in _applets(busybox):
        if applet != "busybox":
            (root / "bin" / applet).symlink_to("busybox")


def build_host_rootfs(root: Path) -> None:
    """Make a root filesystem at `root` whose programs are the host's, by a bind mount of /usr.

    Only the links are made here; the mount of /usr belongs into the bundle.
    """
    _make_skeleton(root)
    (root / "bin").rmdir()
    for name in _HOST_LINKS:
        if (Path("/usr") / name).is_dir():
            (root / name).symlink_to(f"usr/{name}")
    for name in _LINKER_FILES:
        if (Path("/etc") / name).is_file():
            shutil.copyfile(Path("/etc") / name, root / "etc" / name)


def _make_skeleton(root: Path) -> None:
    for name in _FOLDERS:
        (root / name).mkdir(parents=True, mode=0o755)
    (root / "root").mkdir(mode=0o700)
    (root / "tmp").mkdir()
    (root / "tmp").chmod(0o1777)
    (root / "etc/passwd").write_text(PASSWD, "ascii")
    (root / "etc/group").write_text(GROUP, "ascii")
    home = root / "home/dev"
    home.mkdir(mode=0o755)
    try:
        os.chown(home, 1000, 1000)
    except PermissionError as error:
        raise AccessDeniedError(
            f"cannot give {home} to the container's user: {error.strerror}",
            hint="run this as root",
        ) from error


def _applets(busybox: Path) -> list[str]:
    try:
        listed = subprocess.run(
            [busybox, "--list"], capture_output=True, text=True, check=True, timeout=10
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise ExectopError(
            f"{busybox} does not run: {error}", hint="reinstall the package busybox-static"
        ) from error
    return listed.stdout.split()
