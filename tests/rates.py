"""Rates that are kept for the days of a test."""

from __future__ import annotations

import datetime
from decimal import Decimal

from tests.conftest import Caller


def keep_rate(caller: Caller, currency: str, rate: str, day: datetime.date | str | None = None, **fields: str) -> None:
    """Base units for one unit of the currency on a day, today when none is given."""
    wanted = {"currency": currency, "date": str(day or caller.tenant.today()), "rate": Decimal(rate), **fields}
    made = caller.post("/v1/exchange-rates", wanted)
    assert made.status == 201, made.text
