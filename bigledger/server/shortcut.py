"""Around asyncio for the ordinary request: a tenth of the speed (docs/adr/0065).

granian starts a task of the event loop for each request. This takes what `Bridge.take` wants before that, in
granian's thread. It relies on names that are private to granian 2.8, which is therefore pinned; where they have
changed, nothing is taken and all is the same, only slower.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import structlog
from granian import _futures

from bigledger.server.bridge import Arrived, Bridge

logger = structlog.get_logger(__name__)


def install(bridge: Bridge) -> bool:
    """Whether this granian has what it takes. To be called before granian makes its scheduler."""
    ordinary = getattr(_futures, "_cbsched_aioschedule", None)
    if ordinary is None:
        logger.warning("no_shortcut", reason="granian's scheduler is not the one that is known")
        return False

    def scheduler(loop: asyncio.AbstractEventLoop, *args: Any) -> Callable[[Any], None]:
        _call_at_once(loop)
        in_the_loop = ordinary(loop, *args)

        def schedule(watcher: Any) -> None:
            try:  # granian does not look for an exception
                if not bridge.take(watcher.scope, watcher.proto):
                    in_the_loop(watcher)
            except Exception:
                logger.exception("request_not_taken")

        return schedule

    _futures._cbsched_aioschedule = scheduler
    return True


def _call_at_once(loop: asyncio.AbstractEventLoop) -> None:
    """A body that has arrived goes to the pool in the thread that says so; the loop's need not wake for it."""
    later = loop.call_soon_threadsafe

    def call_soon_threadsafe(callback: Callable[..., Any], *args: Any, context: Any = None) -> Any:
        if type(callback) is Arrived:
            return callback(*args)
        return later(callback, *args, context=context)

    loop.call_soon_threadsafe = call_soon_threadsafe  # type: ignore[method-assign,assignment]
