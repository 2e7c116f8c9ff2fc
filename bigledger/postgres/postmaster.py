"""The server process of one place: creating its cluster, finding, starting and ending it.

Whoever calls holds the gate of the place (`server.py`), so nobody else does the same meanwhile.
PostgreSQL's own interlocks stay in force beneath: two servers never run on one cluster.
"""

import os
import re
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

from bigledger.postgres.place import (
    PORT,
    EmbeddedServerError,
    Place,
    make_private,
    run_as,
    socket_file,
)

SUPERUSER = "postgres"
LOG_BYTES_MAX = 10 * 1024 * 1024
START_TIMEOUT_SECONDS = 600.0  # recovery after a crash replays the write-ahead log
LINGERING_TIMEOUT_SECONDS = 30.0
STOP_TIMEOUT_SECONDS = 60.0
CONNECT_TIMEOUT_SECONDS = 5.0
POLL_SECONDS = 0.02
REASON_LENGTH_MAX = 400
PID_FILE_LINES = 8
PROCESSES = Path("/proc")  # Linux; macOS has `ps` always, a small Linux image has not

DEFAULT_SETTINGS = {
    "max_connections": "200",
    "password_encryption": "scram-sha-256",
    # A table that fills from nothing is planned for badly until it is first analysed, by default a minute later.
    "autovacuum_naptime": "10s",
    # A statement that fails is told to whoever sent it. The server's log would repeat it, with the row's values.
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
}

# What PostgreSQL says while processes of a killed server have not gone yet.
LINGERING = ("is still in use", "already exists")

_spawned: set[int] = set()  # servers that are our own children, which only we may reap


def create_cluster(place: Place, bin_dir: Path, gate: int) -> None:
    """Create the cluster unless it exists; it appears whole, or not at all."""
    if (place.data / "PG_VERSION").exists():
        return
    unfinished = place.folder / "data.new"
    if unfinished.exists():
        shutil.rmtree(unfinished)
    make_private(unfinished, place.account)
    # The built-in provider sorts alike on every system; it needs none of the system's locales.
    locale = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    trust = ["--auth-local=trust", "--auth-host=reject"]
    who = [f"--username={SUPERUSER}", "--encoding=UTF8", "--no-instructions"]
    result = subprocess.run(
        [bin_dir / "initdb", f"--pgdata={unfinished}", *who, *locale, *trust],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        check=False,
        # Holds the gate for as long as initdb lives, should we be killed: nobody then removes
        # the directory under it.
        pass_fds=[gate],
        **run_as(place.account),
    )
    if result.returncode != 0:
        reason = _reason(result.stderr.decode(errors="replace"))
        raise EmbeddedServerError(f"PostgreSQL could not create {place.data}: {reason}")
    unfinished.rename(place.data)
    folder = os.open(place.folder, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)


def answering(place: Place) -> Path | None:
    """The socket directory, if a server of this cluster is ready and accepts on its socket.

    The pid plays no part: it may be a zombie's or, by now, another program's. The directory is
    private, so whoever listens there is the server.
    """
    lines = _pid_file_lines(place)
    if len(lines) < PID_FILE_LINES or lines[7].strip() != "ready":
        return None
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(CONNECT_TIMEOUT_SECONDS)
        try:
            probe.connect(str(socket_file(Path(lines[4]))))
        except OSError:
            return None
    return Path(lines[4])


def launch(place: Place, bin_dir: Path, settings: Mapping[str, str]) -> Path:
    """Start the server and wait until it answers; wait, too, for one that is on its way already.

    A process of a killed server may linger, and PostgreSQL then rightly refuses to start: that is
    tried again for a while. Any other refusal is final.
    """
    socket_dir = place.socket_dir()
    make_private(socket_dir, place.account)
    began = time.monotonic()
    log_offset = 0
    process: subprocess.Popen[bytes] | None = None
    while time.monotonic() - began < START_TIMEOUT_SECONDS:
        if found := answering(place):
            if process is not None:
                process.returncode = 0  # it outlives this object: no warning of a lost child
            return found
        if process is None and _living_pid(place) is None:
            for stale in (place.data / "postmaster.pid", Path(f"{socket_file(socket_dir)}.lock")):
                stale.unlink(missing_ok=True)
            log_offset = _rotate(place.log_file)
            process = _spawn(place, bin_dir, socket_dir, settings)
        elif process is not None and process.poll() is not None:
            _spawned.discard(process.pid)
            process = None
            reason = _reason(place.log_file.read_bytes()[log_offset:].decode(errors="replace"))
            patient = time.monotonic() - began < LINGERING_TIMEOUT_SECONDS
            if not (patient and any(sign in reason for sign in LINGERING)):
                raise EmbeddedServerError(f"PostgreSQL did not start: {reason} (log: {place.log_file})")
        time.sleep(POLL_SECONDS)
    raise EmbeddedServerError(f"PostgreSQL was not ready after {START_TIMEOUT_SECONDS:.0f} s (log: {place.log_file})")


def shut_down(place: Place) -> None:
    """Stop the server: politely (its clients are disconnected), then as a crash, which is safe."""
    for number in (signal.SIGINT, signal.SIGQUIT):
        pid = _living_pid(place)
        if pid is None:
            return
        os.kill(pid, number)
        deadline = time.monotonic() + STOP_TIMEOUT_SECONDS
        while time.monotonic() < deadline:
            if _living_pid(place) is None:
                _reap(pid, 0)  # the pid file goes a moment before the process
                return
            time.sleep(POLL_SECONDS)
    raise EmbeddedServerError(f"PostgreSQL does not stop (log: {place.log_file})")


def forget_children() -> None:
    """In a forked child: the servers are our parent's children."""
    _spawned.clear()


def _spawn(place: Place, bin_dir: Path, socket_dir: Path, settings: Mapping[str, str]) -> subprocess.Popen[bytes]:
    fixed = {
        "listen_addresses": "",
        "unix_socket_directories": str(socket_dir),
        "unix_socket_permissions": "0700",
        "port": str(PORT),
        "lc_messages": "C",  # `LINGERING` and `_reason` read them
    }
    command = [str(bin_dir / "postgres"), "-D", str(place.data)]
    for name, value in {**DEFAULT_SETTINGS, **settings, **fixed}.items():
        command += ["-c", f"{name}={value}"]
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW
    log = os.open(place.log_file, flags, 0o600)
    try:
        # A session of its own: Ctrl-C and the end of the terminal do not reach it.
        process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True, **run_as(place.account))
    finally:
        os.close(log)
    _spawned.add(process.pid)
    return process


def _pid_file_lines(place: Place) -> list[str]:
    """postmaster.pid: line 1 the pid, line 5 the socket directory, line 8 the state."""
    try:
        return os.fsdecode((place.data / "postmaster.pid").read_bytes()).splitlines()
    except FileNotFoundError:
        return []


def _living_pid(place: Place) -> int | None:
    """The pid of this cluster's server if that process is really alive, ready or not."""
    lines = _pid_file_lines(place)
    if not lines or not lines[0].strip().isdigit():
        return None
    pid = int(lines[0])
    _reap(pid, os.WNOHANG)
    return pid if f" -D {place.data} " in _command_line(pid) else None


def _command_line(pid: int) -> str:
    """The arguments of a living process; for a zombie neither system has any."""
    if PROCESSES.is_dir():
        try:
            return os.fsdecode((PROCESSES / str(pid) / "cmdline").read_bytes().replace(b"\0", b" "))
        except (FileNotFoundError, ProcessLookupError):
            return ""
    command = ["ps", "-ww", "-o", "command=", "-p", str(pid)]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


def _reap(pid: int, options: int) -> None:
    if pid in _spawned:
        try:
            reaped, _ = os.waitpid(pid, options)
        except ChildProcessError:  # somebody else has reaped it
            reaped = pid
        if reaped:
            _spawned.discard(pid)


def _rotate(log_file: Path) -> int:
    """Put a large log aside; return where the next line will be written."""
    size = log_file.stat().st_size if log_file.exists() else 0
    if size <= LOG_BYTES_MAX:
        return size
    log_file.replace(log_file.with_name(f"{log_file.name}.1"))
    return 0


def _reason(output: str) -> str:
    """The part of PostgreSQL's output that says why it gave up, in one line."""
    lines = output.splitlines() or ["it printed nothing"]
    for number, line in enumerate(lines):  # the first fault; later ones follow from it
        if found := re.search(r"(?:FATAL|PANIC|initdb: error): *(.*)", line):
            more = [re.search(r"(?:DETAIL|HINT): *(.*)", line) for line in lines[number + 1 :]]
            sentences = [found[1], *(match[1] for match in more if match)]
            return ". ".join(sentences)[:REASON_LENGTH_MAX]
    return lines[-1].strip()[:REASON_LENGTH_MAX]
