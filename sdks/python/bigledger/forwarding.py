"""Sending an event on as a webhook, signed as the server signs it (Standard Webhooks)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import time

import httpx

from bigledger.objects import dumps
from bigledger.types import Event


def new_secret() -> str:
    return f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}"


def signed_headers(identifier: str, body: bytes, secret: str) -> dict[str, str]:
    """The headers of a webhook with this body."""
    now = str(int(time.time()))
    key = base64.b64decode(secret.removeprefix("whsec_"))
    digest = hmac.new(key, f"{identifier}.{now}.".encode() + body, hashlib.sha256).digest()
    return {
        "Content-Type": "application/json",
        "webhook-id": identifier,
        "webhook-timestamp": now,
        "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
        "X-Signature": f"sha256={hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}",
    }


def forward(event: Event, url: str, secret: str) -> str:
    """Sends the event to `url`; what it answered, for people."""
    body = dumps(event).encode()
    try:
        answer = httpx.post(url, content=body, headers=signed_headers(event.id, body, secret), timeout=10)
    except httpx.TransportError as fault:
        return f"-> {type(fault).__name__}"
    return f"-> {answer.status_code}"
