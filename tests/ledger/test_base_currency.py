"""Lines of foreign currency: what they are worth in the base currency, and what the accounts have afterwards.

Acme's books are in USD. The figures are worked by hand; a rate is USD for one unit of the foreign currency.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from bigledger.errors import ApiError, BusinessRuleViolation, ValidationFailed
from bigledger.postgres.execute import fetch_all
from bigledger.tenants.context import tenant_context
from ledger.models import JournalEntry, JournalLine
from ledger.reports.trial_balance import trial_balance
from ledger.rules import PERIOD_CLOSED, RATE_MISSING
from ledger.services.posting import NewEntry, NewLine, post_journal_entry
from ledger.services.reversal import reverse_journal_entry
from tests.api.conftest import open_chart
from tests.conftest import Caller
from tests.rates import keep_rate

DAY = datetime.date(2024, 3, 14)


@pytest.fixture
def books(acme: Caller) -> Iterator[Caller]:
    """Accounts in USD, and a bank account and sales in EUR."""
    open_chart(acme)
    for code, name, type_, subtype in (
        ("1010", "Bank in euro", "asset", "current_asset"),
        ("4010", "Sales in euro", "revenue", "operating_revenue"),
    ):
        made = acme.post(
            "/v1/accounts", {"code": code, "name": name, "type": type_, "subtype": subtype, "currency": "EUR"}
        )
        assert made.status == 201
    with tenant_context(acme.tenant):
        yield acme


def post(books: Caller, *lines: NewLine, rate: str | None = None, date: datetime.date = DAY) -> JournalEntry:
    entry = NewEntry(date=date, lines=lines, exchange_rate=Decimal(rate) if rate else None)
    body = post_journal_entry(entry=entry, acting=books.principal)
    return JournalEntry.objects.get(number=body.number)


def in_base(entry: JournalEntry) -> list[tuple[Any, ...]]:
    return list(
        JournalLine.objects.filter(entry=entry).values_list("base_debit", "base_credit", "exchange_rate", "currency")
    )


def balance_of(code: str, day: str = "infinity") -> tuple[Decimal, Decimal]:
    """In the account's currency and in base, debit less credit."""
    [row] = fetch_all(
        "SELECT net, base_net FROM ledger_balances_on(ARRAY(SELECT id FROM ledger_account"
        " WHERE tenant_id = app_tenant() AND code = %s), %s::date)",
        [code, day],
    )
    return row[0], row[1]


def debit(account: str, amount: str, **fields: Any) -> NewLine:
    return NewLine(f"acc_{account}", debit=Decimal(amount), **fields)


def credit(account: str, amount: str, **fields: Any) -> NewLine:
    return NewLine(f"acc_{account}", credit=Decimal(amount), **fields)


def test_a_line_of_foreign_currency_on_an_account_in_base(books: Caller) -> None:
    """Rent of 1,000.00 EUR at 1.0837 is 1,083.70 USD, paid from the bank in dollars."""
    entry = post(
        books, debit("6100", "1000.00", currency="EUR", exchange_rate=Decimal("1.0837")), credit("1000", "1083.70")
    )

    assert in_base(entry) == [(Decimal("1083.70"), 0, Decimal("1.0837"), "EUR"), (0, Decimal("1083.70"), 1, "USD")]
    assert (entry.currency, entry.total_debit, entry.base_total_debit) == (
        "USD",
        Decimal("1083.70"),
        Decimal("1083.70"),
    )
    assert balance_of("6100") == (Decimal("1083.70"), Decimal("1083.70"))
    assert balance_of("1000") == (Decimal("-1083.70"), Decimal("-1083.70"))
    report = trial_balance(as_of=DAY)
    assert (report.totals.debit, report.totals.credit) == (Decimal("1083.70"), Decimal("1083.70"))
    ledger = books.get("/v1/accounts/acc_6100/ledger").body["data"]
    assert [(line["debit"], line["balance"]) for line in ledger] == [(Decimal("1083.70"), Decimal("1083.70"))]


def test_an_account_in_foreign_currency_has_both_balances(books: Caller) -> None:
    """250.00 EUR sold at 1.10 is 275.00 USD; 100.00 EUR of it, exchanged at 1.12, bring 112.00 USD."""
    sale = post(books, debit("1010", "250.00"), credit("4000", "250.00", currency="EUR"), rate="1.10")
    post(books, debit("1000", "112.00"), credit("1010", "100.00"), rate="1.12")

    assert (sale.currency, sale.total_debit, sale.base_total_debit) == ("EUR", Decimal("250.00"), Decimal("275.00"))
    assert balance_of("1010") == (Decimal("150.00"), Decimal("163.00"))
    assert balance_of("1000") == (Decimal("112.00"), Decimal("112.00"))
    assert balance_of("4000") == (Decimal("-275.00"), Decimal("-275.00"))


def test_what_rounding_leaves_goes_where_rounding_changed_the_most(books: Caller) -> None:
    """10.00 EUR at 1.0835 is 10.835, so 10.84; three parts of it, 3.33 + 3.33 + 3.34, are 3.608055 (3.61), 3.608055
    (3.61) and 3.61889 (3.62), together 10.84. At 1.0846: 10.846 (10.85) against 3.611718 (3.61), twice, and 3.622564
    (3.62), 10.84 in all: 0.01 is missing, and goes to what was rounded the most, the 10.846."""
    parts = [credit("4010", amount) for amount in ("3.33", "3.33", "3.34")]

    even = post(books, debit("1010", "10.00"), *parts, rate="1.0835")
    uneven = post(books, debit("1010", "10.00"), *parts, rate="1.0846")

    assert [(row[0], row[1]) for row in in_base(even)] == [
        (Decimal("10.84"), 0), (0, Decimal("3.61")), (0, Decimal("3.61")), (0, Decimal("3.62")),
    ]  # fmt: skip
    assert [(row[0], row[1]) for row in in_base(uneven)] == [
        (Decimal("10.84"), 0), (0, Decimal("3.61")), (0, Decimal("3.61")), (0, Decimal("3.62")),
    ]  # fmt: skip


def test_an_amount_in_base_that_is_given_stays(books: Caller) -> None:
    """A receivable has its 10.85; the missing cent goes to what rounding took the most from: 3.622564."""
    first = debit("1010", "10.00", base_amount=Decimal("10.85"))

    entry = post(books, first, *(credit("4010", amount) for amount in ("3.33", "3.33", "3.34")), rate="1.0846")

    assert [(row[0], row[1]) for row in in_base(entry)] == [
        (Decimal("10.85"), 0), (0, Decimal("3.61")), (0, Decimal("3.61")), (0, Decimal("3.63")),
    ]  # fmt: skip


def test_less_than_half_a_cent_is_nothing_in_base(books: Caller) -> None:
    """1 JPY at 0.0041 is 0.0041 USD."""
    entry = post(
        books,
        debit("6100", "1", currency="JPY"),
        credit("1000", "1", currency="JPY"),
        rate="0.0041",
    )

    assert (entry.total_debit, entry.base_total_debit) == (1, 0)
    assert balance_of("6100") == (0, 0)


def test_an_entry_in_foreign_currency_without_a_rate_takes_the_one_that_is_kept(books: Caller) -> None:
    """100.00 EUR at the 1.0945 of two days before are 109.45 USD."""
    keep_rate(books, "EUR", "1.0945", DAY - datetime.timedelta(days=2))

    entry = post(books, debit("1010", "100.00"), credit("4010", "100.00"))

    worth = Decimal("109.45")
    assert in_base(entry) == [(worth, 0, Decimal("1.0945"), "EUR"), (0, worth, Decimal("1.0945"), "EUR")]
    assert (entry.currency, entry.total_debit, entry.base_total_debit) == ("EUR", Decimal("100.00"), worth)
    assert balance_of("1010") == (Decimal("100.00"), worth)


@pytest.mark.parametrize("days", [-1, 8], ids=["a day later", "eight days before"])
def test_it_is_refused_when_no_rate_is_known(books: Caller, days: int) -> None:
    keep_rate(books, "EUR", "1.0945", DAY - datetime.timedelta(days=days))
    lines = [debit("1010", "1.00"), credit("1000", "1.00")]

    with pytest.raises(BusinessRuleViolation) as refused:
        post(books, *lines)

    [detail] = refused.value.details
    assert (detail.rule, detail.field) == (RATE_MISSING, "lines[0].exchange_rate")
    assert not JournalEntry.objects.exists()


def test_a_reversal_takes_back_the_same_in_base(books: Caller) -> None:
    entry = post(books, debit("1010", "250.00"), credit("4000", "250.00", currency="EUR"), rate="1.10")

    reverse_journal_entry(entry=entry, reason="wrong", date=DAY, acting=books.principal)

    assert balance_of("1010") == (0, 0)
    assert balance_of("4000") == (0, 0)


REFUSED: dict[str, tuple[list[NewLine], str | None, str, str]] = {
    "a foreign account in another currency": (
        [debit("1010", "1.00", currency="USD"), credit("1000", "1.00")],
        "1.1",
        "lines[0].currency",
        "Account 1010 takes lines in EUR only, not in USD.",
    ),
    "a rate of the base currency": (
        [debit("6100", "1.00", exchange_rate=Decimal("1.1")), credit("1000", "1.00")],
        None,
        "lines[0].exchange_rate",
        "A line in USD, the base currency, is at the rate 1.",
    ),
    "unbalanced in base": (
        [debit("6100", "100.00", currency="EUR"), credit("1000", "108.38")],
        "1.0837",
        "lines",
        "Debits of 108.37 USD do not equal credits of 108.38 USD.",
    ),
    "balanced in base, unbalanced in the only currency": (
        [debit("1010", "11.00", exchange_rate=Decimal(1)), credit("4010", "10.00", exchange_rate=Decimal("1.1"))],
        None,
        "lines",
        "Debits of 11.00 EUR do not equal credits of 10.00 EUR.",
    ),
    "a rate of nothing": (
        [debit("1010", "1.00"), credit("4010", "1.00")],
        "-1",
        "exchange_rate",
        "Must be more than 0 and less than 10000000000.",
    ),
    "a rate with eleven decimals": (
        [debit("1010", "1.00"), credit("4010", "1.00")],
        "1.00000000001",
        "exchange_rate",
        "Has more than 10 decimals.",
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_it_is_refused(books: Caller, what: str) -> None:
    lines, rate, field, message = REFUSED[what]

    with pytest.raises(ValidationFailed) as refused:
        post(books, *lines, rate=rate)

    assert [(detail.field, detail.message) for detail in refused.value.details] == [(field, message)]
    assert not JournalEntry.objects.exists()


def close(until: str) -> None:
    fetch_all("SELECT ledger_close_periods(%s, 'all', %s)", [until, uuid.uuid4()])


def test_a_closed_period_takes_no_posting(books: Caller) -> None:
    close("2024-03-31")

    with pytest.raises(ApiError) as refused:
        post(books, debit("6100", "5.00"), credit("1000", "5.00"), date=datetime.date(2024, 3, 31))
    open_entry = post(books, debit("6100", "5.00"), credit("1000", "5.00"), date=datetime.date(2024, 4, 1))

    [detail] = refused.value.details
    assert (refused.value.status, detail.rule, detail.field) == (422, PERIOD_CLOSED, "date")
    assert detail.message == "The period 2024-03 is closed; the first open day is 2024-04-01."
    assert list(JournalEntry.objects.all()) == [open_entry]


def test_books_that_are_opened_again_take_postings(books: Caller) -> None:
    close("2024-03-31")
    for month in ("2024-01-01", "2024-02-01", "2024-03-01"):
        fetch_all("SELECT ledger_reopen_period(%s, %s, 'Late')", [month, uuid.uuid4()])

    assert post(books, debit("6100", "5.00"), credit("1000", "5.00")).date == DAY


def test_in_a_bulk_request_the_open_days_are_posted(books: Caller) -> None:
    close("2024-03-31")
    operations = [
        {
            "operation": "create",
            "data": {
                "date": date,
                "lines": [
                    {"account_id": "acc_6100", "debit": Decimal("5.00")},
                    {"account_id": "acc_1000", "credit": Decimal("5.00")},
                ],
            },
        }
        for date in ("2024-03-31", "2024-04-01", "2024-01-01")
    ]

    answer = books.post("/v1/journal-entries/bulk", {"operations": operations, "options": {"continue_on_error": True}})

    assert [result["status"] for result in answer.body["results"]] == [422, 201, 422]
    assert answer.body["results"][0]["error"]["details"][0]["rule"] == "period_closed"
    assert JournalEntry.objects.count() == 1
