"""A company moves here from another system at the end of 2023.

It brings its chart of accounts, its customers, its trial balance and the invoices that are not paid yet. Each step is
tried out first. At the end the receivable is what the open invoices come to, and the first payment finds its invoice.

The trial balance on 31 December 2023:

    account                        debit      credit
    1010 Checking Account       12,400.00
    1200 Accounts Receivable     3,250.00
    1530 Equipment               8,000.00
    1535 Accumulated Depr.                   2,000.00
    2000 Accounts Payable                    1,150.00
    2200 Sales Tax Payable                     500.00
    3000 Common Stock                       10,000.00
    3200 Retained Earnings                  10,000.00
                                23,650.00   23,650.00

Open: 2023-101 of Harbor Cafe, 1,250.00, overdue since 15 December; 2023-107 of Harbor Cafe, 800.00; 2023-110 of North
Mill, of 2,000.00 of which 800.00 are paid, so 1,200.00.
"""

from __future__ import annotations

import csv
import io
import uuid
from decimal import Decimal
from typing import Any

import pytest

from invoicing.reports.soundness import find_faults as find_faults_in_sales
from ledger.reports.soundness import find_faults
from tests.breaking import contents
from tests.conftest import Caller, make_tenant
from tests.sales import Shop

LAST = "2023-12-31"
LOAN = "code,name,type,subtype,parent_id\n2720,Bank Loan,liability,long_term_liability,acc_2700\n"
CUSTOMERS = """number,name,email,payment_terms,billing_address.line1,billing_address.country
C-17,Harbor Cafe,accounts@harbor.example,net_30,1 Pier Road,US
C-23,North Mill,,net_14,,
"""
TRIAL_BALANCE = [
    {"account_id": "acc_1010", "debit": Decimal("12400.00")},
    {"account_id": "acc_1200", "debit": Decimal("3250.00")},
    {"account_id": "acc_1530", "debit": Decimal("8000.00")},
    {"account_id": "acc_1535", "credit": Decimal("2000.00")},
    {"account_id": "acc_2000", "credit": Decimal("1150.00")},
    {"account_id": "acc_2200", "credit": Decimal("500.00")},
    {"account_id": "acc_3000", "credit": Decimal("10000.00")},
    {"account_id": "acc_3200", "credit": Decimal("10000.00")},
]


def open_invoice(customer: str, number: str, dated: str, due: str, amount: str, **more: Any) -> dict[str, Any]:
    return {
        "customer_id": customer, "number": number, "invoice_date": dated, "due_date": due,
        "amount_due": Decimal(amount), **more,
    }  # fmt: skip


OPEN = [
    open_invoice("cust_C-17", "2023-101", "2023-11-15", "2023-12-15", "1250.00", currency="USD"),
    open_invoice("cust_C-17", "2023-107", "2023-12-20", "2199-01-19", "800.00"),
    open_invoice("cust_C-23", "2023-110", "2023-12-28", "2199-01-11", "1200.00"),
]
BALANCES = {"date": LAST, "trial_balance": TRIAL_BALANCE, "open_invoices": OPEN}


@pytest.fixture
def shop(acme: Caller) -> Shop:
    """With the chart and the customers of the other system."""
    return moved_in(acme)


def moved_in(acme: Caller) -> Shop:
    assert acme.post("/v1/chart-templates/us/apply").status == 201
    for path, file in (("/v1/accounts/import", LOAN), ("/v1/customers/import", CUSTOMERS)):
        assert acme.send_csv(f"{path}?validate_only=true", file).status == 200
        assert acme.send_csv(path, file).status == 201
    return Shop(acme)


def balances(shop: Shop, as_of: str = LAST) -> dict[str, Decimal]:
    rows = shop.read(f"/v1/reports/trial_balance?as_of={as_of}")["rows"]
    return {row["account"]["code"]: row["debit"] - row["credit"] for row in rows}


def test_the_company_moves(shop: Shop) -> None:
    dry = shop.caller.post("/v1/opening-balances?validate_only=true", BALANCES)
    assert (dry.status, dry.body["created"]) == (200, {"journal_entries": 4, "invoices": 3})
    assert balances(shop) == {}

    shop.post("/v1/opening-balances", **BALANCES)

    # The trial balance is the one of the other system, and nothing stays on Opening Balance Equity.
    assert balances(shop) == {
        "1010": Decimal("12400.00"),
        "1200": Decimal("3250.00"),
        "1530": Decimal("8000.00"),
        "1535": Decimal("-2000.00"),
        "2000": Decimal("-1150.00"),
        "2200": Decimal("-500.00"),
        "3000": Decimal("-10000.00"),
        "3200": Decimal("-10000.00"),
    }
    assert balances(shop, "2023-12-30") == {}
    sheet = shop.read(f"/v1/reports/balance_sheet?as_of={LAST}")["totals"]
    assert (sheet["assets"], sheet["liabilities"], sheet["equity"]) == (
        Decimal("21650.00"),
        Decimal("1650.00"),
        Decimal("20000.00"),
    )
    # The invoices have their numbers, dates and customers; no revenue, no tax, no event of a sale, no mail.
    invoices = shop.read("/v1/invoices?sort=number:asc")["data"]
    assert [(i["number"], i["status"], i["amount_due"], i["invoice_date"]) for i in invoices] == [
        ("2023-101", "overdue", Decimal("1250.00"), "2023-11-15"),
        ("2023-107", "sent", Decimal("800.00"), "2023-12-20"),
        ("2023-110", "sent", Decimal("1200.00"), "2023-12-28"),
    ]
    assert {i["taken_over_on"] for i in invoices} == {LAST}
    assert (shop.balance("cust_C-17"), shop.balance("cust_C-23")) == (Decimal("2050.00"), Decimal("1200.00"))
    taxes = shop.read("/v1/reports/sales_tax?from=2023-01-01&to=2199-12-31")
    assert taxes["rows"] == []
    assert shop.read("/v1/reports/income_statement?from=2023-01-01&to=2023-12-31")["totals"]["net_income"] == 0
    assert {event for event in shop.events() if not event.startswith("customer.")} == {"invoice.taken_over"}
    # What customers owe is the receivable, on the last day of the old system and not before.
    aged = shop.read(f"/v1/reports/aged_receivables?as_of={LAST}")["totals"]
    assert (aged["days_1_30"], aged["current"], aged["total"]) == (
        Decimal("1250.00"),
        Decimal("2000.00"),
        Decimal("3250.00"),
    )
    assert shop.read("/v1/reports/aged_receivables?as_of=2023-12-30")["totals"]["total"] == 0

    # January: Harbor Cafe pays its oldest invoice, North Mill returns goods for 200.00, 2023-107 was no sale at all.
    shop.pay("1250.00", customer="cust_C-17", invoice_id="inv_2023-101", date="2024-01-10")
    line = {"description": "Returned", "quantity": 1, "unit_price": 200}
    note = shop.post("/v1/credit-notes", customer_id="cust_C-23", lines=[line], date="2024-01-12")
    shop.post(f"/v1/credit-notes/{note['id']}/apply", invoice_id="inv_2023-110")
    shop.post("/v1/invoices/inv_2023-107/void", reason="Never delivered")

    assert [
        shop.read(f"/v1/invoices/inv_{number}")["amount_due"] for number in ("2023-101", "2023-107", "2023-110")
    ] == [
        Decimal("0.00"),
        Decimal("0.00"),
        Decimal("1000.00"),
    ]
    end = balances(shop, "2199-12-31")
    assert end["1200"] == Decimal("1000.00") == shop.balance("cust_C-17") + shop.balance("cust_C-23")
    assert end["3900"] == Decimal("800.00")  # the voided invoice, which the old system had counted as earned
    assert shop.read("/v1/invoices/inv_2023-101")["status"] == "paid"


def test_the_books_are_sound_after_it(committed: None) -> None:
    shop = moved_in(make_tenant(f"Moved-{uuid.uuid4()}"))
    shop.post("/v1/opening-balances", **BALANCES)
    shop.pay("1000.00", customer="cust_C-17", invoice_id="inv_2023-101")
    shop.post("/v1/invoices/inv_2023-101/write-off", kind="bad_debt", reason="Insolvent")
    shop.post("/v1/invoices/inv_2023-107/void", reason="Never delivered")
    shop.post("/v1/credit-notes", invoice_id="inv_2023-110")

    assert [*find_faults(shop.caller.tenant.id), *find_faults_in_sales(shop.caller.tenant.id)] == []


def test_a_new_invoice_does_not_take_a_number_that_came_along(shop: Shop) -> None:
    year = shop.caller.tenant.today().year
    came = [
        open_invoice("cust_C-17", f"INV-{year}-001", LAST, "2199-01-01", "3000.00"),
        open_invoice("cust_C-17", f"INV-{year}-003", LAST, "2199-01-01", "250.00"),
    ]
    shop.post("/v1/opening-balances", **BALANCES | {"open_invoices": came})

    numbers = [shop.sent("10.00", customer="cust_C-17")["number"] for _ in range(2)]

    assert numbers == [f"INV-{year}-002", f"INV-{year}-004"]


def test_a_receivable_in_euros_is_worth_in_base_what_the_trial_balance_says(acme: Caller) -> None:
    """1,000.00 EUR at 1.0937 are 1,093.70 USD; the thirds alone would be 364.56, 364.56 and 364.57, a cent less."""
    shop = Shop(acme)
    acme.post("/v1/chart-templates/us/apply")
    shop.customer(number="E", currency="EUR")
    shop.sent("1.00", customer="cust_E")  # which makes the receivable in euros
    (receivable,) = (
        account["code"] for account in shop.read("/v1/accounts?currency=EUR")["data"] if "Receiv" in account["name"]
    )
    lines = [
        {"account_id": f"acc_{receivable}", "debit": Decimal("1000.00"), "exchange_rate": Decimal("1.0937")},
        {"account_id": "acc_3200", "credit": Decimal("1093.70")},
    ]
    thirds = [("1", "333.33"), ("2", "333.33"), ("3", "333.34")]
    invoices = [open_invoice("cust_E", f"E-{n}", LAST, "2199-01-01", amount) for n, amount in thirds]

    shop.post("/v1/opening-balances", date=LAST, trial_balance=lines, open_invoices=invoices)

    rows = list(csv.DictReader(io.StringIO(acme.get(f"/v1/exports/csv?to={LAST}").text)))
    worth = [Decimal(row["base_debit"]) for row in rows if row["account_code"] == receivable]
    assert worth == [Decimal("364.56"), Decimal("364.57"), Decimal("364.57")]
    on_equity = [row for row in rows if row["account_code"] == "3900"]
    assert sum(Decimal(row["base_debit"]) - Decimal(row["base_credit"]) for row in on_equity) == 0


BAD: dict[str, tuple[dict[str, Any], int, list[str | None]]] = {
    "the invoices come to less": ({"open_invoices": OPEN[:2]}, 400, ["open_invoices"]),
    "no invoice at all": ({"open_invoices": []}, 400, ["open_invoices"]),
    "the trial balance does not balance": ({"trial_balance": TRIAL_BALANCE[:-1]}, 400, ["trial_balance"]),
    "an unknown account": (
        {"trial_balance": [*TRIAL_BALANCE, {"account_id": "acc_none", "debit": 1}]},
        404,
        ["trial_balance[8].account_id"],
    ),
    "a line with both sides": (
        {"trial_balance": [{"account_id": "acc_1010", "debit": 1, "credit": 1}, *TRIAL_BALANCE[1:]]},
        400,
        ["trial_balance[0]", "trial_balance"],
    ),
    "a fraction of a cent": (
        {"trial_balance": [{"account_id": "acc_1010", "debit": Decimal("12400.001")}, *TRIAL_BALANCE[1:]]},
        400,
        ["trial_balance[0].debit", "trial_balance"],
    ),
    "customer deposits, which only payments make": (
        {"trial_balance": [*TRIAL_BALANCE[:-1], {"account_id": "acc_2300", "credit": Decimal("10000.00")}]},
        422,
        ["trial_balance[7].account_id"],
    ),
    "an unknown customer": (
        {"open_invoices": [*OPEN[:2], {**OPEN[2], "customer_id": "cust_none"}]},
        404,
        ["open_invoices[2].customer_id"],
    ),
    "a number twice": (
        {"open_invoices": [*OPEN[:2], {**OPEN[2], "number": "2023-101"}]},
        400,
        ["open_invoices[0].number", "open_invoices[2].number"],
    ),
    "every fault of an invoice at once": (
        {
            "open_invoices": [
                open_invoice("cust_C-17", "9", "2024-01-01", "2023-01-01", "0.00", currency="EUR"),
                *OPEN,
            ]
        },
        400,
        [f"open_invoices[0].{name}" for name in ("amount_due", "invoice_date", "due_date")],
    ),
    "no form": ({"date": "31.12.2023", "trial_balance": 5, "open": []}, 400, ["date", "trial_balance", "open"]),
}


@pytest.mark.parametrize("name", BAD)
def test_what_does_not_reconcile_keeps_nothing(shop: Shop, name: str) -> None:
    change, status, fields = BAD[name]
    before = contents(shop.caller)

    refused = shop.caller.post("/v1/opening-balances", BALANCES | change)

    assert (refused.status, refused.fields) == (status, fields), refused.text
    assert contents(shop.caller) == before


def test_the_same_balances_twice_are_refused(shop: Shop) -> None:
    shop.post("/v1/opening-balances", **BALANCES)
    before = contents(shop.caller)

    refused = shop.caller.post("/v1/opening-balances", BALANCES)

    assert (refused.status, refused.fields) == (409, [f"open_invoices[{n}].number" for n in range(3)])
    assert contents(shop.caller) == before
