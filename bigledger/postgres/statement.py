"""Statements of the path of every request, as objects: text with numbered places for its parameters.

`{0}` is the first parameter, and may stand several times; braces of the SQL itself are doubled. One object gives the
text that a server prepares (`$1`), the text that Django's cursor takes (`%s`), and can be composed with another.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, cached_property
from string import Formatter
from typing import NamedTuple, TypeVar

T = TypeVar("T")
_Pieces = tuple[str | int, ...]  # text, and the numbers of parameters between


def _taken_apart(text: str) -> _Pieces:
    pieces: list[str | int] = []
    for literal, name, _, _ in Formatter().parse(text):
        pieces.append(literal)
        if name is not None:
            pieces.append(int(name))
    return tuple(pieces)


class Statement:
    """Any SQL with `{0}`, `{1}`, … for its parameters."""

    def __init__(self, text: str) -> None:
        self._set(_taken_apart(text))

    def _set(self, pieces: _Pieces) -> None:
        self.pieces = pieces
        numbers = {piece for piece in pieces if isinstance(piece, int)}
        self.count = len(numbers)
        if numbers != set(range(self.count)):
            raise ValueError(f"parameters are numbered from 0 without gaps, not {sorted(numbers)}")

    @cached_property
    def numbered(self) -> str:
        """With `$1`, `$2`, … as the server takes it."""
        return "".join(f"${piece + 1}" if isinstance(piece, int) else piece for piece in self.pieces)

    @cached_property
    def for_cursor(self) -> str:
        """With `%s`, as Django's cursor takes it; its parameters are `in_order`."""
        return "".join("%s" if isinstance(piece, int) else piece.replace("%", "%%") for piece in self.pieces)

    def in_order(self, values: Sequence[T]) -> list[T]:
        """The values as often as, and in the order in which, they stand in the text."""
        return [values[piece] for piece in self.pieces if isinstance(piece, int)]


class Call(Statement):
    """`SELECT` of one expression, nearly always a function's call, which can stand behind a condition."""

    def __init__(self, expression: str) -> None:
        self.expression = _taken_apart(expression)
        self._set(("SELECT ", *self.expression))


class Opening(NamedTuple):
    """What a transaction begins with: a call, and the answer that is counted on."""

    call: Call
    arguments: tuple[bytes, ...]
    expected: bytes


class OtherAnswer(BaseException):
    """The transaction's opening gave another answer than was counted on, and nothing else was done in it.

    No `Exception`: nobody on the way takes it for a fault of the request.
    """


@cache
def guarded(opening: Call, then: Call) -> Statement:
    """`then`, carried out if `opening` answers what the last parameter says; NULL, and not carried out, if not."""
    shifted = [piece + opening.count if isinstance(piece, int) else piece for piece in then.expression]
    condition: list[str | int] = ["(", *opening.expression, ") = ", opening.count + then.count, "::text"]
    statement = Statement("")
    statement._set(("SELECT CASE WHEN ", *condition, " THEN COALESCE((", *shifted, ")::text, '') END"))
    return statement
