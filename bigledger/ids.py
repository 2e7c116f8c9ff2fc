"""Public ids: `<prefix>_<26 characters>`, the TypeID form of a time-ordered UUID (RFC 9562, version 7).

Inside, and in the database, an id is a plain `uuid`. Outside it carries the prefix of its resource and
26 characters of Crockford's base 32 in lower case (https://github.com/jetify-com/typeid). Wherever an id
is taken, a natural key works as well (`acc_1000`), see spec section 2.
"""

import os
import struct
import time
import unicodedata
import uuid
from base64 import b32hexdecode
from binascii import Error as DecodeError
from typing import ClassVar, overload

_CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz"
# RFC 4648 "base32hex" numbers the same 32 values with other letters.
_FROM_CROCKFORD = bytes.maketrans(b"abcdefghjkmnpqrstvwxyz", b"ABCDEFGHIJKLMNOPQRSTUV")
# 16 bytes are 128 bits, 26 characters hold 130: the first character stands for three bits only.
_ENCODED_LENGTH = 26
_PAIRS = [first + second for first in _CROCKFORD for second in _CROCKFORD]  # ten bits are two characters
_2_TO_60 = 1 << 60
_NOT_IN_A_KEY = frozenset("/\\?#%,")
_INVISIBLE = frozenset({"Cc", "Cs", "Zl", "Zp"})

# 64 random bits each. `os.urandom` lets another thread go on, and waits for its turn again: once for many ids.
_random: list[int] = []
_AT_ONCE = 512
os.register_at_fork(after_in_child=_random.clear)  # two processes must not have the same ids to give


def _random_bits() -> int:
    while True:
        try:
            return _random.pop()
        except IndexError:
            _random.extend(struct.unpack(f"{_AT_ONCE}Q", os.urandom(8 * _AT_ONCE)))


def new_id() -> uuid.UUID:
    """A new UUID version 7; later ids sort later, also within a millisecond.

    48 bits of milliseconds, 12 bits of their fraction (RFC 9562, section 6.2, method 3), 62 random bits.
    """
    milliseconds, nanoseconds = divmod(time.time_ns(), 1_000_000)
    fraction = (nanoseconds << 12) // 1_000_000
    value = milliseconds << 80 | 0x7 << 76 | fraction << 64 | _random_bits()  # version 7
    value = value & ~(0x3 << 62) | 0x2 << 62  # variant
    return uuid.UUID(int=value)


def new_request_id() -> str:
    """For a request whose caller gave none."""
    return encode("req", new_id())


def encode(prefix: str, value: uuid.UUID) -> str:
    """`encode("acc", uuid)` gives `acc_01k…`.

    Two characters at a time from a table, in two halves that stay small integers: a posted entry has a
    dozen ids, and the standard library's base 32 takes six times as long.
    """
    high, low = divmod(value.int, _2_TO_60)
    return (
        f"{prefix}_{_PAIRS[high >> 60]}{_PAIRS[high >> 50 & 1023]}{_PAIRS[high >> 40 & 1023]}"
        f"{_PAIRS[high >> 30 & 1023]}{_PAIRS[high >> 20 & 1023]}{_PAIRS[high >> 10 & 1023]}{_PAIRS[high & 1023]}"
        f"{_PAIRS[low >> 50]}{_PAIRS[low >> 40 & 1023]}{_PAIRS[low >> 30 & 1023]}"
        f"{_PAIRS[low >> 20 & 1023]}{_PAIRS[low >> 10 & 1023]}{_PAIRS[low & 1023]}"
    )


def decode(prefix: str, text: str) -> uuid.UUID | None:
    """The uuid in `text`, or None when it is not an id of this prefix (it may be a natural key)."""
    head, _, encoded = text.partition("_")
    # 130 bits hold more than 128: a first character above 7 would not come back as it went in.
    if head != prefix or len(encoded) != _ENCODED_LENGTH or encoded[0] > "7":
        return None
    try:
        # Four zero bytes in front align 16 bytes on 32 characters, the first six of which are then zero.
        raw = b32hexdecode(b"000000" + encoded.encode("ascii").translate(_FROM_CROCKFORD))
    except (DecodeError, UnicodeEncodeError):
        return None
    value = uuid.UUID(bytes=raw[4:])
    return value if encode(prefix, value) == text else None


def key_fault(prefix: str, key: str) -> str | None:
    """Why `key` cannot be a natural key, in words for whoever chose it; None when it can.

    It has to stand in a path and, several of them, in a list between commas.
    """
    if not _NOT_IN_A_KEY.isdisjoint(key):
        found = next(character for character in key if character in _NOT_IN_A_KEY)
        return f"Must not contain {found}, because keys appear in paths and lists."
    is_plain = key.isascii() and key.isprintable()
    if key != key.strip() or not (is_plain or all(unicodedata.category(one) not in _INVISIBLE for one in key)):
        return "Must not contain control characters, or begin or end with a space."
    if key in (".", ".."):
        return "Must not be one dot or two dots."
    if decode(prefix, f"{prefix}_{key}") is not None:
        return "Must not look like an id."
    return None


def parse(prefix: str, text: str) -> uuid.UUID | str | None:
    """What a reference names: a uuid, else the natural key after `<prefix>_`; None for another prefix or nothing.

    The one rule for paths, bodies and filters: what has the form of an id is one, and never a natural key.
    """
    found = decode(prefix, text)
    if found is not None:
        return found
    head, _, key = text.partition("_")
    return key if head == prefix and key else None


class Identified:
    """Base of the models whose rows have public ids. The prefix, and the natural key of a resource, stand here alone.

    `natural_field` is unique within a tenant; what it holds names a row after the prefix (`acc_1000`).
    """

    id_prefix: ClassVar[str]
    natural_field: ClassVar[str | None] = None
    id: uuid.UUID

    @property
    def public_id(self) -> str:
        return encode(self.id_prefix, self.id)

    @overload
    @classmethod
    def public_id_of(cls, identifier: uuid.UUID) -> str: ...
    @overload
    @classmethod
    def public_id_of(cls, identifier: None) -> None: ...
    @overload
    @classmethod
    def public_id_of(cls, identifier: uuid.UUID | None) -> str | None: ...
    @classmethod
    def public_id_of(cls, identifier: uuid.UUID | None) -> str | None:
        """The public id of a row that need not be at hand; None for none."""
        return None if identifier is None else encode(cls.id_prefix, identifier)

    @classmethod
    def named(cls, key: object) -> str:
        """The reference that names a row by its natural key."""
        return f"{cls.id_prefix}_{key}"

    @classmethod
    def id_in(cls, text: str) -> uuid.UUID | None:
        """The id in `text`, or None when it is not one of this model."""
        return decode(cls.id_prefix, text)
