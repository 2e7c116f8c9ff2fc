"""SECRET_KEY: whether it is strong enough, and the keys that are derived from it."""

from __future__ import annotations

import base64
import gzip
import hashlib
import math
import re
from collections import Counter
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.contrib.auth import password_validation

MIN_LENGTH = 32
# 32 random bytes are 256 bits; by the measure below, which takes away too much rather than too little, never under 150.
_MIN_BITS = 140.0
_SHORTEST_WORD = 4
_WELL_KNOWN = (
    "django-insecure",
    "bigledger",
    "correct",
    "staple",
    "secret",
    "insecure",
    "example",
    "replace",
    "random",
)


def weakness(key: str) -> str | None:
    """Why this is no secret key; None when nothing speaks against it."""
    if len(key) < MIN_LENGTH:
        return f"has {len(key)} characters and needs at least {MIN_LENGTH}"
    if any(character.isspace() for character in key):
        return "contains spaces, so it is not random text"
    if _bits(key) < _MIN_BITS:
        return "is not random (it repeats itself, counts up, or contains words)"
    return None


def derive(key: str, purpose: str) -> bytes:
    """32 bytes for one purpose (HKDF, RFC 5869): none of them tells anything of another, or of the key."""
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=f"bigledger {purpose}".encode()).derive(key.encode())


def cipher_keys(key: str) -> list[bytes]:
    """What is encrypted is encrypted with the first; the second opens what was encrypted before there was the first."""
    before = hashlib.sha256(b"bigledger signing secrets" + key.encode()).digest()
    return [base64.urlsafe_b64encode(found) for found in (derive(key, "encryption at rest"), before)]


def _bits(key: str) -> float:
    """How much is to be guessed, at most: of what is left without words and rows, the entropy of its characters."""
    text = _without_rows(_without_words(key))
    if not text:
        return 0.0
    different = len({text[i : i + 3] for i in range(len(text))})  # what repeats itself is no longer than its period
    shares = [count / len(text) for count in Counter(text).values()]
    return -sum(share * math.log2(share) for share in shares) * different


def _without_words(key: str) -> str:
    found = Path(password_validation.__file__).with_name("common-passwords.txt.gz")
    with gzip.open(found, "rt", encoding="utf-8") as file:
        common = {word for word in file.read().split() if len(word) >= _SHORTEST_WORD}
    words = sorted(common.union(_WELL_KNOWN), key=len, reverse=True)
    text = key
    lower = text.casefold()
    for word in words:
        if word in lower:
            text = re.sub(re.escape(word), "", text, flags=re.IGNORECASE)
            lower = text.casefold()
    return text


def _without_rows(text: str) -> str:
    """Without characters that stand next to the one before, as in 123456 and abcdef."""
    return "".join(char for at, char in enumerate(text) if at == 0 or abs(ord(char) - ord(text[at - 1])) > 1)
