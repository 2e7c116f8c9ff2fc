"""The ASGI application: sockets, and nothing else."""

import os
from typing import Any, cast

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bigledger.settings")
django.setup()

from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402 - needs the apps to be loaded
from django.urls import path  # noqa: E402

from bigledger.live.consumer import JsonConsumer  # noqa: E402


async def health(scope: Any, receive: Any, send: Any) -> None:
    """`/healthz`, so that a load balancer can ask this port too; the API is on the other one."""
    found = scope["path"] == "/healthz"
    body = b'{"status":"ok"}' if found else b""
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200 if found else 404, "headers": headers})
    await send({"type": "http.response.body", "body": body})


application = ProtocolTypeRouter(
    {
        "http": health,
        "websocket": URLRouter([path("v1", cast(Any, JsonConsumer.as_asgi()))]),
    }
)
