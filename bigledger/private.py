"""What BigLedger writes on a machine is its own user's alone: mails, documents, logs and queues hold secrets, too."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path

_OTHERS = 0o077
# Kept by `bigledger/postgres/place.py`; the server may run as another user, who has to pass through.
_SERVER_FOLDER = "postgres"


def keep_files_private() -> None:
    """For whatever this process and its children make from now on."""
    os.umask(_OTHERS)


def close_home(home: Path) -> None:
    """Takes from others what they may do with a home that an earlier version made open.

    A folder that is closed has been seen to before, so a start is not slowed by many documents. As root the home of
    a server that lies in it and runs as somebody else stays passable, though not readable.
    """
    if not home.is_dir():
        return
    for path in home.iterdir():
        if path.name == _SERVER_FOLDER and path.is_dir():
            for file in path.iterdir():
                if file.is_file():
                    _close(file)
        else:
            _close_tree(path)
    foreign = os.geteuid() == 0 and (home / _SERVER_FOLDER / "data").exists()
    home.chmod(0o711 if foreign else 0o700)


def _close_tree(path: Path) -> None:
    if path.is_symlink():
        return
    if path.is_dir():
        if not stat.S_IMODE(path.stat().st_mode) & _OTHERS:
            return
        for inside in path.iterdir():
            _close_tree(inside)
    _close(path)


def _close(path: Path) -> None:
    with suppress(FileNotFoundError, PermissionError):  # gone meanwhile; somebody else's, who decides about it
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & _OTHERS and not path.is_symlink():
            path.chmod(mode & ~_OTHERS)
