"""Where the files of a home's embedded server lie, and as which user the server runs.

This module owns every question of paths, users and permissions; `server.py` owns the server. It
opens up no directory that exists already, and never lets a cluster that exists be shadowed by a
new, empty one: it is used where it is, or refused.
"""

import errno
import hashlib
import os
import pwd
import stat
import subprocess
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PORT = 5432  # names the socket file only; the directory is private, so it clashes with nothing
ROOT_FOLDER = Path("/var/lib/bigledger")
SERVER_USERS = ("postgres", "_postgres", "nobody")  # _postgres is macOS's own
SHORT_TEMPORARY_FOLDER = Path("/tmp")  # noqa: S108 -- what is made there is checked for its owner
SOCKET_PATH_BYTES_MAX = 103  # macOS; Linux allows four more


class EmbeddedServerError(RuntimeError):
    """The embedded server cannot be had; the message is one line for a person."""

    def __init__(self, message: str) -> None:
        super().__init__(" ".join(message.split()))


@dataclass(frozen=True)
class Account:
    """A user of this machine, by number: the owner of a cluster may have no name."""

    user_id: int
    group_id: int

    @property
    def name(self) -> str:
        try:
            return f"user '{pwd.getpwuid(self.user_id).pw_name}'"
        except KeyError:
            return f"user {self.user_id}"


@dataclass(frozen=True)
class Place:
    """A home, the folder with its server's files, and whom the server runs as if we are root."""

    home: Path
    folder: Path
    account: Account | None

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def log_file(self) -> Path:
        return self.folder / "server.log"

    def open_lock(self, name: str) -> int:
        return os.open(self.folder / name, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)

    def make_folder(self) -> None:
        """Make the folder; as root, the server's user may pass through it but not look."""
        make_folders(self.folder, 0o700 if self.account is None else 0o711)

    def socket_dir(self) -> Path:
        """The directory of the socket that a server started now will have; not made here."""
        inside = self.folder / "run"
        # A comma separates hosts in libpq and directories in PostgreSQL.
        if "," not in str(inside) and _fits_socket(inside):
            return inside
        name = f"bigledger-{digest(self.home)}"
        temporary = Path(tempfile.gettempdir()) / name
        # root's own TMPDIR may be closed to the server's user.
        if self.account is None and _fits_socket(temporary):
            return temporary
        return SHORT_TEMPORARY_FOLDER / name


def locate(home: Path) -> Place:
    """Find the place of a home without creating anything."""
    home = home.resolve()
    inside = home / "postgres"
    if os.geteuid() != 0:
        _refuse_foreign_cluster(inside / "data")
        return Place(home, inside, None)
    outside = root_folder(home)
    for folder in (inside, outside):
        if (folder / "data").exists():
            return Place(home, folder, _owner_of_cluster(folder / "data"))
    account = _server_account()
    nearest = next(path for path in (inside, *inside.parents) if path.exists())
    if not nearest.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(nearest))
    return Place(home, inside if reaches(account, nearest) else outside, account)


def root_folder(home: Path) -> Path:
    """Where root keeps what the server's user cannot reach in `home` itself."""
    return ROOT_FOLDER / digest(home)


def digest(home: Path) -> str:
    return hashlib.sha256(os.fsencode(home)).hexdigest()[:12]


def socket_file(folder: Path) -> Path:
    return folder / f".s.PGSQL.{PORT}"


def _fits_socket(folder: Path) -> bool:
    return len(os.fsencode(socket_file(folder))) <= SOCKET_PATH_BYTES_MAX


def _refuse_foreign_cluster(data: Path) -> None:
    with suppress(FileNotFoundError):
        status = data.stat()
        if status.st_uid != os.geteuid():
            owner = Account(status.st_uid, status.st_gid)
            raise EmbeddedServerError(
                f"{data} belongs to {owner.name}: run as that user or as root, or choose another BIGLEDGER_HOME."
            )


def _owner_of_cluster(data: Path) -> Account:
    status = data.stat()
    owner = Account(status.st_uid, status.st_gid)
    if owner.user_id == 0:
        raise EmbeddedServerError(f"{data} belongs to root, and PostgreSQL refuses to run as root.")
    if not reaches(owner, data):
        raise EmbeddedServerError(
            f"{data} holds the database, but its owner, {owner.name}, cannot reach it: restore "
            "the permissions of the directories above it."
        )
    return owner


def _server_account() -> Account:
    for name in SERVER_USERS:
        with suppress(KeyError):
            entry = pwd.getpwnam(name)
            return Account(entry.pw_uid, entry.pw_gid)
    raise EmbeddedServerError(
        "PostgreSQL refuses to run as root, and there is no user 'postgres' or 'nobody' to run it "
        "as: run BigLedger as an ordinary user, or set DATABASE_URL."
    )


def run_as(account: Account | None) -> dict[str, Any]:
    """Arguments of `subprocess` for a child that runs as the server's user."""
    arguments: dict[str, Any] = {
        "stdin": subprocess.DEVNULL,
        "cwd": "/",
        "umask": 0o077,
        # Nothing of our environment: PGPORT, PGDATA and the like would be obeyed.
        "env": {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"},
    }
    if account is not None:
        arguments |= {"user": account.user_id, "group": account.group_id, "extra_groups": []}
    return arguments


def reaches(account: Account, path: Path) -> bool:
    """Whether the account may enter the directory or run the file; the kernel answers, as it."""
    command = ["/bin/sh", "-c", 'test -x "$1"', "sh", str(path)]
    try:
        return subprocess.run(command, check=False, **run_as(account)).returncode == 0
    except PermissionError as error:
        raise EmbeddedServerError(
            f"PostgreSQL refuses to run as root, and this root may not act as {account.name}: "
            "run BigLedger as an ordinary user, or set DATABASE_URL."
        ) from error


def make_folders(folder: Path, mode: int) -> None:
    """Make `folder` and its parent with `mode`, what is above them as usual; leave existing ones"""
    folder.parent.parent.mkdir(parents=True, exist_ok=True)
    for path in (folder.parent, folder):
        with suppress(FileExistsError):
            path.mkdir(mode=mode)
            path.chmod(mode)  # whatever the umask


def make_private(folder: Path, account: Account | None) -> None:
    """Make `folder` the server's alone, or refuse one that somebody else has put there."""
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    status = folder.lstat()
    owner = account or Account(os.geteuid(), os.getegid())
    if not stat.S_ISDIR(status.st_mode) or status.st_uid not in (owner.user_id, os.geteuid()):
        raise EmbeddedServerError(f"{folder} is not a directory of {owner.name}: remove it.")
    folder.chmod(0o700)
    if status.st_uid != owner.user_id:
        os.chown(folder, owner.user_id, owner.group_id)
