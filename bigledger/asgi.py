"""The ASGI application: sockets, and nothing else."""

import os
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

from bigledger.health import readiness  # noqa: E402
from bigledger.live.front import answer, guarded  # noqa: E402
from bigledger.live.plain import PlainConsumer  # noqa: E402


async def health(scope: Any, receive: Any, send: Any) -> None:
    """`/healthz` and `/readyz`, so that a load balancer can ask this port too; the API is on the other one."""
    status, content = 404, b""
    if scope["path"] == "/healthz":
        status, content = 200, b'{"status":"ok"}'
    elif scope["path"] == "/readyz":
        status, body = await sync_to_async(readiness)()
        content = msgspec.json.encode(body)
    await answer(send, status, content)


application = guarded(
    ProtocolTypeRouter(
        {
            "http": health,
            "websocket": URLRouter([path("v1", cast(Any, PlainConsumer.as_asgi()))]),
        }
    )
)
