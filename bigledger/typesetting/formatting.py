"""Amounts and days as documents show them."""

from __future__ import annotations

import datetime
from decimal import Decimal

from babel.dates import format_date

from bigledger import money

LOCALE = "en_US"


def format_amount(amount: Decimal, currency: str) -> str:
    """`1,458.00`, with a true minus sign: the figure alone, where its currency stands elsewhere."""
    return f"{money.to_currency(amount, currency):,f}".replace("-", "\N{MINUS SIGN}")


def format_day(day: datetime.date) -> str:
    return format_date(day, "d MMMM y", locale=LOCALE)
