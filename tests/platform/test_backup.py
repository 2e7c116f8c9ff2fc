"""`manage.py backup` and `restore`, as an operator runs them: what comes back is what was there, or nothing does."""

from __future__ import annotations

import secrets
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from bigledger.postgres import place, server
from tests.platform.test_crash import PROJECT, environment


def manage(home: Path, *command: str, **changes: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "ignore", "manage.py", *command],
        cwd=PROJECT,
        env=environment(home, **changes),
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def homes() -> Iterator[Path]:
    """A folder for homes; not pytest's own, which the server's user may not enter when the suite runs as root."""
    folder = Path(tempfile.mkdtemp(prefix="bigledger-backup-"))
    folder.chmod(0o755)
    yield folder
    for home in folder.iterdir():
        if home.is_dir():
            server.stop(home)
            shutil.rmtree(place.root_folder(home), ignore_errors=True)
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def kept(homes: Path) -> Path:
    """A home with the demo books, whose server runs for as long as the tests."""
    home = homes / "kept"
    home.mkdir()
    server.start(home)
    assert manage(home, "migrate", "--verbosity", "0").returncode == 0
    assert manage(home, "demo").returncode == 0
    return home


@pytest.fixture(scope="module")
def archive(kept: Path, homes: Path) -> Path:
    file = homes / "books.tar"
    made = manage(kept, "backup", str(file))
    assert (made.returncode, made.stdout) == (0, f"{file}: {file.stat().st_size:,} bytes.\n"), made.stderr
    return file


def changed(archive: Path, target: Path, name: str, content: bytes | None) -> Path:
    """The archive with one member replaced, or without it."""
    with tarfile.open(archive) as old, tarfile.open(target, "w") as new:
        for member in old.getmembers():
            data = old.extractfile(member)
            body = data.read() if data else b""
            if member.name == name:
                if content is None:
                    continue
                body = content
            member.size = len(body)
            with tempfile.TemporaryFile() as file:
                file.write(body)
                file.seek(0)
                new.addfile(member, file)
    return target


def test_what_is_restored_is_what_was_there(kept: Path, archive: Path, homes: Path) -> None:
    home = homes / "restored"

    restored = manage(home, "restore", str(archive))

    assert restored.returncode == 0, restored.stderr
    assert "the books are sound" in restored.stdout
    heads = manage(home, "verify_log")
    assert heads.stdout == manage(kept, "verify_log").stdout  # the same chain to its last link, of every tenant
    assert heads.stdout.count(" ok\n") == 1
    assert (home / "secret.key").read_text() == (kept / "secret.key").read_text()
    documents = {path.relative_to(kept): path.read_bytes() for path in (kept / "files").rglob("*") if path.is_file()}
    assert documents
    assert {path.relative_to(home): path.read_bytes() for path in (home / "files").rglob("*") if path.is_file()} == (
        documents
    )


def test_the_archive_is_for_its_owner_alone(archive: Path) -> None:
    assert archive.stat().st_mode & 0o077 == 0


def test_a_backup_overwrites_nothing(kept: Path, archive: Path) -> None:
    before = archive.read_bytes()

    again = manage(kept, "backup", str(archive))

    assert (again.returncode, again.stderr) == (1, f"CommandError: {archive} exists; name another file\n")
    assert archive.read_bytes() == before


def test_a_backup_that_cannot_be_written_leaves_nothing(kept: Path, homes: Path) -> None:
    nowhere = homes / "no such folder" / "books.tar"

    answer = manage(kept, "backup", str(nowhere))

    assert (answer.returncode, answer.stderr) == (
        1,
        f"CommandError: {nowhere} cannot be written: No such file or directory\n",
    )


def test_a_home_with_books_is_not_restored_into(kept: Path, archive: Path) -> None:
    before = manage(kept, "verify_log").stdout

    answer = manage(kept, "restore", str(archive))

    assert answer.returncode == 1
    assert "has books; set BIGLEDGER_HOME to a directory that is empty" in answer.stderr
    assert manage(kept, "verify_log").stdout == before


def test_servers_of_ones_own_have_their_own_backups(kept: Path, archive: Path, homes: Path) -> None:
    own = {"DATABASE_URL": "postgresql://owner@127.0.0.1:1/books"}
    for command in (("backup", str(homes / "other.tar")), ("restore", str(archive))):
        answer = manage(kept, *command, **own)

        assert answer.returncode == 1
        assert "a PostgreSQL server of your own; use its backups" in answer.stderr


@pytest.mark.parametrize(
    ("case", "says"),
    [
        ("cut", "is not a backup of BigLedger, or is not complete"),
        ("text", "is not a backup of BigLedger, or is not complete"),
        ("missing", "cannot be read: No such file or directory"),
        ("later", "has format 2; this version reads format 1"),
        ("damaged", "is damaged: its SHA-256 is not the one of the manifest"),
        ("key", "was made with another SECRET_KEY"),
        ("environment", "is of another environment; set BIGLEDGER_ENVIRONMENT=sandbox"),
    ],
)
def test_what_cannot_be_restored_leaves_the_home_without_books(
    case: str, says: str, archive: Path, homes: Path
) -> None:
    file, home = homes / f"{case}.tar", homes / f"home-{case}"
    given: dict[str, str] = {}
    match case:
        case "cut":
            file.write_bytes(archive.read_bytes()[:5000])
        case "text":
            file.write_text("books")
        case "later":
            with tarfile.open(archive) as whole:
                manifest = whole.extractfile("manifest.json")
                assert manifest is not None
                text = manifest.read()
            changed(archive, file, "manifest.json", text.replace(b'"format":1', b'"format":2'))
        case "damaged":
            changed(archive, file, "books.dump", b"PGDMP")
        case "key":
            changed(archive, file, "secret.key", None)
        case "environment":
            shutil.copy(archive, file)
            given = {"BIGLEDGER_ENVIRONMENT": "staging", "SECRET_KEY": secrets.token_urlsafe(48)}
            given |= {"ALLOWED_HOSTS": "127.0.0.1", "PUBLIC_URL": "https://books.example"}

    answer = manage(home, "restore", str(file), **given)

    assert answer.returncode == 1, answer.stdout
    assert says in answer.stderr
    assert "Traceback" not in answer.stderr
    assert not list((home / "files").rglob("*"))
    if case == "damaged":  # what failed once does not stand in the way of a good file
        assert manage(home, "restore", str(archive)).returncode == 0
