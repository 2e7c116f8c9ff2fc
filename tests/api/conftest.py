"""A little chart of accounts for the tests of the API's manners."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.conftest import Caller

CHART = {
    "1000": ("Cash", "asset", "current_asset"),
    "4000": ("Sales", "revenue", "operating_revenue"),
    "6100": ("Rent Expense", "expense", "operating_expense"),
}


def open_chart(caller: Caller) -> None:
    for code, (name, type_, subtype) in CHART.items():
        created = caller.post("/v1/accounts", {"code": code, "name": name, "type": type_, "subtype": subtype})
        assert created.status == 201


def rent(amount: str = "5000.00", **fields: Any) -> dict[str, Any]:
    return {
        "date": "2024-01-15",
        "lines": [
            {"account_id": "acc_6100", "debit": Decimal(amount)},
            {"account_id": "acc_1000", "credit": Decimal(amount)},
        ],
        **fields,
    }


@pytest.fixture
def books(acme: Caller) -> Caller:
    """acme with a chart of accounts."""
    open_chart(acme)
    return acme
