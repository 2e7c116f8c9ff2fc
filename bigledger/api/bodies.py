"""The base of output bodies, their ETags, and the marking of secrets."""

from __future__ import annotations

import hashlib
from functools import cache
from typing import Annotated, Any, ClassVar

from msgspec import UNSET, Meta, Struct, inspect, structs

from bigledger import exact_json

_TAG_BYTES = 8
# A field that shows a credential. An answer with one is kept by nobody on the way (`Cache-Control: no-store`) and is
# replayed from ciphertext, whatever its view says (ADR 15).
Secret = Annotated[str, Meta(extra={"secret": True})]


class Body(Struct):
    """An object as the API shows it.

    `volatile` names the fields that change without an edit of the object (the balance of an account):
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
        own, deeper = _places(type(data))
        return any(getattr(data, name) not in (None, UNSET) for name in own) or any(
            shows_secret(getattr(data, name)) for name in deeper
        )
    if isinstance(data, dict):
        return any(shows_secret(value) for value in data.values())
    return isinstance(data, list) and any(shows_secret(item) for item in data)


def secret_fields(kind: type[Struct]) -> tuple[str, ...]:
    """The members of a body that are secrets, or hold bodies with some, however deep."""
    own, deeper = _places(kind, loose=False)
    return own + deeper


@cache
def _places(kind: type[Struct], *, loose: bool = True) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The members that are secrets, and those in which bodies with secrets can be: with `loose`, also what is `Any`."""
    found = inspect.type_info(kind)
    fields = found.fields if isinstance(found, inspect.StructType) else ()
    own = tuple(f.name for f in fields if _is_secret(f.type))
    return own, tuple(f.name for f in fields if f.name not in own and _holds(f.type, frozenset({kind}), loose=loose))


def _is_secret(found: inspect.Type) -> bool:
    match found:
        case inspect.Metadata(extra={"secret": True}):
            return True
        case inspect.UnionType(types=types):
            return any(_is_secret(each) for each in types)
        case inspect.ListType(item_type=inner):
            return _is_secret(inner)
    return False


def _holds(found: inspect.Type, seen: frozenset[type], *, loose: bool) -> bool:
    match found:
        case inspect.StructType(cls=cls, fields=fields):
            inside = seen | {cls}
            return cls not in seen and any(_is_secret(f.type) or _holds(f.type, inside, loose=loose) for f in fields)
        case inspect.UnionType(types=types):
            return any(_holds(each, seen, loose=loose) for each in types)
        case inspect.ListType(item_type=inner) | inspect.DictType(value_type=inner):
            return _holds(inner, seen, loose=loose)
    return loose and isinstance(found, inspect.AnyType)
