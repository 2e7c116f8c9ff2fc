"""Text that can be shown: the one rule for every name, note and reason, whichever way it comes in.

Text is kept in NFC, so that "é" is one and the same however it was typed. A one-line text has no line break; no text
has control characters, marks that reverse the order of what follows, code points that are no characters, or nothing
but invisible ones. Whatever passes can be set in a PDF, a mail, a page and an XML file.
"""

from __future__ import annotations

import re
import unicodedata

from bigledger.detail_codes import DetailCode

# How many lines a text may have where several make sense: a document has thousands of them at the very most.
LINES_OF_A_DESCRIPTION = 20
LINES_OF_A_NOTE = 50
_MOST_MARKS = 10

# C0 and C1 controls, line and paragraph separators, embeddings, overrides and isolates, deprecated formats, the byte
# order mark, annotations, and what Unicode says will never be a character.
_UNSHOWN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u206f\ufeff\ufff9-\ufffb\ufdd0-\ufdef"
    + "".join(chr(plane * 0x10000 + last) for plane in range(17) for last in (0xFFFE, 0xFFFF))
    + "]"
)
_BLANK_LETTERS = frozenset("\u115f\u1160\u2800\u3164\uffa0\U0001d159")  # letters and signs that nobody sees
_UNSEEN_CATEGORIES = frozenset(("Cc", "Cf", "Cn", "Mn", "Me", "Zl", "Zp", "Zs"))


class BadText(ValueError):
    """A text that cannot be shown; the message says why, for whoever sent it, and `code` in one word."""

    def __init__(self, message: str, code: DetailCode = "invalid_characters") -> None:
        self.code = code
        super().__init__(message)


def clean(text: str, *, lines: int = 1, longest: int = 10_000) -> str:
    """The text in NFC, with `\\n` for line breaks, of which a text of one line has none. Raises BadText.

    A text that is empty or blank is no fault here: whether one is needed, the field knows.
    """
    if text.isascii() and text.isprintable():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        raise BadText("Must be valid Unicode.") from None
    if len(text) > longest * 4:  # sorting the marks of one letter takes the square of their number
        raise BadText(f"Ensure this field has no more than {longest} characters.", "too_long")
    if lines > 1:
        text = text.replace("\r\n", "\n")
        if text.count("\n") >= lines:
            raise BadText(f"Must have at most {lines} lines.", "too_long")
    found = _UNSHOWN.search(text.replace("\n", "") if lines > 1 else text)
    if found:
        raise BadText(_said_of(found[0]))
    _check_marks(text)
    text = unicodedata.normalize("NFC", text)
    if not text.isspace() and not any(map(is_seen, text)):
        raise BadText("Must contain at least one visible character.")
    return text


def is_seen(character: str) -> bool:
    """Whether this character leaves anything on paper by itself."""
    return unicodedata.category(character) not in _UNSEEN_CATEGORIES and character not in _BLANK_LETTERS


def has_unseen(text: str) -> bool:
    """Whether a character of it is invisible; in an address that makes it another one."""
    return not text.isprintable() or any(character in _BLANK_LETTERS for character in text)


def _check_marks(text: str) -> None:
    """Marks upon marks would be drawn over the lines above and below."""
    marks = 0
    for character in text:
        marks = marks + 1 if unicodedata.category(character) in ("Mn", "Me") else 0
        if marks > _MOST_MARKS:
            raise BadText(f"Must have at most {_MOST_MARKS} marks on one letter.")


def _said_of(character: str) -> str:
    if character == "\x00":
        return "Null characters are not allowed."
    if character in "\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029":
        return "Must be one line of text."
    return f"Must not contain the character U+{ord(character):04X}, which cannot be shown."
