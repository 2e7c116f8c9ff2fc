"""Making, hashing and encrypting the secrets of credentials."""

from __future__ import annotations

import hashlib
import secrets

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings

_HINT_LENGTH = 4
KIOSK_PREFIX = "blg_kiosk_"  # of a token that is no API key, which has its environment there


def new_api_key() -> str:
    """`blg_<environment>_<43 random characters>`: 256 bits."""
    return f"blg_{settings.BIGLEDGER_ENVIRONMENT}_{secrets.token_urlsafe(32)}"


def new_kiosk_token() -> str:
    """`blg_kiosk_<43 random characters>`: 256 bits."""
    return f"{KIOSK_PREFIX}{secrets.token_urlsafe(32)}"


def new_signing_secret() -> str:
    """384 random bits in URL-safe characters; HS256 asks for at least 256 (RFC 7518, section 3.2)."""
    return secrets.token_urlsafe(48)


def digest(secret: str) -> bytes:
    """SHA-256: enough for a secret that is random itself, and fast enough for every request."""
    return hashlib.sha256(secret.encode()).digest()


def hint(secret: str) -> str:
    """The last characters, to tell one key from another in a list."""
    return secret[-_HINT_LENGTH:]


def _cipher() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in settings.CIPHER_KEYS])


def encrypt(secret: str) -> bytes:
    return _cipher().encrypt(secret.encode())


def decrypt(encrypted: bytes | memoryview) -> str:
    return _cipher().decrypt(bytes(encrypted)).decode()
