"""The private PostgreSQL server of one BigLedger home: created, started, shared and stopped here.

This module owns the leases; `place.py` knows where things lie and as whom the server runs,
`wheel.py` the binaries, `postmaster.py` the server process. None imports Django, because settings
call this before Django exists.

What lies under `home/postgres`:

    data/         the cluster (made as `data.new` and renamed, so it is whole or absent)
    run/          the directory of the unix socket, 0700; trust authentication is safe inside it
    server.log    what the server prints (the one before, from 10 MB on, is server.log.1)
    gate.lock     held exclusively while a process starts or stops the server
    lease.lock    held shared by every process that uses the server: its lease

The server runs in a session of its own and belongs to no process. A lease is a `flock`, so the
kernel takes it back however its holder dies; `stop` ends the server when no lease is left. After
SIGKILL of the last holder nobody is there to do that: the server stays, idle, and the next
`start` joins it. A forked child inherits no lease: it calls `start` itself if it needs one.

A socket path holds about a hundred bytes. For a longer home the socket lies in
`<temporary directory>/bigledger-<hash of the home>`, 0700 and checked for its owner.

As root the server runs as the owner of the cluster, for a new one as `postgres` if the machine
has that user and as `nobody` if not, since PostgreSQL refuses root. Where that user cannot reach
the home (below /root, say) everything listed above lies in `/var/lib/bigledger/<hash of the
home>`; where it cannot reach the wheel, a copy of the binaries lies there too.
"""

import atexit
import fcntl
import os
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from bigledger.postgres import postmaster
from bigledger.postgres.place import PORT, EmbeddedServerError, Place, locate
from bigledger.postgres.postmaster import SUPERUSER
from bigledger.postgres.wheel import find_binaries

__all__ = [
    "PORT",
    "SUPERUSER",
    "EmbeddedServerError",
    "Server",
    "running_socket_dir",
    "start",
    "stop",
]

NO_SETTINGS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class Server:
    """A server that was answering when it was returned."""

    socket_dir: Path
    bin_dir: Path
    log_file: Path


_leases: dict[Path, int] = {}  # resolved home -> file descriptor that holds the shared lock
_mutex = threading.RLock()


def start(home: Path, settings: Mapping[str, str] = NO_SETTINGS) -> Server:
    """Start or join the server of `home` and hold a lease on it until `stop` or our end.

    `settings` are PostgreSQL's (`shared_buffers` and the like). They count for the process that
    starts the server; one that joins takes the server as it is.
    """
    with _mutex:
        joined_before = home.resolve() in _leases
        try:
            return _start(home, settings)
        except BaseException as error:
            if not joined_before:
                with suppress(EmbeddedServerError):
                    stop(home)  # leave neither a lease nor a half-started server behind
            if isinstance(error, OSError):
                raise _cannot_use(home, error) from error
            raise


def _start(home: Path, settings: Mapping[str, str]) -> Server:
    place = locate(home)
    place.make_folder()
    with _gate(place) as gate:
        if place.home not in _leases:
            _leases[place.home] = place.open_lock("lease.lock")
            fcntl.flock(_leases[place.home], fcntl.LOCK_SH)
        bin_dir = find_binaries(place)
        socket_dir = postmaster.answering(place)
        if socket_dir is None:
            postmaster.create_cluster(place, bin_dir, gate)
            socket_dir = postmaster.launch(place, bin_dir, settings)
    return Server(socket_dir=socket_dir, bin_dir=bin_dir, log_file=place.log_file)


def running_socket_dir(home: Path) -> Path | None:
    """The socket directory of the home's server if it answers; starts and creates nothing."""
    try:
        return postmaster.answering(locate(home))
    except (OSError, EmbeddedServerError):
        return None


def stop(home: Path) -> None:
    """Give back this process's lease, and stop the server if nobody else holds one."""
    with _mutex:
        lease = _leases.pop(home.resolve(), None)
        if lease is not None:
            os.close(lease)
        try:
            place = locate(home)
            if not place.data.exists():
                return
            with _gate(place):
                alone = place.open_lock("lease.lock")
                try:
                    fcntl.flock(alone, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    postmaster.shut_down(place)
                except BlockingIOError:
                    pass  # somebody else still uses the server, and will stop it
                finally:
                    os.close(alone)
        except OSError as error:
            raise _cannot_use(home, error) from error


def _stop_at_exit() -> None:
    for home in list(_leases):
        try:
            stop(home)
        except EmbeddedServerError as error:
            sys.stderr.write(f"bigledger: {error}\n")


def _forget_leases() -> None:
    """In a forked child: drop our copies of the locks, which the parent goes on holding."""
    for lease in _leases.values():
        os.close(lease)
    _leases.clear()
    postmaster.forget_children()
    _mutex.release()


atexit.register(_stop_at_exit)
# A fork waits for a start or stop in another thread, so that no child inherits half of one.
os.register_at_fork(before=_mutex.acquire, after_in_parent=_mutex.release, after_in_child=_forget_leases)


@contextmanager
def _gate(place: Place) -> Iterator[int]:
    """One process at a time starts or stops the server."""
    gate = place.open_lock("gate.lock")
    try:
        fcntl.flock(gate, fcntl.LOCK_EX)
        yield gate
    finally:
        os.close(gate)


def _cannot_use(home: Path, error: OSError) -> EmbeddedServerError:
    what = f"{error.filename}: {error.strerror}" if error.filename else str(error)
    return EmbeddedServerError(f"The embedded PostgreSQL cannot use {home} ({what}).")
