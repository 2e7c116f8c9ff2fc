"""The plain JSON protocol: `auth`, `ping`.

    → {"type": "auth", "token": "blg_…"}       or the Authorization header of the handshake
    ← {"type": "ready", "tenant": "…"}
    → {"type": "ping"}     ← {"type": "pong"}

Close codes: 1009 the message is too long; 4400 the message is not part of this protocol; 4401 the credential is not
valid, or no longer valid; 4408 no `auth` came in time; 4429 there are too many sockets.
"""

from __future__ import annotations

import asyncio
from typing import Any, cast

from channels.generic.websocket import AsyncWebsocketConsumer

from bigledger import errors, exact_json
from bigledger.access.principal import Principal
from bigledger.live.sockets import TooMany, principal_of, sockets

_AUTH_TIMEOUT_SECONDS = 10
_MAX_CHARACTERS = 64 * 1024
_MAX_CHARACTERS_UNAUTHENTICATED = 10 * 1024  # `auth` with the longest credential


class JsonConsumer(AsyncWebsocketConsumer):
    """One caller's socket."""

    principal: Principal | None = None
    header = client = address = ""

    async def connect(self) -> None:
        peer = self.scope.get("client") or ["", 0]
        self.client, self.address = f"{peer[0]}:{peer[1]}", cast(Any, self.scope)["caller"]
        await self.accept()
        try:
            sockets.opened(self)
        except TooMany as fault:
            await self.close(4429, str(fault))
            return
        self._deadline = asyncio.get_running_loop().call_later(
            _AUTH_TIMEOUT_SECONDS, lambda: asyncio.ensure_future(sockets.end(self, 4408, "Authenticate first"))
        )
        header = dict(self.scope["headers"]).get(b"authorization")
        if header:
            await self._authenticate(header.decode("latin-1"))

    async def disconnect(self, code: int) -> None:
        sockets.closed(self)
        if deadline := getattr(self, "_deadline", None):
            deadline.cancel()

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if len(text_data or "") > (_MAX_CHARACTERS if self.principal else _MAX_CHARACTERS_UNAUTHENTICATED):
            await self.close(1009, "The message is too long")
            return
        try:
            message = exact_json.decode_request((text_data or "").encode())
            kind = message["type"]
        except (ValueError, TypeError, KeyError):
            await self.close(4400, "The message must be a JSON object with a type")
            return
        match kind:
            case "auth" if self.principal is None:
                await self._authenticate(f"Bearer {message.get('token', '')}")
            case "ping":
                await self._send({"type": "pong"})
            case _:
                await self.close(4400, "Unknown message type")

    async def _authenticate(self, header: str) -> None:
        try:
            principal = await principal_of(header, self.address)
            sockets.authenticated(self, principal, header)
        except TooMany as fault:
            await self.close(4429, str(fault))
            return
        except errors.ApiError:
            await sockets.slow_down(self.address)
            await self.close(4401, "The credential is not valid")
            return
        self._deadline.cancel()
        await self._send({"type": "ready", "tenant": str(principal.tenant.id)})

    async def _send(self, message: dict[str, Any]) -> None:
        await self.send(text_data=exact_json.encode(message).decode())
