"""The plain JSON protocol: `auth`, `ping`.

    → {"type": "auth", "token": "blg_…"}       or the Authorization header of the handshake
    ← {"type": "ready", "tenant": "…"}
    → {"type": "ping"}     ← {"type": "pong"}

Close codes: 4400 not a message of this protocol, 4401 not authenticated, 4408 no `auth` in time.
"""

from __future__ import annotations

import asyncio
from typing import Any

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from django.db import transaction

from bigledger import errors, exact_json
from bigledger.access.authentication import authenticate
from bigledger.access.principal import Principal

_AUTH_TIMEOUT_SECONDS = 10


@database_sync_to_async
def _principal(header: str, remote_address: str) -> Principal:
    with transaction.atomic():
        return authenticate(header, remote_address=remote_address)


class JsonConsumer(AsyncWebsocketConsumer):
    """One caller's socket."""

    async def connect(self) -> None:
        self.principal: Principal | None = None
        await self.accept()
        loop = asyncio.get_running_loop()
        self._deadline = loop.call_later(
            _AUTH_TIMEOUT_SECONDS, lambda: asyncio.ensure_future(self.close(4408, "Authenticate first"))
        )
        header = dict(self.scope["headers"]).get(b"authorization")
        if header:
            await self._authenticate(header.decode("latin-1"))

    async def disconnect(self, code: int) -> None:
        self._deadline.cancel()

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        try:
            message = exact_json.decode_request((text_data or "").encode())
            kind = message["type"]
        except (ValueError, TypeError, KeyError):
            await self.close(4400, "Not a JSON object with a type")
            return
        match kind:
            case "auth" if self.principal is None:
                await self._authenticate(f"Bearer {message.get('token', '')}")
            case "ping":
                await self._send({"type": "pong"})
            case _:
                await self.close(4400, "Unknown type of message")

    async def _authenticate(self, header: str) -> None:
        client = self.scope.get("client") or [""]
        try:
            self.principal = await _principal(header, client[0])
        except errors.ApiError:
            await self.close(4401, "The credential is not valid")
            return
        self._deadline.cancel()
        await self._send({"type": "ready", "tenant": str(self.principal.tenant.id)})

    async def _send(self, message: dict[str, Any]) -> None:
        await self.send(text_data=exact_json.encode(message).decode())
