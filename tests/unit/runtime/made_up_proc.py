"""A /proc of a test's own: folders and links as the kernel would show them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

OWN_PID_NS = "pid:[1]"
OWN_MNT_NS = "mnt:[1]"


class MadeUpProc:
    """Processes that are only text. Each `add` of a pid makes another process than before."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._graveyard = folder.with_name(f"{folder.name}-ended")
        self._graveyard.mkdir(parents=True)
        folder.mkdir(parents=True)
        self._ended = 0

    def add(
        self,
        pid: int,
        ppid: int = 1,
        *,
        pid_ns: str = OWN_PID_NS,
        mnt_ns: str = OWN_MNT_NS,
        session: int | None = None,
        start: int | None = None,
        comm: str = "sleep",
        words: Sequence[str] = ("sleep", "9"),
        inner: Sequence[int] = (),
        state: str = "S",
        tty: int = 0,
    ) -> None:
        """One more process; `inner` are its pids in the namespaces within ours."""
        if (self.folder / str(pid)).exists():
            self.remove(pid)
        home = self.folder / str(pid)
        (home / "ns").mkdir(parents=True)
        (home / "fd").mkdir()
        start = pid if start is None else start
        session = pid if session is None else session
        numbers = f"{ppid} {pid} {session} {tty} -1 0 0 0 0 0 10 20 30 40 20 0 1 0 {start} 4096 7"
        (home / "stat").write_text(f"{pid} ({comm}) {state} {numbers} 0 0 0")
        (home / "cmdline").write_bytes(b"".join(each.encode() + b"\0" for each in words))
        pids = "\t".join(map(str, (pid, *inner)))
        (home / "status").write_text(f"Name:\t{comm}\nUid:\t5\t6\t7\t8\nNSpid:\t{pids}\n")
        (home / "uid_map").write_text("         0          0 4294967295\n")
        self.enter(pid, pid_ns=pid_ns, mnt_ns=mnt_ns)

    def enter(self, pid: int, *, pid_ns: str = "", mnt_ns: str = "") -> None:
        """The process is in these namespaces from now on; "" leaves one as it is."""
        for name, target in (("pid", pid_ns), ("mnt", mnt_ns)):
            link = self.folder / str(pid) / "ns" / name
            if target:
                link.unlink(missing_ok=True)
                link.symlink_to(target)

    def write(self, pid: int, name: str, text: str) -> None:
        """One more file of a process."""
        (self.folder / str(pid) / name).write_text(text)

    def link(self, pid: int, name: str, target: str) -> None:
        """One more link of a process."""
        (self.folder / str(pid) / name).symlink_to(target)

    def leaves(self, pid: int) -> None:
        """The process is ending: it is there, but in no namespace any more (PF_EXITING)."""
        stat = self.folder / str(pid) / "stat"
        if stat.exists():
            stat.write_text(stat.read_text().replace(" -1 0 ", " -1 4 ", 1))

    def stay(self) -> None:
        """Whoever was about to leave does not."""
        for stat in self.folder.glob("*/stat"):
            stat.write_text(stat.read_text().replace(" -1 4 ", " -1 0 ", 1))

    def remove(self, pid: int) -> None:
        """The process is gone. Its folder is only moved: its inode's number stays in use."""
        self._ended += 1
        (self.folder / str(pid)).rename(self._graveyard / str(self._ended))

    def back(self, pid: int) -> None:
        """The process that went last is there again, as it was."""
        (self._graveyard / str(self._ended)).rename(self.folder / str(pid))
