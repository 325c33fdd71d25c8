"""Folders that only their owner may enter, whatever the umask says."""

from __future__ import annotations

from pathlib import Path


def make_private(folder: Path) -> None:
    """Make a folder, and those above it that are missing, with mode 0700 each.

    One that is there already is left as it is. Raises OSError, FileExistsError for a file.
    """
    # Path.mkdir(parents=True) gives the folders above the umask's mode: at worst 0777.
    try:
        folder.mkdir(mode=0o700)
    except FileNotFoundError:
        make_private(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)
    except FileExistsError:
        if not folder.is_dir():
            raise
