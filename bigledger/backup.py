"""One file with everything that the embedded deployment keeps: database, source documents, secret key.

The file is a tar archive: `manifest.json` first, then `secret.key` when the home has one, `books.dump` (pg_dump, custom
format, of one moment) and `files/`. The documents are copied after the dump, so that each one that the dump names is
there; they never change.
"""

from __future__ import annotations

import hashlib
import hmac
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import msgspec

from bigledger.postgres.server import SUPERUSER, Server

FORMAT = 1
KEY, DUMP, FILES, MANIFEST = "secret.key", "books.dump", "files", "manifest.json"


class Unusable(Exception):
    """The backup cannot be made or restored; the text says why, for whoever runs the command."""


class Manifest(msgspec.Struct, frozen=True):
    """What the archive says of itself. `key_check` tells the right SECRET_KEY and nothing else about it."""

    format: int
    made_at: datetime
    environment: str
    dump_sha256: str
    key_check: str


def key_check(secret_key: str) -> str:
    """The same text for the same key, from which the key does not follow."""
    return hmac.new(secret_key.encode(), b"which key a backup belongs to", hashlib.sha256).hexdigest()


def make(target: Path, *, home: Path, server: Server, database: str, environment: str, secret_key: str) -> int:
    """Writes the archive, whole or not at all; returns its bytes. Raises Unusable."""
    if target.exists():
        raise Unusable(f"{target} exists; name another file")
    try:
        with tempfile.TemporaryDirectory(prefix=".backup-", dir=target.parent) as folder:
            dump, unfinished = Path(folder) / DUMP, Path(folder) / "unfinished.tar"
            with dump.open("wb") as written:
                _run(server, "pg_dump", "--format=custom", "--dbname", database, stdout=written)
            manifest = Manifest(FORMAT, datetime.now(UTC), environment, _sha256(dump), key_check(secret_key))
            with tarfile.open(unfinished, "w") as archive:
                _add_manifest(archive, manifest)
                for path in (home / KEY, dump, home / FILES):
                    if path.exists():
                        archive.add(path, path.name)
            size = unfinished.stat().st_size
            unfinished.rename(target)
            return size
    except OSError as fault:
        raise Unusable(f"{target} cannot be written: {fault.strerror}") from fault


@contextmanager
def opened(source: Path) -> Iterator[tuple[tarfile.TarFile, Manifest]]:
    """The archive and its manifest. Raises Unusable for a file that is none of ours, or of a later version."""
    try:
        with tarfile.open(source) as archive:
            found = archive.extractfile(MANIFEST)
            manifest = msgspec.json.decode(found.read() if found else b"", type=Manifest)
            if manifest.format != FORMAT:
                raise Unusable(f"{source} has format {manifest.format}; this version reads format {FORMAT}")
            yield archive, manifest
    except (tarfile.TarError, KeyError, msgspec.MsgspecError) as fault:
        raise Unusable(f"{source} is not a backup of BigLedger, or is not complete") from fault
    except OSError as fault:
        raise Unusable(f"{source} cannot be read: {fault.strerror}") from fault


def key_of(archive: tarfile.TarFile) -> str | None:
    """The secret key that came along; None for a deployment that keeps its own in the environment."""
    try:
        found = archive.extractfile(KEY)
    except KeyError:
        return None
    return found.read().decode() if found else None


def restore_database(archive: tarfile.TarFile, manifest: Manifest, *, server: Server, database: str) -> None:
    """Into a database without tables, all or nothing. Raises Unusable."""
    with tempfile.TemporaryDirectory(prefix="bigledger-restore-") as folder:
        archive.extract(DUMP, folder, filter="data")
        dump = Path(folder) / DUMP
        if _sha256(dump) != manifest.dump_sha256:
            raise Unusable("the database in the backup is damaged: its SHA-256 is not the one of the manifest")
        with dump.open("rb") as read:
            _run(server, "pg_restore", "--exit-on-error", "--single-transaction", "--dbname", database, stdin=read)


def restore_files(archive: tarfile.TarFile, home: Path) -> int:
    """The source documents; returns how many."""
    members = [member for member in archive.getmembers() if member.name.startswith(f"{FILES}/")]
    archive.extractall(home, members, filter="data")
    return sum(member.isfile() for member in members)


def _add_manifest(archive: tarfile.TarFile, manifest: Manifest) -> None:
    text = msgspec.json.encode(manifest)
    member = tarfile.TarInfo(MANIFEST)
    member.size, member.mode, member.mtime = len(text), 0o600, int(manifest.made_at.timestamp())
    archive.addfile(member, BytesIO(text))


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _run(server: Server, program: str, *arguments: str, **streams: object) -> None:
    command = [server.bin_dir / program, "--host", str(server.socket_dir), "--username", SUPERUSER, *arguments]
    # PGOPTIONS and the like would be obeyed.
    environment = {"PATH": "/usr/bin:/bin", "LC_ALL": "C"}
    result = subprocess.run(command, stderr=subprocess.PIPE, check=False, env=environment, **streams)  # type: ignore[call-overload]
    if result.returncode:
        reason = result.stderr.decode(errors="replace").strip().splitlines() or ["no reason given"]
        raise Unusable(f"{program} failed: {reason[0]}")
