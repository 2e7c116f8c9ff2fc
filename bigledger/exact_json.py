"""JSON whose numbers are exact decimals in both directions (never a float on the way)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import Decimal, DecimalException
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


_decoder = msgspec.json.Decoder(float_hook=Decimal)


def _plain(value: object) -> object:
    if isinstance(value, Promise):
        return str(value)
    if isinstance(value, str):  # a subclass: DRF's ErrorDetail, Django's SafeString
        return str.__str__(value)
    if isinstance(value, dict):
        return dict(value)
    raise TypeError(f"{type(value).__name__} has no place in an answer")


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


def _constants(raw: bytes) -> list[str]:
    """The paths of NaN and Infinity (`lines[0].debit`) in a text that is JSON but for them."""
    if b"NaN" not in raw and b"Infinity" not in raw:
        return []
    constant = object()
    try:
        return _paths(json.loads(raw, parse_constant=lambda _: constant), constant, "")
    except (ValueError, RecursionError):
        return []


def _paths(value: Any, wanted: object, path: str) -> list[str]:
    if value is wanted:
        return [path]
    if isinstance(value, dict):
        return [p for k, v in value.items() for p in _paths(v, wanted, f"{path}.{k}" if path else k)]
    if isinstance(value, list):
        return [p for i, v in enumerate(value) for p in _paths(v, wanted, f"{path}[{i}]")]
    return []


def encode(value: Any) -> bytes:
    """Compact JSON; a Decimal is written with the digits it has. Decimals must be finite."""
    return _encoder.encode(value)
