"""Text that a column can hold, wherever it comes from: a parameter, a path, a cursor."""

from __future__ import annotations


def storable(text: str) -> str:
    """`text` itself. Raises ValueError for NUL and for lone surrogates, which PostgreSQL cannot store."""
    if "\x00" in text:
        raise ValueError("Null characters are not allowed.")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError("Must be valid Unicode.") from None
    return text


def is_storable(text: str) -> bool:
    try:
        storable(text)
    except ValueError:
        return False
    return True
