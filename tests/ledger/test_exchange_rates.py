"""Exchange rates: kept, looked up directly, inversely and through a third currency, imported, refused."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from bigledger.tenants.context import tenant_context
from ledger.services.exchange_rates import rates_on
from tests.api.conftest import open_chart
from tests.breaking import contents
from tests.conftest import Answer, Caller
from tests.rates import keep_rate

RATES = "/v1/exchange-rates"
DAY = datetime.date(2024, 1, 15)
# As the bank publishes it: the newest day first, a comma at the end of each line.
ECB = """Date,USD,JPY,BGN,CYP,GBP,IDR,
2024-01-15,1.0945,159.67,1.9558,N/A,0.86045,17031.17,
2024-01-12,1.0942,159.17,1.9558,N/A,0.85950,17034.90,
"""


def upload(caller: Caller, text: str) -> Answer:
    return caller.upload(f"{RATES}/import", {"file": SimpleUploadedFile("eurofxref-hist.csv", text.encode())})


def rate(caller: Caller, currency: str, day: datetime.date = DAY, **given: Any) -> Decimal | None:
    with tenant_context(caller.tenant):
        [found] = rates_on([(currency, day)], **given)
    return found


def test_a_rate_is_kept_changed_and_deleted(acme: Caller) -> None:
    kept = acme.post(RATES, {"currency": "EUR", "date": "2024-01-15", "rate": Decimal("1.0945"), "source": "ECB"})

    assert kept.status == 201
    shown = {name: kept.body[name] for name in ("currency", "quote_currency", "date", "type", "rate", "source")}
    assert shown == {
        "currency": "EUR", "quote_currency": "USD", "date": "2024-01-15", "type": "spot", "rate": Decimal("1.0945"),
        "source": "ECB",
    }  # fmt: skip
    path = f"{RATES}/{kept.body['id']}"
    assert acme.patch(path, {"rate": Decimal("1.0947")}).body["rate"] == Decimal("1.0947")
    assert acme.get(f"{RATES}?currency=EUR&date[lte]=2024-01-15").body["meta"]["total"] == 1
    assert acme.delete(path).status == 204
    assert acme.get(path).status == 404


def test_one_day_has_one_rate_of_a_type(acme: Caller) -> None:
    keep_rate(acme, "EUR", "1.0945", DAY)
    keep_rate(acme, "EUR", "1.0837", DAY, type="closing")
    before = contents(acme)

    again = acme.post(RATES, {"currency": "EUR", "date": str(DAY), "rate": Decimal("1.2")})

    assert (again.status, again.fields) == (409, ["date"])
    assert contents(acme) == before


@pytest.mark.parametrize(
    "given",
    [
        "0",
        "-1.1",
        "NaN",
        "Infinity",
        "1e30",
        "123456789012345678901234567890",
        "1.12345678901",
        '"1.1"',
        "null",
        "true",
    ],
)
def test_what_is_no_rate_is_refused(acme: Caller, given: str) -> None:
    before = contents(acme)

    refused = acme.post(RATES, f'{{"currency": "EUR", "date": "2024-01-15", "rate": {given}}}'.encode())

    assert refused.status == 400
    assert contents(acme) == before


def test_a_currency_has_no_rate_in_itself(acme: Caller) -> None:
    refused = acme.post(RATES, {"currency": "USD", "date": "2024-01-15", "rate": 1})

    assert (refused.status, refused.fields) == (400, ["currency"])


def test_the_newest_rate_of_a_week_counts(acme: Caller) -> None:
    keep_rate(acme, "EUR", "1.08", "2024-01-08")
    keep_rate(acme, "EUR", "1.09", "2024-01-12")
    keep_rate(acme, "EUR", "1.50", "2024-01-16")

    assert rate(acme, "EUR") == Decimal("1.09")
    assert rate(acme, "EUR", datetime.date(2024, 1, 11)) == Decimal("1.08")
    assert rate(acme, "EUR", datetime.date(2024, 1, 23)) == Decimal("1.50")
    assert rate(acme, "EUR", datetime.date(2024, 1, 24)) is None
    assert rate(acme, "EUR", datetime.date(2024, 1, 7)) is None
    assert rate(acme, "EUR", kind="closing") is None


def test_a_rate_is_found_backwards_and_through_a_third_currency(acme: Caller) -> None:
    """One euro is 1.0945 USD and 159.67 JPY, so a yen is 1.0945 / 159.67 = 0.0068547629 USD and a dollar 0.9136592051
    EUR. A rate that was given for the pair itself comes before both."""
    assert upload(acme, ECB).body == {"created": {"exchange_rates": 8}}

    assert rate(acme, "EUR") == Decimal("1.0945")
    assert rate(acme, "JPY") == Decimal("0.0068547629")
    assert rate(acme, "GBP") == Decimal("1.2720088326")
    assert rate(acme, "USD", quote="EUR") == Decimal("0.9136592051")
    assert rate(acme, "CYP") is None
    keep_rate(acme, "JPY", "0.0069", DAY)
    assert rate(acme, "JPY") == Decimal("0.0069")


def test_the_banks_file_is_imported_again(acme: Caller) -> None:
    upload(acme, ECB)

    again = upload(acme, ECB.replace("17031.17", "17031.18"))

    assert (again.status, again.body) == (201, {"created": {"exchange_rates": 0}})
    found = acme.get(f"{RATES}?quote_currency=IDR&date=2024-01-15").body["data"]
    assert [(row["rate"], row["source"]) for row in found] == [(Decimal("17031.18"), "European Central Bank")]


def test_the_file_of_the_last_day_is_the_banks_too(acme: Caller) -> None:
    made = upload(acme, "Date, USD, JPY, \n15 January 2024, 1.0945, 159.67, \n")

    assert made.body == {"created": {"exchange_rates": 2}}
    assert rate(acme, "EUR") == Decimal("1.0945")


def test_every_fault_of_the_banks_file_is_named(acme: Caller) -> None:
    before = contents(acme)

    refused = upload(acme, "Date,USD,yen,\n2024-01-15,0,1,\n2024-02-30,1.1,1,\n2024-01-15,NaN,1,\n")

    assert refused.status == 400
    assert refused.fields == [
        "line 1, column yen", "line 2, column USD", "line 3, column Date", "line 4, column Date", "line 4, column USD",
    ]  # fmt: skip
    assert contents(acme) == before


def test_rates_are_imported_in_our_own_columns_and_exported(acme: Caller) -> None:
    made = upload(acme, "currency,date,rate,type\nEUR,2024-01-15,1.0945,spot\nGBP,2024-01-31,1.2688,closing\n")

    assert made.body == {"created": {"exchange_rates": 2}}
    assert "EUR,USD,2024-01-15,spot" in acme.get(f"{RATES}/export").text.replace("1.0945,,", "")


def test_a_line_says_its_currency_and_rate(acme: Caller) -> None:
    """100.00 EUR of rent at 1.0945 are 109.45 USD, paid from the account in dollars."""
    open_chart(acme)
    lines = [
        {"account_id": "acc_6100", "debit": 100, "currency": "EUR", "exchange_rate": Decimal("1.0945")},
        {"account_id": "acc_1000", "credit": Decimal("109.45")},
    ]

    entry = acme.post("/v1/journal-entries", {"date": str(DAY), "lines": lines})

    assert entry.status == 201, entry.text
    names = ("debit", "credit", "currency", "exchange_rate", "base_debit", "base_credit")
    assert [[line[name] for name in names] for line in entry.body["lines"]] == [
        [Decimal("100.00"), 0, "EUR", Decimal("1.0945"), Decimal("109.45"), 0],
        [0, Decimal("109.45"), "USD", 1, 0, Decimal("109.45")],
    ]
    assert acme.get(f"/v1/journal-entries/{entry.body['id']}").body["lines"] == entry.body["lines"]


def test_a_draft_keeps_currency_and_rate_until_it_is_posted(acme: Caller) -> None:
    """109.50 USD are given for 100.00 EUR, so the rate is 1.095."""
    open_chart(acme)
    lines = [
        {"account_id": "acc_6100", "debit": 100, "currency": "EUR", "base_debit": Decimal("109.50")},
        {"account_id": "acc_1000", "credit": Decimal("109.50")},
    ]

    draft = acme.post("/v1/journal-entries", {"date": str(DAY), "lines": lines, "status": "draft"})

    assert (draft.body["currency"], draft.body["total_debit"], draft.body["is_balanced"]) == (
        "USD",
        Decimal("109.5"),
        True,
    )
    posted = acme.post(f"/v1/journal-entries/{draft.body['id']}/post", {})
    assert posted.status == 200, posted.text
    assert (posted.status, posted.body["lines"][0]["exchange_rate"]) == (200, Decimal("1.095"))
