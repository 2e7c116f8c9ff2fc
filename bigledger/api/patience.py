"""The number of faults after which checking stops: ten times as many as an answer lists."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from bigledger.errors import MAX_DETAILS

MAX_FAULTS = 10 * MAX_DETAILS


class _Patience(threading.local):
    most = MAX_FAULTS


_patience = _Patience()


def most_faults() -> int:
    """After this many faults, the rest of the input is not checked."""
    return _patience.most


@contextmanager
def looking_for(most: int) -> Iterator[None]:
    """Inside, checking stops after `most` faults."""
    before, _patience.most = _patience.most, most
    try:
        yield
    finally:
        _patience.most = before
