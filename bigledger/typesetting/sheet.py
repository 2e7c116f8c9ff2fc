"""A table on paper: what a report says, line by line, and how that is passed to the template."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

from msgspec import UNSET

from bigledger.typesetting.formatting import format_amount, format_day
from bigledger.typesetting.layout import han, piece

TEMPLATE = "bigledger/typesetting/sheet.typ"
_MOST_UPRIGHT = 5  # columns; more are set on a page turned round
_MOST_IN_FOOT = 60
_MOST_TOGETHER = 8

Kind = Literal["section", "row", "sum", "total"]
Cell = str | int | Decimal | datetime.date | None


@dataclass(frozen=True, slots=True)
class Line:
    """`section` begins a part and stands above it, `sum` ends one, and `total` is a sum of sums. `address` is the id of
    what the line is about, or where the API lists what makes up its first figure; pages lead there, paper does not."""

    kind: Kind
    cells: Sequence[Cell]
    address: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """The first `texts` columns hold texts, the others hold figures. The column `wide` takes the room that is left. The
    template prints `facts` under the title."""

    title: str
    period: str
    currency: str
    heads: Sequence[str]
    lines: Sequence[Line]
    texts: int = 2
    wide: int = 1
    facts: Sequence[str] = field(default_factory=tuple)


def sheet_data(sheet: Sheet, owner: str, stands_on: int) -> dict[str, Any]:
    """The data of the template. `owner` is whose books they are, `stands_on` the event that the figures stand on."""
    texts = [str(cell) for line in sheet.lines for cell in line.cells[: sheet.texts] if cell]
    columns = len(sheet.heads)
    return {
        "title": f"{sheet.title} of {owner}",
        "author": owner,
        "paper": "a4",
        "flipped": columns > _MOST_UPRIGHT,
        "footer": None,
        "han": han([owner, *texts], ""),
        "foot": [
            piece(_shortened(owner)), piece(f"{sheet.title}, {sheet.period}"), piece(f"As of event {stands_on}"),
        ],
        "owner": piece(owner),
        "heading": sheet.title,
        "period": sheet.period,
        "facts": [f"Amounts in {sheet.currency}", *sheet.facts],
        "size": 9.0 if columns <= 8 else 8.0 if columns <= 11 else 7.0,
        "texts": sheet.texts,
        "wide": sheet.wide,
        "heads": list(sheet.heads),
        "nothing": None if sheet.lines else "There is nothing to show.",
        "lines": [
            {
                "kind": line.kind,
                "together": together,
                "texts": [piece(text_of(cell)) for cell in line.cells[: sheet.texts]],
                "figures": [figure_of(cell, sheet.currency) for cell in line.cells[sheet.texts :]],
            }
            for line, together in zip(sheet.lines, _together(sheet.lines), strict=True)
        ],
    }  # fmt: skip


def _together(lines: Sequence[Line]) -> list[int]:
    """For each line how many from it on stay on one page, 0 for one that an earlier one counts: the heading of a
    section stays with its first line, and sums with the line above them."""
    counts: list[int] = []
    begin = 0
    for place, line in enumerate(lines):
        stays = line.kind in ("sum", "total") or (place > 0 and lines[place - 1].kind == "section")
        if place and stays and counts[begin] < _MOST_TOGETHER:
            counts[begin] += 1
            counts.append(0)
        else:
            begin = place
            counts.append(1)
    return counts


def text_of(cell: Cell) -> str:
    if isinstance(cell, datetime.date):
        return short_day(cell)
    return "" if cell is None else str(cell)


def figure_of(cell: Cell, currency: str) -> dict[str, Any]:
    """Zeros are muted by the template, so that figures that say something are seen."""
    if isinstance(cell, Decimal):
        return {"text": format_amount(cell, currency), "zero": not cell}
    return {"text": text_of(cell), "zero": False}


def short_day(day: datetime.date) -> str:
    return f"{day.day} {day:%b %Y}"


def period_of(params: dict[str, Any]) -> str:
    """The days that a report is of, as its parameters name them."""
    if as_of := params.get("as_of"):
        return f"As of {format_day(as_of)}"
    start, end = params.get("from"), params.get("to")
    if start and end:
        return f"{format_day(start)} to {format_day(end)}"
    return f"Until {format_day(end)}" if end else ""


def compared_heads(params: dict[str, Any]) -> list[str]:
    """The heads of the columns of figures: one, or with a comparison the other days and the change too."""
    if "compare" not in params:
        return ["Amount"]
    now = _days(params.get("as_of"), params.get("from"), params.get("to"))
    then = _days(params.get("previous_as_of"), params.get("previous_from"), params.get("previous_to"))
    return [now, then, "Change"]


def _days(as_of: datetime.date | None, start: datetime.date | None, end: datetime.date | None) -> str:
    return " to\n".join(short_day(day) for day in (as_of, start, end) if day)


def compared(of: Any, name: str = "amount") -> list[Cell]:
    """The figure of a row or of totals, with those that it is compared with."""
    if of.previous is UNSET:
        return [getattr(of, name)]
    if name == "amount":
        return [of.amount, of.previous, of.change]
    return [getattr(of, name), getattr(of.previous, name), getattr(of.change, name)]


def _shortened(name: str) -> str:
    return name if len(name) <= _MOST_IN_FOOT else f"{name[: _MOST_IN_FOOT - 1].rstrip()}…"
