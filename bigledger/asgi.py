"""The ASGI application: sockets, and nothing else."""

import os
from collections.abc import Iterator
from typing import Any, cast

import django
import msgspec
from asgiref.sync import sync_to_async

from bigledger.private import keep_files_private

keep_files_private()
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bigledger.settings")
django.setup()

from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402 - needs the apps to be loaded
from django.urls import path  # noqa: E402

from bigledger.health import may_read_metrics, metric, readiness  # noqa: E402
from bigledger.live.front import answer, guarded  # noqa: E402
from bigledger.live.graph import GraphConsumer  # noqa: E402
from bigledger.live.plain import PlainConsumer  # noqa: E402
from bigledger.live.sockets import sockets  # noqa: E402
from bigledger.live.streams import streams  # noqa: E402


async def health(scope: Any, receive: Any, send: Any) -> None:
    """`/healthz`, `/readyz` and `/metrics`, so that this port can be watched too; the API is on the other one."""
    status, content = 404, b""
    if scope["path"] == "/healthz":
        status, content = 200, b'{"status":"ok"}'
    elif scope["path"] == "/readyz":
        status, body = await sync_to_async(readiness)()
        content = msgspec.json.encode(body)
    elif scope["path"] == "/metrics":
        header = dict(scope["headers"]).get(b"authorization", b"").decode("latin-1")
        status = 401
        if may_read_metrics(header):
            await answer(send, 200, "\n".join([*_metrics(), ""]).encode(), "text/plain; version=0.0.4; charset=utf-8")
            return
    await answer(send, status, content)


def _metrics() -> Iterator[str]:
    yield from metric("sockets_open", "gauge", "Sockets that are open.", [("", float(len(sockets)))])
    yield from metric("streams_open", "gauge", "Tenants whose log is followed.", [("", float(len(streams)))])
    yield from metric("followers", "gauge", "Subscriptions that follow a log.", [("", float(streams.followers))])


_PLAIN, _GRAPH = cast(Any, PlainConsumer.as_asgi()), cast(Any, GraphConsumer.as_asgi())


async def by_protocol(scope: Any, receive: Any, send: Any) -> None:
    """The protocol that the client offers; without an offer, plain JSON."""
    offered = scope["subprotocols"]
    if GraphConsumer.subprotocol in offered:
        await _GRAPH(scope, receive, send)
    elif not offered:
        await _PLAIN(scope, receive, send)
    else:
        await receive()
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.close", "code": 4406, "reason": "Subprotocol not acceptable"})


application = guarded(
    ProtocolTypeRouter(
        {
            "http": health,
            "websocket": URLRouter([path("v1", cast(Any, by_protocol))]),
        }
    )
)
