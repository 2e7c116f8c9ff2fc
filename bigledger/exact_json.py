"""JSON whose numbers are exact decimals in both directions (never a float on the way)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal, DecimalException
from itertools import islice
from typing import Any

import msgspec
from django.utils.functional import Promise


class MalformedJson(ValueError):
    """The text is not JSON, or not JSON that anybody means (nested a thousand deep, a 10,000-digit number).

    `fields` are the paths at which NaN or Infinity stands, which many writers take for JSON.
    """

    def __init__(self, message: str, fields: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.fields = fields


class RepeatedKeys(MalformedJson):
    """An object gives a key twice, so that nobody can know which value is meant; `fields` are the paths."""


MAX_VALUES = 300_000  # commas, or brackets: as many as the shortest lines have that fill the largest body
_MAX_FIELDS = 1000
_decoder = msgspec.json.Decoder(float_hook=Decimal)


def _plain(value: object) -> object:
    if isinstance(value, Promise):
        return str(value)
    if isinstance(value, str):  # a subclass: DRF's ErrorDetail, Django's SafeString
        return str.__str__(value)
    if isinstance(value, dict):
        return dict(value)
    raise TypeError(f"{type(value).__name__} cannot be encoded in an answer")


_encoder = msgspec.json.Encoder(decimal_format="number", enc_hook=_plain)


def decode(raw: bytes) -> Any:
    """The value in `raw`; numbers with a point or an exponent come as Decimal. Raises MalformedJson."""
    try:
        return _decoder.decode(raw)
    except RecursionError:
        raise MalformedJson("it is nested too deeply") from None
    except DecimalException:
        raise MalformedJson("a number is out of range") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as fault:
        raise MalformedJson(str(fault), _constants(raw)) from None


def decode_request(raw: bytes) -> Any:
    """As `decode`, of what a caller sent: with a bounded number of values, and no key twice in one object.

    Text with as many colons as the value has keys has no key twice. Only a text with more is looked at closely.
    """
    if len(raw) > MAX_VALUES and max(raw.count(b","), raw.count(b"[") + raw.count(b"{")) > MAX_VALUES:
        raise MalformedJson(f"it has more than {MAX_VALUES} values")
    value = decode(raw)
    try:
        keys = _count_keys(value)
        if raw.count(b":") != keys and (repeated := _repeated(raw)):
            raise RepeatedKeys("a key is given more than once", repeated)
    except RecursionError:
        raise MalformedJson("it is nested too deeply") from None
    return value


def _count_keys(value: Any) -> int:
    """How many keys the objects in `value` have."""
    kind = type(value)
    if kind is dict:
        found = len(value)
        for inner in value.values():
            if type(inner) is dict or type(inner) is list:
                found += _count_keys(inner)
        return found
    found = 0
    if kind is list:
        for inner in value:
            if type(inner) is dict or type(inner) is list:
                found += _count_keys(inner)
    return found


class _Object(dict[str, Any]):
    """An object with the keys that it gives more than once."""

    repeated: Sequence[str] = ()


def _repeated(raw: bytes) -> list[str]:
    def made(pairs: list[tuple[str, Any]]) -> _Object:
        found = _Object(pairs)
        if len(found) < len(pairs):
            seen = set[str]()
            found.repeated = list(dict.fromkeys(key for key, _ in pairs if key in seen or seen.add(key)))  # type: ignore[func-returns-value]
        return found

    value = json.loads(raw, object_pairs_hook=made, parse_int=str, parse_float=str)
    return list(islice(_paths(value, lambda inner: getattr(inner, "repeated", ()), ""), _MAX_FIELDS))


def _constants(raw: bytes) -> list[str]:
    """The paths of NaN and Infinity (`lines[0].debit`) in a text that is JSON but for them."""
    if b"NaN" not in raw and b"Infinity" not in raw:
        return []
    constant = object()
    try:
        value = json.loads(raw, parse_constant=lambda _: constant)
        return list(islice(_paths(value, lambda inner: ("",) if inner is constant else (), ""), _MAX_FIELDS))
    except (ValueError, RecursionError):
        return []


def _paths(value: Any, wanted: Callable[[Any], Sequence[str]], path: str) -> Iterator[str]:
    """The path of each value that `wanted` names: by itself (""), or by the keys in it."""
    for name in wanted(value):
        yield f"{path}.{name}" if path and name else path or name
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _paths(inner, wanted, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for position, inner in enumerate(value):
            yield from _paths(inner, wanted, f"{path}[{position}]")


def encode(value: Any) -> bytes:
    """Compact JSON; a Decimal is written with the digits it has. Decimals must be finite."""
    return _encoder.encode(value)
