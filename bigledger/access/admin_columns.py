"""Columns that the lists of the back office share."""

from __future__ import annotations

from typing import Any

from unfold.decorators import display

from bigledger import money


def amount_column(name: str) -> Any:
    """A column that shows the amount with its currency's digits; empty when there is none."""

    @display(description=name.replace("_", " ").capitalize(), ordering=name)
    def shown(_: Any, row: Any) -> str:
        amount = getattr(row, name)
        currency = row.currency if hasattr(row, "currency") else row.account.currency
        return "" if amount is None else f"{money.to_currency(amount, currency):,}"

    return shown
