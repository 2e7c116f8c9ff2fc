"""The log of a child: its output comes through a pipe, and the supervisor writes it to a file and rotates the file.

With a pipe nothing is lost: the last output before a crash is still in it, and the only writer rotates between two
writes. (A file that the child writes itself can be bounded only by copying and truncating, which loses what is written
in between; a handler inside the child misses output that is printed directly.) It costs the supervisor a read and a
write per 64 KiB.
"""

from __future__ import annotations

import os
import subprocess
import threading
from contextlib import suppress
from pathlib import Path

LOG_BYTES_MAX = 10 * 1024 * 1024  # of a file; with the one before it, `.1`, twice that for a child
CHUNK_BYTES = 65536


class RotatingFile:
    """Appends bytes. A file that would grow beyond `most_bytes` is renamed to `.1`, which replaces the previous one."""

    def __init__(self, path: Path, most_bytes: int = LOG_BYTES_MAX) -> None:
        self.path, self.most_bytes = path, most_bytes
        self._lock = threading.Lock()
        self._open()

    def write(self, text: bytes) -> None:
        with self._lock, suppress(OSError):  # a full disk must not stop the children
            if self._size and self._size + len(text) > self.most_bytes:
                os.close(self._file)
                self.path.replace(self.path.with_name(f"{self.path.name}.1"))
                self._open()
            os.write(self._file, text)
            self._size += len(text)

    def _open(self) -> None:
        self._file = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        self._size = os.fstat(self._file).st_size

    def close(self) -> None:
        os.close(self._file)


class Pump(threading.Thread):
    """Copies the output of a process to its log until no process holds the pipe any more; keeps the end of it in
    memory."""

    def __init__(self, process: subprocess.Popen[bytes], file: RotatingFile) -> None:
        super().__init__(name=f"log {file.path.name}", daemon=True)
        self._source = process.stdout
        self._file = file
        self._tail = b""
        self.start()

    def run(self) -> None:
        assert self._source is not None  # noqa: S101 - it was started with a pipe
        with self._source:
            while chunk := os.read(self._source.fileno(), CHUNK_BYTES):
                self._file.write(chunk)
                self._tail = (self._tail + chunk)[-CHUNK_BYTES:]

    def last_lines(self, count: int) -> list[str]:
        """The last lines of the output, once the process has ended."""
        self.join(1.0)
        return self._tail.decode(errors="replace").splitlines()[-count:]


def cut_in_place(path: Path, most_bytes: int = LOG_BYTES_MAX) -> None:
    """For a log that another program goes on writing at its end: copies the end of it to `.1`, and empties it."""
    with suppress(OSError):
        if path.stat().st_size <= most_bytes:
            return
        with path.open("rb+") as log:
            aside = os.open(path.with_name(f"{path.name}.1"), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(aside, "wb") as copy:
                log.seek(-most_bytes, os.SEEK_END)
                while chunk := log.read(CHUNK_BYTES):
                    copy.write(chunk)
            log.truncate(0)
