"""The file of reference rates that the European Central Bank publishes: a day on each line, a currency in each column,
the units of it for one euro in each cell, and N/A where there is no rate.

https://www.ecb.europa.eu/stats/eurofxref/eurofxref-hist.zip, and eurofxref.zip for the last day alone.
"""

from __future__ import annotations

import csv
import datetime
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from bigledger import money
from bigledger.api.patience import most_faults
from bigledger.api.shapes import parse_day
from bigledger.api.sheets import place
from bigledger.errors import Detail, ValidationFailed
from ledger.models import MAX_RATE, MAX_RATE_DECIMAL_PLACES

EURO, SOURCE = "EUR", "European Central Bank"
_NONE = ("", "N/A")
_CODE = re.compile("[A-Z]{3}")
_LONGEST_CELL = 40


@dataclass(frozen=True, slots=True)
class PublishedRate:
    """`rate` units of `quote_currency` for one euro."""

    quote_currency: str
    date: datetime.date
    rate: Decimal


def is_published_file(content: bytes) -> bool:
    """Whether its first column is `Date`, as the bank writes it, followed by currencies."""
    head = content[:200].decode("utf-8-sig", "replace").partition("\n")[0].split(",")
    return len(head) > 1 and head[0].strip() == "Date" and head[1].strip() in money.currencies()


def published_rates(content: bytes) -> list[PublishedRate]:
    """The rates of the file. Raises ValidationFailed with every fault, by line and column."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        line = content.count(b"\n", 0, fault.start) + 1
        raise ValidationFailed.at(place(line), "Is not in UTF-8.", "invalid_characters") from None
    faults: list[Detail] = []
    rows = _rows(text, faults)
    _, head = next(rows)
    names = [name.strip() for name in head]
    faults += _faulty_names(names)
    found: list[PublishedRate] = []
    days: dict[datetime.date, int] = {}
    known = money.currencies()  # currencies that are no more, which the bank lists too, are left out
    for line, cells in rows:
        if len(faults) >= most_faults():
            break
        day = _day(cells[0].strip())
        if day is None:
            faults.append(Detail("Must be a date in the form YYYY-MM-DD.", place(line, "Date"), code="not_a_date"))
            continue
        if day in days:
            message = f"Line {days[day]} has this day already."
            faults.append(Detail(message, place(line, "Date"), code="repeated"))
        days.setdefault(day, line)
        if len(cells) > len(names):
            message = f"Has {len(cells)} cells, and the first line has {len(names)}."
            faults.append(Detail(message, place(line), code="too_many"))
            continue
        for name, cell in zip(names[1:], cells[1:], strict=False):
            if (written := cell.strip()) in _NONE:
                continue
            rate = _rate(written)
            if rate is None:
                message = (
                    f"Must be a number over 0 and below {MAX_RATE}, with at most {MAX_RATE_DECIMAL_PLACES} decimals."
                )
                faults.append(Detail(message, place(line, name), code="out_of_range"))
            elif name in known:
                found.append(PublishedRate(name, day, rate))
    if faults:
        raise ValidationFailed(details=faults[: most_faults()])
    return found


def _rows(text: str, faults: list[Detail]) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as fault:
            faults.append(Detail(f"Is not CSV: {fault}.", field=place(line), code="invalid"))
            return
        if any(cell.strip() for cell in cells):
            yield line, cells


def _faulty_names(names: list[str]) -> Iterator[Detail]:
    """Each line of the bank ends with a comma, so a last column without a name is none."""
    for position, name in enumerate(names[1:], start=1):
        if not name and position == len(names) - 1:
            continue
        if not _CODE.fullmatch(name) or name == EURO:
            yield Detail("Must be the code of a currency other than the euro.", place(1, name), code="unknown_code")
        elif name in names[1:position]:
            yield Detail("Given more than once.", place(1, name), code="repeated")


def _day(text: str) -> datetime.date | None:
    """`2024-01-31`, or `31 January 2024` in the file of the last day."""
    day = parse_day(text)
    if day is None and len(text) <= _LONGEST_CELL:
        try:
            day = datetime.datetime.strptime(text, "%d %B %Y").date()  # noqa: DTZ007 (a day, no moment)
        except ValueError:
            return None
    return day


def _rate(text: str) -> Decimal | None:
    if len(text) > _LONGEST_CELL:
        return None
    try:
        rate = Decimal(text)
    except InvalidOperation:
        return None
    exponent = rate.as_tuple().exponent
    if not isinstance(exponent, int) or not 0 < rate < MAX_RATE or -exponent > MAX_RATE_DECIMAL_PLACES:
        return None
    return rate
