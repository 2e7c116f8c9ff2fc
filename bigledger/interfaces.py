"""Through which door something came: the interface of a request, a job or a command.

It stands in the context, as the id of the request does, and goes into each event that is recorded.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

REST: Final = "rest"
GRAPHQL: Final = "graphql"
ADMIN: Final = "admin"
PAGE: Final = "page"
CLOCK: Final = "clock"
COMMAND: Final = "command"
INTERFACES: Final = (REST, GRAPHQL, ADMIN, PAGE, CLOCK, COMMAND)

current_interface: ContextVar[str] = ContextVar("interface", default=COMMAND)


@contextmanager
def through(interface: str) -> Iterator[None]:
    """What is recorded in the block came through this interface."""
    token = current_interface.set(interface)
    try:
        yield
    finally:
        current_interface.reset(token)
