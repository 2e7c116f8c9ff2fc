"""From what a document says to what its template is given: direction, line breaks and sizes of each text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Any

from bigledger.typesetting.coverage import shown

_LONG_WORD = re.compile(r"[^\s\u200b]{24,}")
_EVERY = 6
_BREAKABLE = "\u200b"
_HAN_OF_COUNTRY = {"JP": "JP", "KR": "KR", "TW": "TC", "HK": "HK", "MO": "HK"}
# How many characters of figures a row may have at full size; longer ones are set smaller, never broken.
_SIZES = ((44, 9.5), (56, 8.5), (999, 7.0))


def piece(text: str) -> dict[str, Any]:
    """A text as the templates' `given` takes it: its lines, and the direction of its first letter (UAX 9, P2)."""
    return {"lines": [_with_breaks(shown(line)) for line in text.split("\n")], "rtl": _is_rtl(text)}


def _is_rtl(text: str) -> bool:
    for character in text:
        direction = unicodedata.bidirectional(character)
        if direction in ("L", "R", "AL"):
            return direction != "L"
    return False


def _with_breaks(line: str) -> str:
    """Places to break in words longer than a column; Thai, Chinese and their like have their own."""
    return _LONG_WORD.sub(_broken, line)


def _broken(match: re.Match[str]) -> str:
    word = match[0]
    if any(unicodedata.category(c) == "Lo" and unicodedata.bidirectional(c) == "L" for c in word):
        return word
    parts, since = [], 0
    for character in word:
        if since >= _EVERY and not unicodedata.combining(character) and unicodedata.category(character) != "Cf":
            parts.append(_BREAKABLE)
            since = 0
        parts.append(character)
        since += 1
    return "".join(parts)


def han(texts: Sequence[str], country: str) -> str:
    """The region whose forms of Chinese characters come first: what else is written tells it, or the address."""
    whole = "".join(texts)
    if re.search("[\u3040-\u30ff]", whole):
        return "JP"
    if re.search("[\u1100-\u11ff\uac00-\ud7af]", whole):
        return "KR"
    return _HAN_OF_COUNTRY.get(country, "SC")


def size(rows: Sequence[Sequence[str]]) -> float:
    """In points, for a table with these figures: each column is as wide as its widest."""
    widest = [max(map(len, column)) for column in zip(*rows, strict=True)] if rows else []
    return next(points for most, points in _SIZES if sum(widest) <= most)
