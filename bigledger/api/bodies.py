"""The base of what goes out, and the tag that tells one state of it from another."""

from __future__ import annotations

import hashlib
from typing import ClassVar

from msgspec import Struct, structs

from bigledger import exact_json

_TAG_BYTES = 8


class Body(Struct):
    """An object as the API shows it.

    `volatile` names the fields that move without anybody editing the object (the balance of an account):
    they count for a cache, but not for whether an edit is based on the latest state.
    """

    volatile: ClassVar[tuple[str, ...]] = ()


def version_tag(body: Body) -> str:
    """The part of the ETag that changes when the object is edited."""
    steady = structs.replace(body, **dict.fromkeys(body.volatile)) if body.volatile else body
    return hashlib.blake2b(exact_json.encode(steady), digest_size=_TAG_BYTES).hexdigest()


def etag(body: Body, shown: bytes, *, whole: bool) -> str:
    """`"<version>.<content>"`: `If-Match` looks at the version, `If-None-Match` at both.

    `shown` is what the caller gets to see; `whole` says that it is all of the body.
    """
    content = hashlib.blake2b(shown, digest_size=_TAG_BYTES).hexdigest()
    return f'"{content if whole and not body.volatile else version_tag(body)}.{content}"'


def matches_version(header: str, body: Body) -> bool:
    """Whether `If-Match` holds: `*`, or one of its tags carries the object's present version."""
    if header.strip() == "*":
        return True
    versions = {tag.strip().removeprefix("W/").strip('"').partition(".")[0] for tag in header.split(",")}
    return version_tag(body) in versions


def matches_content(header: str, tag: str) -> bool:
    """Whether `If-None-Match` names this very content (weak comparison, RFC 9110 section 13.1.2)."""
    return header.strip() == "*" or tag in {t.strip().removeprefix("W/") for t in header.split(",")}
