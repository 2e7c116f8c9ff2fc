"""Columns that the lists and pages of the back office share."""

from __future__ import annotations

from decimal import Decimal
from functools import reduce
from typing import Any

from django.utils.html import format_html
from unfold.decorators import display

from bigledger import money


def amount_column(name: str, *, of: str = "") -> Any:
    """A column that shows the amount, grouped, with its currency's digits (3,240.00), and more of a price that has
    more; empty when there is none. `of` is the way to the object with the currency, such as `invoice`; without
    it, the row or its account has one, as a line of a draft that was given none."""

    @display(description=_words(name), ordering=name)
    def shown(_: Any, row: Any) -> str:
        amount = getattr(row, name)
        if amount is None:
            return ""
        owner = reduce(getattr, of.split("."), row) if of else row
        if not getattr(owner, "currency", None):
            owner = owner.account
        text = grouped(amount, owner.currency)
        return text if amount else format_html('<span class="zero">{}</span>', text)

    return shown


def number_column(name: str) -> Any:
    """A column that shows a quantity, percentage or rate, grouped, with the digits it has; empty when there is none."""

    @display(description=_words(name), ordering=name)
    def shown(_: Any, row: Any) -> str:
        number = getattr(row, name)
        return "" if number is None else _grouped(number, 0)

    return shown


def grouped(amount: Decimal, currency: str) -> str:
    """`3,240.00`."""
    return _grouped(amount, money.decimal_places(currency))


@display(description="Status", ordering="status")
def state_column(row: Any) -> str:
    """The status in words; drafts and what is overdue stand out."""
    words = str(row.get_status_display())
    marked = row.status in ("draft", "overdue")
    return format_html('<span class="state is-{}">{}</span>', row.status, words) if marked else words


def _words(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _grouped(number: Decimal, least: int) -> str:
    """With at least so many digits behind the point."""
    exponent = number.normalize().as_tuple().exponent
    return f"{number:,.{max(least, -int(exponent))}f}"
