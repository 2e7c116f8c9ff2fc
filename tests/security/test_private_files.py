"""Kind: secrets in files that other users of the machine may read."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from bigledger.postgres import place
from bigledger.private import close_home
from tests.platform.test_crash import PROJECT, System, environment, home  # noqa: F401 - a fixture

PROGRAMS = [
    ["manage.py", "check"],
    ["-m", "celery", "--app", "bigledger.celery", "report"],
    ["-c", "import bigledger.wsgi"],
    ["-c", "import bigledger.asgi"],
]
OTHERS_READ_OR_WRITE = 0o066


def open_to_others(folder: Path, forbidden: int = 0o077) -> list[str]:
    """Files that a running server removes meanwhile are nobody's."""
    inside = [Path(at, name) for at, folders, files in os.walk(folder) for name in (*folders, *files)]
    found = []
    for path in [folder, *inside]:
        with suppress(FileNotFoundError):
            mode = path.lstat().st_mode
            if not stat.S_ISLNK(mode) and stat.S_IMODE(mode) & forbidden:
                found.append(f"{path} {stat.S_IMODE(mode):o}")
    return found


def ask(system: System, path: str, body: bytes, content_type: str) -> None:
    headers = {"Authorization": f"Bearer {system.api_key}", "Content-Type": content_type}
    url = f"http://127.0.0.1:{system.environment['PORT']}{path}"
    with urllib.request.urlopen(urllib.request.Request(url, body, headers), timeout=60) as answer:
        assert answer.status in (200, 201)


def test_a_used_home_is_its_users_alone(home: Path) -> None:  # noqa: F811
    """Made open as by an earlier version, started, and used for everything that writes a file."""
    (home / "mail").mkdir(mode=0o755)
    (home / "files" / "documents").mkdir(parents=True, mode=0o755)
    for old in (home / "mail" / "old.log", home / "files" / "documents" / "old.pdf"):
        old.touch(mode=0o644)
        old.chmod(0o644)
    for folder in (home / "mail", home / "files", home / "files" / "documents"):
        folder.chmod(0o755)
    system = System(home)
    try:
        invitation = json.dumps({"email": "new@example.com", "role": "viewer"}).encode()
        ask(system, "/v1/invitations", invitation, "application/json")
        form = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\nsecret\r\n--b--\r\n'
        ask(system, "/v1/documents", form, "multipart/form-data; boundary=b")
        deadline = time.monotonic() + 30
        while not (home / "mail").is_dir() or len(list((home / "mail").iterdir())) < 2:
            assert time.monotonic() < deadline, "no mail was written"
            time.sleep(0.1)

        written = {path.relative_to(home).parts[0] for path in home.rglob("*") if path.is_file()}
        assert {"mail", "files", "logs", "demo.json"} <= written
        assert len([path for path in (home / "files").rglob("*") if path.is_file()]) >= 2
        assert open_to_others(home) == []
        outside = place.root_folder(home)
        if outside.exists():  # as root: another user's server passes through the folder and reads none of it
            assert open_to_others(outside, OTHERS_READ_OR_WRITE) == []
            assert [path for path in outside.iterdir() if path.is_file() and open_to_others(path)] == []
            assert open_to_others(outside / "data") == open_to_others(outside / "run") == []
        else:
            assert (home / "postgres" / "data").is_dir()
    finally:
        system.process.send_signal(signal.SIGTERM)
        system.process.wait(60)


@pytest.mark.parametrize("program", PROGRAMS, ids=" ".join)
def test_no_entry_point_leaves_the_umask_to_the_shell(tmp_path: Path, program: list[str]) -> None:
    """Whatever is started, also without `manage.py up`, as on several machines. The program tells its own at its
    end, since nothing after that makes a file."""
    (tmp_path / "sitecustomize.py").write_text(
        "import atexit, os\natexit.register(lambda: print(f'{os.umask(0):o}'))\n"
    )
    env = environment(tmp_path / "home") | {"SECRET_KEY": os.urandom(32).hex(), "PYTHONPATH": f"{tmp_path}:{PROJECT}"}
    shown = subprocess.run(
        [sys.executable, *program], env=env, cwd=PROJECT, capture_output=True, text=True, check=True,
        preexec_fn=lambda: os.umask(0),
    )  # fmt: skip

    assert shown.stdout.splitlines()[-1] == "77"


@pytest.fixture
def old_home(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "old"
    for part in ("mail", "files/documents/x", "logs", "broker"):
        (folder / part).mkdir(parents=True)
        (folder / part / "one").touch()
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o777 if path.is_dir() else 0o666)
    yield folder


def test_a_home_of_an_earlier_version_is_closed(old_home: Path) -> None:
    close_home(old_home)

    assert open_to_others(old_home) == []
    assert len(list(old_home.rglob("one"))) == 4


def test_a_link_is_not_followed(old_home: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    elsewhere.chmod(0o755)
    (old_home / "link").symlink_to(elsewhere)

    close_home(old_home)

    assert stat.S_IMODE(elsewhere.stat().st_mode) == 0o755


def test_a_missing_home_is_not_created(tmp_path: Path) -> None:
    close_home(tmp_path / "none")

    assert not (tmp_path / "none").exists()
