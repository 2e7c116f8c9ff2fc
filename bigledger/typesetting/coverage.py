"""Which characters the vendored fonts can draw, read from their own tables.

The engine draws an empty box for a character that no font has, and says nothing. So it is never given one: what is
not covered is written as its code point, `[U+13000]`, which can at least be read and looked up. A text that holds many
of them would grow ninefold, so only the first few are spelled and the rest are squares.
"""

from __future__ import annotations

import struct
import unicodedata
from functools import cache
from pathlib import Path

FONTS = Path(__file__).resolve().parent / "fonts"
_CODE_POINTS = 0x110000
_SPELLED = 8
# A font puts there what it likes: nobody knows what was meant.
_PRIVATE = ((0xE000, 0xF900), (0xF0000, _CODE_POINTS))


def shown(text: str) -> str:
    """The text with every character that no font has replaced by its code point in brackets."""
    if text.isascii():
        return text
    covered = _covered()
    missing = 0
    parts = []
    for character in text:
        if covered[ord(character)] or _is_instruction(character):
            parts.append(character)
        else:
            missing += 1
            parts.append(f"[U+{ord(character):04X}]" if missing <= _SPELLED else "\N{WHITE SQUARE}")
    return "".join(parts)


def _is_instruction(character: str) -> bool:
    """Joiners, variation selectors and marks of direction: they shape others and are not drawn themselves."""
    code = ord(character)
    is_selector = 0xFE00 <= code <= 0xFE0F or 0xE0100 <= code <= 0xE01EF
    return is_selector or unicodedata.category(character) in ("Cf", "Zs")


@cache
def _covered() -> bytearray:
    """One byte for each code point; 50 ms, once in a process."""
    found = bytearray(_CODE_POINTS)
    for path in sorted(FONTS.iterdir()):
        if path.suffix in (".otf", ".ttf", ".ttc"):
            _add(path.read_bytes(), found)
    for first, end in _PRIVATE:
        found[first:end] = bytes(end - first)
    return found


def _add(font: bytes, found: bytearray) -> None:
    start = struct.unpack_from(">I", font, 12)[0] if font[:4] == b"ttcf" else 0  # a collection's first face has all
    (tables,) = struct.unpack_from(">H", font, start + 4)
    for n in range(tables):
        tag, _, offset, _ = struct.unpack_from(">4sIII", font, start + 12 + 16 * n)
        if tag == b"cmap":
            (count,) = struct.unpack_from(">H", font, offset + 2)
            for record in range(count):
                (sub,) = struct.unpack_from(">I", font, offset + 4 + 8 * record + 4)
                _add_subtable(font, offset + sub, found)


def _add_subtable(font: bytes, at: int, found: bytearray) -> None:
    (kind,) = struct.unpack_from(">H", font, at)
    if kind == 12:
        (groups,) = struct.unpack_from(">I", font, at + 12)
        for n in range(groups):
            first, last, _ = struct.unpack_from(">III", font, at + 16 + 12 * n)
            found[first : last + 1] = b"\1" * (last - first + 1)
    elif kind == 4:
        (twice,) = struct.unpack_from(">H", font, at + 6)
        lasts = struct.unpack_from(f">{twice // 2}H", font, at + 14)
        firsts = struct.unpack_from(f">{twice // 2}H", font, at + 16 + twice)
        for first, last in zip(firsts, lasts, strict=True):
            if last != 0xFFFF:
                found[first : last + 1] = b"\1" * (last - first + 1)
