"""The base of what goes out, the tag that tells one state of it from another, and the mark of a secret."""

from __future__ import annotations

import hashlib
from functools import cache
from typing import Annotated, Any, ClassVar

from msgspec import Meta, Struct, UnsetType, inspect, structs

from bigledger import exact_json

_TAG_BYTES = 8
# A field that shows a credential. An answer with one is kept by nobody on the way (`Cache-Control: no-store`) and is
# replayed from ciphertext, whatever its view says (ADR 15).
Secret = Annotated[str, Meta(extra={"secret": True})]


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


def shows_secret(data: Any) -> bool:
    """Whether an answer holds a secret that is really there: `data` is a body, or a list or dictionary of bodies."""
    if isinstance(data, Struct):
        return any(_is_told(getattr(data, name)) for name in secret_fields(type(data)))
    if isinstance(data, dict):
        return any(shows_secret(value) for value in data.values())
    return isinstance(data, list) and any(shows_secret(item) for item in data)


@cache
def secret_fields(kind: type[Struct]) -> tuple[str, ...]:
    """The members of a body that are secrets or can hold one, however deep."""
    found = inspect.type_info(kind)
    fields = found.fields if isinstance(found, inspect.StructType) else ()
    return tuple(field.name for field in fields if _may_hold(field.type, frozenset({kind})))


def _may_hold(found: inspect.Type, seen: frozenset[type]) -> bool:
    match found:
        case inspect.Metadata(extra={"secret": True}):
            return True
        case inspect.Metadata(type=inner):
            return _may_hold(inner, seen)
        case inspect.StructType(cls=cls, fields=fields):
            return cls not in seen and any(_may_hold(field.type, seen | {cls}) for field in fields)
        case inspect.UnionType(types=types):
            return any(_may_hold(each, seen) for each in types)
        case inspect.ListType(item_type=inner) | inspect.DictType(value_type=inner):
            return _may_hold(inner, seen)
    # What a field may be is not known: its value decides.
    return isinstance(found, inspect.AnyType)


def _is_told(value: Any) -> bool:
    return value is not None and not isinstance(value, UnsetType) and (isinstance(value, str) or shows_secret(value))
