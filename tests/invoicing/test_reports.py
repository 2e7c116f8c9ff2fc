"""Aged receivables, sales tax and the customer's statement, with figures worked by hand."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from tests.sales import Shop

D = Decimal
AGES = ("current", "days_1_30", "days_31_60", "days_61_90", "days_over_90", "unapplied_credit", "total")


def ages(amounts: dict[str, Any]) -> list[str]:
    return [str(amounts[name]) for name in AGES]


@pytest.fixture
def year(shop: Shop, at: Callable[[str], None]) -> Shop:
    """Due dates around 30 June 2024: each age has one invoice; 30.00 came in on 20 June, 25.00 of it applied."""
    at("2024-06-20T12:00:00+00:00")
    invoices = {
        due: shop.sent(amount, invoice_date="2024-01-01", due_date=due)
        for due, amount in (
            ("2024-06-30", "1.00"),
            ("2024-06-29", "2.00"),
            ("2024-05-31", "4.00"),
            ("2024-05-30", "8.00"),
            ("2024-04-30", "16.00"),
            ("2024-04-01", "32.00"),
            ("2024-03-31", "64.00"),
        )
    }
    payment = shop.pay("30.00")
    shop.post(f"/v1/payments/{payment['id']}/apply", invoice_id=invoices["2024-03-31"]["id"], amount=D("25.00"))
    at("2024-06-30T12:00:00+00:00")
    return shop


def test_receivables_by_age(year: Shop) -> None:
    """30 days ago (31 May) is 1-30, 31 (30 May) is 31-60, 61 (30 April) and 90 (1 April) are 61-90, 91 is over."""
    report = year.read("/v1/reports/aged_receivables?as_of=2024-06-30")

    assert ages(report["totals"]) == ["1.00", "6.00", "8.00", "48.00", "39.00", "5.00", "102.00"]
    (row,) = report["rows"]
    assert (row["customer"]["number"], row["amounts"]) == ("123456", report["totals"])
    assert year.balance() == D("97.00"), "the 5.00 on Customer Deposits are the customer's"
    assert row["amounts"]["total"] == year.books()["Accounts Receivable"]
    items = year.read(row["lines_url"])
    assert (len(items["rows"]), items["totals"]["amount_due"]) == (8, D("97.00"))
    for age in AGES[:-1]:
        found = year.read(f"{row['lines_url']}&age={age}")
        assert abs(found["totals"]["amount_due"]) == row["amounts"][age]


def test_receivables_of_a_day_gone_by_know_nothing_of_later_days(year: Shop) -> None:
    """On 19 June nothing had come in yet: all 127.00 were open."""
    report = year.read("/v1/reports/aged_receivables?as_of=2024-06-19")

    assert report["totals"]["total"] == D("127.00")
    assert report["totals"]["unapplied_credit"] == D("0.00")
    assert year.read("/v1/reports/aged_receivables?as_of=2023-12-31")["rows"] == []


def test_the_statement_runs_from_balance_to_balance(year: Shop) -> None:
    invoice = year.sent("3.00", invoice_date="2024-06-25")
    year.post(f"/v1/invoices/{invoice['id']}/void", reason="Twice")
    statement = year.read("/v1/customers/cust_123456/statement?from=2024-06-20&to=2024-06-30")

    assert [(row["date"], row["type"], str(row["amount"]), str(row["balance"])) for row in statement["rows"]] == [
        ("2024-06-20", "payment", "-30.00", "97.00"),
        ("2024-06-25", "invoice", "3.00", "100.00"),
        ("2024-06-30", "void", "-3.00", "97.00"),
    ]
    assert {name: str(amount) for name, amount in statement["totals"].items()} == {
        "opening_balance": "127.00", "charges": "3.00", "credits": "33.00", "closing_balance": "97.00",
    }  # fmt: skip
    same = year.read("/v1/reports/customer_statement?customer_id=cust_123456&from=2024-06-20&to=2024-06-30")
    assert same["rows"] == statement["rows"]


def test_sales_tax_is_the_tax_of_invoices_less_credits_and_voids(shop: Shop, at: Callable[[str], None]) -> None:
    """January: two invoices with 108.00 of tax each. February: one is voided, 10.80 of the other credited."""
    at("2024-01-15T12:00:00+00:00")
    kept, void = shop.sent(), shop.sent()
    at("2024-02-10T12:00:00+00:00")
    shop.post(f"/v1/invoices/{void['id']}/void", reason="Twice")
    hour = {"description": "Hour", "quantity": 1, "unit_price": D("135.00"), "tax_rate": D("0.08")}
    shop.post("/v1/credit-notes", invoice_id=kept["id"], lines=[hour])

    def figures(period: str) -> list[str]:
        return [str(amount) for amount in shop.read(f"/v1/reports/sales_tax?{period}")["totals"].values()][:5]

    assert figures("from=2024-01-01&to=2024-01-31") == ["2700.00", "216.00", "0.00", "0.00", "216.00"]
    assert figures("from=2024-02-01&to=2024-02-29") == ["0.00", "0.00", "1485.00", "118.80", "-118.80"]
    whole = shop.read("/v1/reports/sales_tax?from=2024-01-01&to=2024-12-31")
    assert whole["totals"]["tax_due"] == D("97.20") == -shop.books()["Sales Tax Payable"]
    assert [(row["name"], row["rate"]) for row in whole["rows"]] == [("Tax 8 %", D("0.08"))]


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("reports/sales_tax?from=2024-02-01&to=2024-01-01", "from"),
        ("reports/customer_statement", "customer_id"),
        ("reports/aged_receivables?as_of=yesterday", "as_of"),
        ("customers/cust_123456/statement?until=2024-01-01", "until"),
    ],
)
def test_wrong_parameters_are_named(shop: Shop, path: str, field: str) -> None:
    refused = shop.caller.get(f"/v1/{path}")
    assert (refused.status, refused.fields) == (400, [field])
