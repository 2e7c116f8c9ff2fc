"""JSON whose numbers are exact decimals in both directions (never a float on the way)."""

from __future__ import annotations

from decimal import Decimal, DecimalException
from typing import Any

import msgspec
from django.utils.functional import Promise


class MalformedJson(ValueError):
    """The text is not JSON, or not JSON that anybody means (nested a thousand deep, a 10,000-digit number)."""


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
        raise MalformedJson(str(fault)) from None


def encode(value: Any) -> bytes:
    """Compact JSON; a Decimal is written with the digits it has. Decimals must be finite."""
    return _encoder.encode(value)
