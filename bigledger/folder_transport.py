"""A folder as Celery's broker: one file for each wake-up, which readers see only when it is complete.

A message is written to a temporary file, which is then renamed. So whoever lists the folder finds only whole messages.
A message that cannot be read all the same (the disk was full, somebody edited the file) is moved aside and logged.
Whoever removes the file has the message, so of two workers only one gets it.

Two messages that ask for the same task with the same arguments are one: the name of the file is a digest of both. That
bounds the folder while no worker runs; MOST_MESSAGES bounds it for tasks with arguments.

An idle worker does not poll. It waits at a FIFO, `<queue>.wake`, into which a sender writes a byte. It also looks once
a second by itself, in case somebody has deleted everything in the folder, the FIFO included. A queue has the name of
its routing key. There are no tables of exchanges, which could be damaged, and no broadcasts.
"""

from __future__ import annotations

import hashlib
import json
import os
import select
import time
import uuid
from contextlib import suppress
from pathlib import Path
from queue import Empty
from typing import Any, cast

import structlog
from kombu.transport import virtual
from kombu.utils.scheduling import FairCycle

from bigledger.heartbeat import beat

LOOK_SECONDS = 1.0
# Used while a worker has all the tasks that it may hold, and where there can be no FIFO (some mounted file systems have
# none).
POLL_SECONDS = 0.05
POLL_WITHOUT_FIFO_SECONDS = 0.25
MOST_MESSAGES = 1000  # of one queue
MOST_UNREADABLE = 100

logger = structlog.get_logger(__name__)


class Channel(virtual.Channel):
    """A queue is the files `<digest>.<queue>.msg`."""

    do_restore = False  # a worker that ends drops its wake-ups; the clock sends others
    supports_fanout = False

    @property
    def folder(self) -> Path:
        return Path(self.connection.client.transport_options["folder"])

    def _lookup(self, exchange: str, routing_key: str, default: str | None = None) -> list[str]:
        return [routing_key]

    def _put(self, queue: str, message: dict[str, Any], **options: Any) -> None:
        target = self.folder / f"{_digest(message)}.{queue}.msg"
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not target.exists() and self._size(queue) >= MOST_MESSAGES:
            logger.warning("wake_up_dropped", queue=queue, waiting=MOST_MESSAGES)
            return
        draft = self.folder / f".{uuid.uuid4().hex}"
        try:
            draft.write_text(json.dumps(message))
            draft.replace(target)
        except BaseException:
            draft.unlink(missing_ok=True)
            raise
        _ring(self.folder / f"{queue}.wake")

    def _get(self, queue: str, timeout: float | None = None) -> dict[str, Any]:
        """The oldest message."""
        for path in self._waiting(queue):
            try:
                raw = path.read_bytes()
            except FileNotFoundError:
                continue
            except OSError as fault:
                self._set_aside(path, fault)
                continue
            try:
                message: dict[str, Any] = json.loads(raw)
                self.Message(message, channel=self).decode()
            except Exception as fault:  # noqa: BLE001 - whatever is wrong with it, the next message may be good
                self._set_aside(path, fault)
                continue
            with suppress(FileNotFoundError):
                path.unlink()
                return message
        raise Empty

    def _waiting(self, queue: str) -> list[Path]:
        ending, found = f".{queue}.msg", []
        with suppress(FileNotFoundError), os.scandir(self.folder) as entries:
            for entry in entries:
                if entry.name.partition(".")[2] == ending[1:]:
                    with suppress(FileNotFoundError):
                        found.append((entry.stat().st_mtime_ns, Path(entry.path)))
        return [path for _, path in sorted(found)]

    def _set_aside(self, path: Path, fault: Exception) -> None:
        folder = self.folder / "unreadable"
        try:
            folder.mkdir(mode=0o700, exist_ok=True)
            if sum(1 for _ in folder.iterdir()) < MOST_UNREADABLE:
                path.replace(folder / f"{path.name}.{uuid.uuid4().hex}")
            else:
                path.unlink()
        except OSError as second:
            logger.warning("message_not_set_aside", file=path.name, error=str(second))
        logger.warning("message_unreadable", file=path.name, error=repr(fault))

    def _size(self, queue: str) -> int:
        ending = f"{queue}.msg"
        try:
            return sum(1 for path in self.folder.iterdir() if path.name.partition(".")[2] == ending)
        except FileNotFoundError:
            return 0

    def _purge(self, queue: str) -> int:
        waiting = self._waiting(queue)
        for path in waiting:
            path.unlink(missing_ok=True)
        return len(waiting)

    def _delete(self, queue: str, *args: Any, **options: Any) -> None:
        self._purge(queue)

    @property
    def queues(self) -> list[str]:
        return list(dict.fromkeys(self._active_queues))


class Transport(virtual.Transport):
    """Waits for the next message without polling."""

    Channel = Channel
    implements = virtual.Transport.implements.extend(exchange_type=frozenset(["direct"]))
    driver_type = "folder"
    driver_name = "folder"

    def __init__(self, client: Any, **options: Any) -> None:
        super().__init__(client, **options)
        self._fifos: dict[Path, int] = {}

    def driver_version(self) -> str:
        return "1"

    def drain_events(self, connection: Any, timeout: float | None = None, **options: Any) -> None:
        """Delivers one message. Raises TimeoutError when none came in time, as Celery expects."""
        deadline = None if timeout is None else time.monotonic() + timeout
        while True:
            beat()
            try:
                cast(FairCycle, self.cycle).get(self._deliver, timeout=timeout)
                return
            except Empty:
                left = LOOK_SECONDS if deadline is None else deadline - time.monotonic()
                if left <= 0:
                    raise TimeoutError from None
                self._wait(min(left, LOOK_SECONDS))

    def close_connection(self, connection: Any) -> None:
        while self._fifos:
            os.close(self._fifos.popitem()[1])
        super().close_connection(connection)

    def _wait(self, seconds: float) -> None:
        channels = [channel for channel in self.channels if channel.queues]
        if any(not channel.qos.can_consume() for channel in channels):
            time.sleep(min(seconds, POLL_SECONDS))
            return
        paths = [channel.folder / f"{queue}.wake" for channel in channels for queue in channel.queues]
        fifos = [fifo for path in paths if (fifo := self._fifo(path)) is not None]
        if not paths or len(fifos) < len(paths):
            time.sleep(min(seconds, POLL_WITHOUT_FIFO_SECONDS))
            return
        for fifo in select.select(fifos, [], [], seconds)[0]:
            with suppress(BlockingIOError):
                os.read(fifo, 65536)

    def _fifo(self, path: Path) -> int | None:
        """Open for reading; made again if it is gone. None where there can be none."""
        known = self._fifos.get(path)
        try:
            found = path.stat()
            if known is not None and os.path.samestat(found, os.fstat(known)):
                return known
        except FileNotFoundError:
            pass
        except OSError:
            return None
        if known is not None:
            os.close(self._fifos.pop(path))
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with suppress(FileExistsError):
                os.mkfifo(path, 0o600)
            # For both ways, so that it does not end when the last sender leaves.
            self._fifos[path] = os.open(path, os.O_RDWR | os.O_NONBLOCK)
        except OSError:
            return None
        # A message that came before the FIFO existed wrote no byte into it: look once more.
        os.write(self._fifos[path], b".")
        return self._fifos[path]


def _ring(fifo: Path) -> None:
    """Wakes the worker at the FIFO. It is no error if none waits there, or if the FIFO is full of bytes already."""
    with suppress(OSError):
        write_end = os.open(fifo, os.O_WRONLY | os.O_NONBLOCK)
        try:
            os.write(write_end, b".")
        finally:
            os.close(write_end)


def _digest(message: dict[str, Any]) -> str:
    """The same for two messages with the same task and arguments; a random one for a message without a task."""
    task = (message.get("headers") or {}).get("task")
    if not task:
        return uuid.uuid4().hex
    return hashlib.sha256(f"{task} {message.get('body')}".encode()).hexdigest()[:32]
