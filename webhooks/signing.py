"""Signing what is sent, so that the reference's `verify_webhook` and stock Standard Webhooks verifiers accept it.

A secret is `whsec_` and 32 random bytes in base 64 (https://www.standardwebhooks.com). `X-Signature` and the
`signature` inside the body are keyed with that whole text, as the reference does; the Standard Webhooks header
with the decoded bytes. See spec section 8.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from collections.abc import Sequence

from bigledger import exact_json
from bigledger.api.events import EventBody

_PREFIX = "whsec_"


def new_secret() -> str:
    return _PREFIX + base64.b64encode(os.urandom(32)).decode()


def signature(body: bytes, secret: str) -> str:
    """`sha256=<hex>` over exactly these bytes."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def signed_body(event: EventBody, secret: str) -> str:
    """The event as JSON with `signature`, made over the text without it, as its last member."""
    unsigned = exact_json.encode(event)
    return f'{unsigned[:-1].decode()},"signature":"{signature(unsigned, secret)}"}}'


def headers(body: bytes, message_id: str, timestamp: int, secrets: Sequence[str]) -> dict[str, str]:
    """The signature headers of one attempt. `secrets` begins with the present one; during a rotation the one
    before follows, in the Standard Webhooks header's list and as `X-Signature-Previous`."""
    content = f"{message_id}.{timestamp}.".encode() + body
    signed = {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(_standard(content, secret) for secret in secrets),
        "X-Signature": signature(body, secrets[0]),
    }
    if len(secrets) > 1:
        signed["X-Signature-Previous"] = signature(body, secrets[1])
    return signed


def _standard(content: bytes, secret: str) -> str:
    key = base64.b64decode(secret.removeprefix(_PREFIX))
    return "v1," + base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
