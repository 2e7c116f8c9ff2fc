"""A file that is made for one answer: written to the disk piece by piece, so that its size costs no memory."""

from __future__ import annotations

import os
import tempfile
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from io import FileIO
from pathlib import Path

from django.conf import settings
from django.http import FileResponse

# granian opens the file a moment after it was given its path; the file may go once it is open.
OPENED_AFTER_SECONDS = 60.0
_LEFT_BEHIND_SECONDS = 3600.0
_BUFFER_BYTES = 1024 * 1024


class _OneAnswer(FileIO):
    """Its file goes with it: at once when it was read here, a little later when granian reads it."""

    def close(self) -> None:
        if self.closed:
            return
        path, was_read = Path(os.fsdecode(str(self.name))), self.tell() > 0
        super().close()
        if was_read:
            path.unlink(missing_ok=True)
            return
        timer = threading.Timer(OPENED_AFTER_SECONDS, path.unlink, kwargs={"missing_ok": True})
        timer.daemon = True
        timer.start()


def download(pieces: Iterable[str], *, name: str, media_type: str) -> FileResponse:
    """The answer whose content is all of `pieces`, in UTF-8, to be saved as `name`. Raises what they raise."""

    def write(path: Path) -> None:
        with path.open("w", encoding="utf-8", newline="", buffering=_BUFFER_BYTES) as file:
            file.writelines(pieces)

    return download_file(write, name=name, media_type=media_type)


def download_file(write: Callable[[Path], None], *, name: str, media_type: str) -> FileResponse:
    """The answer whose content `write` puts into the file at the path that it is given. Raises what it raises."""
    folder = Path(settings.BIGLEDGER_HOME) / "downloads"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _remove_left_behind(folder)
    descriptor, path = tempfile.mkstemp(dir=folder)
    os.close(descriptor)
    try:
        write(Path(path))
    except BaseException:
        Path(path).unlink(missing_ok=True)
        raise
    return FileResponse(_OneAnswer(path), as_attachment=True, filename=name, content_type=media_type)


def _remove_left_behind(folder: Path) -> None:
    """What a process left that ended before its files went."""
    oldest = time.time() - _LEFT_BEHIND_SECONDS
    for path in folder.iterdir():
        with suppress(FileNotFoundError):
            if path.stat().st_mtime < oldest:
                path.unlink()
