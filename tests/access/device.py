"""A device with passkeys, in software: it answers what a page asks as a browser's own would."""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings
from fido2.cose import ES256
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import (
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorData,
    CollectedClientData,
)

FLAG = AuthenticatorData.FLAG


@dataclass
class Device:
    """`verifies`: whether it asks its owner for a finger or a PIN; `origin` is of the page that asks."""

    verifies: bool = True
    origin: str = ""
    count: int = 0
    user_handle: bytes = b""
    credential_id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    key: Any = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def _flags(self) -> Any:
        return FLAG.UP | (FLAG.UV if self.verifies else FLAG(0))

    def _told(self, kind: str, challenge: str) -> CollectedClientData:
        parts = urlsplit(settings.PUBLIC_URL)
        return CollectedClientData.create(kind, challenge, self.origin or f"{parts.scheme}://{parts.netloc}")

    def _hash(self) -> bytes:
        return hashlib.sha256((urlsplit(settings.PUBLIC_URL).hostname or "").encode()).digest()

    def create(self, options: dict[str, Any]) -> str:
        asked = options["publicKey"]
        self.user_handle = _bytes(asked["user"]["id"])
        public = ES256.from_cryptography_key(self.key.public_key())
        made = AttestedCredentialData.create(b"\0" * 16, self.credential_id, public)
        data = AuthenticatorData.create(self._hash(), self._flags() | FLAG.AT, self.count, bytes(made))
        told = self._told("webauthn.create", asked["challenge"])
        return self._answer(told, attestationObject=AttestationObject.create("none", data, {}))

    def get(self, options: dict[str, Any]) -> str:
        self.count += 1
        data = AuthenticatorData.create(self._hash(), self._flags(), self.count)
        told = self._told("webauthn.get", options["publicKey"]["challenge"])
        signature = self.key.sign(data + told.hash, ec.ECDSA(hashes.SHA256()))
        return self._answer(told, authenticatorData=data, signature=signature, userHandle=self.user_handle)

    def _answer(self, told: bytes, **parts: bytes) -> str:
        name = websafe_encode(self.credential_id)
        response = {"clientDataJSON": told, **parts}
        return json.dumps({
            "id": name, "rawId": name, "type": "public-key", "clientExtensionResults": {},
            "response": {part: websafe_encode(bytes(value)) for part, value in response.items()},
        })  # fmt: skip


def _bytes(text: str) -> bytes:
    return bytes(websafe_decode(text))
