"""Public ids: `<prefix>_<26 characters>`, the TypeID form of a time-ordered UUID (RFC 9562, version 7).

Inside, and in the database, an id is a plain `uuid`. Outside it carries the prefix of its resource and
26 characters of Crockford's base 32 in lower case (https://github.com/jetify-com/typeid). Wherever an id
is taken, a natural key works as well (`acc_1000`), see spec section 2.
"""

import os
import time
import uuid
from base64 import b32hexdecode, b32hexencode
from binascii import Error as DecodeError

# RFC 4648 "base32hex" and Crockford's alphabet number the same 32 values with other letters.
_TO_CROCKFORD = bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUV", b"abcdefghjkmnpqrstvwxyz")
_FROM_CROCKFORD = bytes.maketrans(b"abcdefghjkmnpqrstvwxyz", b"ABCDEFGHIJKLMNOPQRSTUV")
# 16 bytes are 128 bits, 26 characters hold 130: four zero bytes in front align both on 32 characters,
# the first six of which are then always zero.
_PADDING = b"\0\0\0\0"
_ENCODED_LENGTH = 26


def new_id() -> uuid.UUID:
    """A new UUID version 7; later ids sort later, also within a millisecond.

    48 bits of milliseconds, 12 bits of their fraction (RFC 9562, section 6.2, method 3), 62 random bits.
    """
    milliseconds, nanoseconds = divmod(time.time_ns(), 1_000_000)
    fraction = (nanoseconds << 12) // 1_000_000
    value = milliseconds << 80 | 0x7 << 76 | fraction << 64 | int.from_bytes(os.urandom(8), "big")  # version 7
    value = value & ~(0x3 << 62) | 0x2 << 62  # variant
    return uuid.UUID(int=value)


def encode(prefix: str, value: uuid.UUID) -> str:
    """`encode("acc", uuid)` gives `acc_01k…`."""
    return f"{prefix}_{b32hexencode(_PADDING + value.bytes)[6:].translate(_TO_CROCKFORD).decode()}"


def decode(prefix: str, text: str) -> uuid.UUID | None:
    """The uuid in `text`, or None when it is not an id of this prefix (it may be a natural key)."""
    head, _, encoded = text.partition("_")
    # 130 bits hold more than 128: a first character above 7 would not come back as it went in.
    if head != prefix or len(encoded) != _ENCODED_LENGTH or encoded[0] > "7":
        return None
    try:
        raw = b32hexdecode(b"000000" + encoded.encode("ascii").translate(_FROM_CROCKFORD))
    except (DecodeError, UnicodeEncodeError):
        return None
    value = uuid.UUID(bytes=raw[4:])
    return value if encode(prefix, value) == text else None


def natural_key(prefix: str, text: str) -> str | None:
    """What follows `<prefix>_`, or None when `text` carries another prefix or nothing after it."""
    head, _, key = text.partition("_")
    return key if head == prefix and key else None
