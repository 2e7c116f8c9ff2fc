"""What is checked for every connection to the port of the sockets: its Host, HTTPS, and the caller's address behind
proxies."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

from django.conf import settings
from django.http.request import split_domain_port, validate_host

from bigledger.live.sockets import sockets
from bigledger.live.streams import streams
from bigledger.server import headers, proxies

Asgi: TypeAlias = Callable[[Any, Any, Any], Awaitable[None]]
_SECURE = ("https", "wss")


def guarded(application: Asgi) -> Asgi:
    """Wraps `application`, which finds the caller's address in `scope["caller"]`."""

    async def front(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
            return
        given = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        peer = (scope.get("client") or [""])[0]
        scope["caller"] = proxies.caller(peer, given.get("x-forwarded-for", ""))
        refused = _refused(scope, peer, given)
        if refused and scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008})  # before it was accepted: 403
        elif refused:
            await answer(send, refused)
        else:
            await application(scope, receive, send)

    return front


async def answer(send: Any, status: int, body: bytes = b"", content_type: str = "application/json") -> None:
    """Sends a complete HTTP answer with the security headers."""
    named = {**headers.of_data(), "Content-Type": content_type, "Content-Length": str(len(body))}
    encoded = [(name.lower().encode(), value.encode()) for name, value in named.items()]
    await send({"type": "http.response.start", "status": status, "headers": encoded})
    await send({"type": "http.response.body", "body": body})


def _refused(scope: Any, peer: str, given: dict[str, str]) -> int | None:
    domain, _ = split_domain_port(given.get("host", "").lower())
    if not validate_host(domain, settings.ALLOWED_HOSTS):
        return 400
    if settings.IS_SANDBOX or scope["type"] == "http":  # over HTTP this port only answers /healthz
        return None
    scheme = proxies.scheme(peer, scope.get("scheme", "ws"), given.get("x-forwarded-proto", ""))
    direct = "x-forwarded-proto" not in given and "x-forwarded-for" not in given
    return None if scheme in _SECURE or (direct and proxies.is_loopback(peer)) else 403


async def _lifespan(receive: Any, send: Any) -> None:
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            sockets.start()
            streams.start()
        elif message["type"] == "lifespan.shutdown":
            streams.stop()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
