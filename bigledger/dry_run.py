"""`?validate_only=true`: the write is performed, shown, and rolled back.

The database rolls itself back. Code with effects outside the transaction (taking a number from a counter, sending a
mail, charging a card) calls `current_dry_run()` first, and has no such effect during a dry run.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class DryRun:
    """The journal lines and events that the work would have written, as the API shows them."""

    journal_lines: list[Any] = field(default_factory=list)
    events: list[Any] = field(default_factory=list)


_current: ContextVar[DryRun | None] = ContextVar("dry_run", default=None)


def current_dry_run() -> DryRun | None:
    """The dry run that this code is part of, or None."""
    return _current.get()


@contextmanager
def dry_run() -> Iterator[DryRun]:
    found = DryRun()
    token = _current.set(found)
    try:
        yield found
    finally:
        _current.reset(token)
