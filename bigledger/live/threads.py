"""Where sockets ask the database: threads of their own, so that the event loop never waits."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from bigledger.postgres.backend.base import let_go_of_broken_connections

P = ParamSpec("P")
T = TypeVar("T")


class Threads:
    """`count` threads, each with its own database connections."""

    def __init__(self, name: str, count: int) -> None:
        self._pool = ThreadPoolExecutor(count, thread_name_prefix=name)

    async def run(self, work: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
        """What `work` returns or raises, from one of the threads."""

        def run() -> T:
            try:
                return work(*arguments, **named)
            finally:
                let_go_of_broken_connections()

        return await asyncio.get_running_loop().run_in_executor(self._pool, run)


# Reading the log and checking credentials are short; a GraphQL document may be long, and must not delay them.
LOG = Threads("log", 2)
CREDENTIALS = Threads("credentials", 2)
DOCUMENTS = Threads("documents", 2)
