"""Numbers of documents: taken when an invoice is issued, without a gap in that order, in the tenant's own series."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.breaking import contents
from tests.sales import Shop

SETTINGS = "/v1/sales-settings"
At = Callable[[str], None]


def series(shop: Shop, **given: Any) -> Any:
    return shop.done(shop.caller.patch(SETTINGS, {"series": [given]}))["series"]


def test_numbers_follow_the_order_of_issue(shop: Shop) -> None:
    """Three drafts, the second one deleted; the third is sent first. An auditor finds 001 and 002 and no hole."""
    first, second, third = (shop.invoice("10.00", invoice_date="2024-01-15") for _ in range(3))
    assert [draft["number"] for draft in (first, second, third)] == [None, None, None]
    assert shop.caller.delete(f"/v1/invoices/{second['id']}").status == 204

    assert [shop.send(draft)["number"] for draft in (third, first)] == ["INV-2024-001", "INV-2024-002"]
    assert shop.send(first)["number"] == "INV-2024-002", "sent again, it keeps its number"
    assert [row["number"] for row in shop.read("/v1/invoices?sort=number:asc")["data"]] == [
        "INV-2024-001", "INV-2024-002",
    ]  # fmt: skip


def test_numbers_count_per_year_of_the_invoice(shop: Shop) -> None:
    days = ("2023-12-31", "2024-01-01", "2024-06-01", "2023-01-01")
    assert [shop.sent("10.00", invoice_date=day)["number"] for day in days] == [
        "INV-2023-001", "INV-2024-001", "INV-2024-002", "INV-2023-002",
    ]  # fmt: skip


def test_a_draft_without_a_number_may_change_its_year(shop: Shop) -> None:
    draft = shop.invoice("10.00", invoice_date="2024-01-15")
    shop.done(shop.caller.patch(f"/v1/invoices/{draft['id']}", {"invoice_date": "2025-02-01"}))

    assert shop.send(draft)["number"] == "INV-2025-001"


def test_a_refused_sending_gives_its_number_back(shop: Shop) -> None:
    blocked = shop.invoice("10.00", invoice_date="2024-01-15", customer=shop.customer(number="b")["id"])
    shop.done(shop.caller.patch("/v1/customers/cust_b", {"status": "blocked"}))

    assert shop.caller.post(f"/v1/invoices/{blocked['id']}/send").status == 422
    assert shop.again(blocked)["number"] is None
    assert shop.sent("10.00", invoice_date="2024-01-15")["number"] == "INV-2024-001"


def test_a_dry_run_shows_the_number_and_takes_none(shop: Shop) -> None:
    draft = shop.invoice("10.00", invoice_date="2024-01-15")
    shown = shop.done(shop.caller.post(f"/v1/invoices/{draft['id']}/send?validate_only=true"))

    assert (shown["number"], shop.again(draft)["number"]) == ("INV-2024-001", None)


def test_a_tenant_may_number_its_drafts(shop: Shop) -> None:
    early = shop.invoice("10.00", invoice_date="2024-01-15")
    shop.numbers_drafts()
    draft = shop.invoice("10.00", invoice_date="2024-01-15")

    assert draft["number"] == "INV-2024-001"
    assert [shop.send(each)["number"] for each in (early, draft)] == ["INV-2024-002", "INV-2024-001"]


def test_the_series_of_a_tenant_that_moves_here_goes_on(shop: Shop, at: At) -> None:
    """Its last invoice elsewhere was RE-2024-1041, and its credit notes are numbered on for ever from GS-77."""
    at("2024-03-10T08:00:00Z")
    given = [{"prefix": "RE", "next": 1042}, {"document": "credit_note", "prefix": "GS-", "reset": "never", "next": 78}]
    changed = shop.done(shop.caller.patch(SETTINGS, {"series": given}))
    assert changed["series"][:2] == [
        {"document": "invoice", "prefix": "RE", "reset": "yearly", "next": 1042},
        {"document": "credit_note", "prefix": "GS-", "reset": "never", "next": 78},
    ]

    invoice = shop.sent("10.00")
    note = shop.post("/v1/credit-notes", invoice_id=invoice["id"])
    assert (invoice["number"], note["number"]) == ("RE-2024-1042", "GS-078")
    assert [each["next"] for each in shop.read(SETTINGS)["series"][:2]] == [1043, 79]

    at("2025-01-02T08:00:00Z")
    assert [each["next"] for each in shop.read(SETTINGS)["series"][:2]] == [1, 79]
    assert shop.sent("10.00")["number"] == "RE-2025-001"


def test_a_continuous_series_never_starts_again(shop: Shop) -> None:
    series(shop, prefix="F", reset="never")

    assert [shop.sent("10.00", invoice_date=day)["number"] for day in ("2023-12-31", "2024-01-01", "2022-05-05")] == [
        "F-001", "F-002", "F-003",
    ]  # fmt: skip


def test_a_number_that_another_series_gave_is_not_given_again(shop: Shop) -> None:
    """INV-2024-001 was given by the year 2024 of INV; the continuous series INV-2024 would give it once more."""
    assert shop.sent("10.00", invoice_date="2024-01-15")["number"] == "INV-2024-001"
    series(shop, prefix="INV-2024", reset="never")

    assert shop.sent("10.00", invoice_date="2024-01-16")["number"] == "INV-2024-002"


def test_what_is_not_given_stays(shop: Shop) -> None:
    series(shop, prefix="A", reset="never")

    assert series(shop, document="credit_note", prefix="B")[0] == {
        "document": "invoice", "prefix": "A", "reset": "never", "next": 1,
    }  # fmt: skip
    assert series(shop, next=7)[0]["next"] == 7


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"next": 1}, "series[0].next"),
        ({"next": 0}, "series[0].next"),
        ({"prefix": "CN"}, "series[0].prefix"),
        ({"prefix": "A/B"}, "series[0].prefix"),
        ({"prefix": ""}, "series[0].prefix"),
        ({"prefix": "A" * 21}, "series[0].prefix"),
        ({"reset": "monthly"}, "series[0].reset"),
        ({"document": "order"}, "series[0].document"),
        ({"start": 1}, "series[0].start"),
    ],
)
def test_a_fault_is_named_and_nothing_changes(shop: Shop, given: dict[str, Any], field: str) -> None:
    shop.sent("10.00")
    before = contents(shop.caller)

    refused = shop.caller.patch(SETTINGS, {"number_drafts": True, "series": [given]})

    assert (refused.status, refused.fields) == (400, [field])
    assert contents(shop.caller) == before
