"""Bodies with lists of lines, parts and values by name as forms: read as the API reads them, faults in their cells."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from tests.api.conftest import open_chart
from tests.backoffice.test_admin import staff, text
from tests.backoffice.test_operations import address
from tests.breaking import contents
from tests.conftest import Caller
from tests.sales import Shop, shop

__all__ = ["shop"]

RENT = {
    "date": "2024-01-15", "lines-0-account_id": "6100 Rent Expense", "lines-0-debit": "5,000.10",
    "lines-7-account_id": "acc_1000", "lines-7-credit": "5000.1", "lines-7-description": "Paid",
}  # fmt: skip


def fault_of(page: str, name: str) -> str:
    """The text of the fault that the page shows below the field."""
    found = re.search(rf'name="{name}"[^<]*?>(?:</select>)?<span class="fault" role="alert">([^<]*)', page)
    return found[1] if found else ""


def test_an_entry_is_posted_as_the_api_posts_it(acme: Caller) -> None:
    open_chart(acme)

    done = staff(acme).post(address("journal_entries", "create"), RENT | {"confirmed": "1", "lines-3-debit": " "})

    assert done.status_code == 302, text(done)
    entry = acme.get("/v1/journal-entries").body["data"][0]
    assert [(one["account"]["code"], one["debit"], one["credit"], one["description"]) for one in entry["lines"]] == [
        ("6100", Decimal("5000.10"), Decimal(0), ""), ("1000", Decimal(0), Decimal("5000.10"), "Paid"),
    ]  # fmt: skip
    assert (entry["status"], entry["date"]) == ("posted", "2024-01-15")


@pytest.mark.parametrize(
    ("values", "cell", "said"),
    [
        ({"lines-0-account_id": "9999"}, "lines-0-account_id", "Nothing has this number, code or name."),
        ({"lines-0-account_id": "a\0b"}, "lines-0-account_id", "Null characters are not allowed."),
        ({"lines-0-debit": "1.2.3"}, "lines-0-debit", "Enter a number."),
        ({"lines-0-debit": "NaN"}, "lines-0-debit", "Enter a number."),
        ({"lines-0-debit": "5000.123"}, "lines-0-debit", "USD has 2 digits after the point."),
        ({"lines-7-credit": "-1"}, "lines-7-credit", "Must not be negative."),
        ({"lines-7-account_id": ""}, "lines-7-account_id", "This field is required."),
    ],
)
def test_a_fault_stands_in_its_cell(acme: Caller, values: dict[str, str], cell: str, said: str) -> None:
    open_chart(acme)
    before = contents(acme)

    page = text(staff(acme).post(address("journal_entries", "create"), RENT | values | {"confirmed": "1"}))

    assert fault_of(page, cell) == said
    assert contents(acme) == before


def test_a_draft_is_kept_changed_and_posted(acme: Caller) -> None:
    open_chart(acme)
    browser = staff(acme)
    browser.post(address("journal_entries", "create"), RENT | {"draft": "1", "lines-7-credit": "1"})
    draft = acme.get("/v1/journal-entries").body["data"][0]
    assert (draft["status"], draft["total_credit"]) == ("draft", Decimal("1.00"))
    page = address("journal_entries", "partial_update", draft["id"])
    shown = text(browser.get(page))
    assert all(f'value="{value}"' in shown for value in ("6100 Rent Expense", "1000 Cash", "5000.10", "1.00", "Paid"))

    as_shown = RENT | {"lines-0-debit": "5000.10", "lines-7-credit": "5000.10", "confirmed": "1"}
    changed = browser.post(page, as_shown | {"metadata-0-name": "job", "metadata-0-value": "7"})

    assert changed.status_code == 302, text(changed)
    again = acme.get(f"/v1/journal-entries/{draft['id']}").body
    assert (again["total_credit"], again["metadata"], again["date"]) == (
        Decimal("5000.10"), {"job": "7"}, draft["date"]
    )  # fmt: skip


def test_a_change_of_nothing_sends_nothing(shop: Shop) -> None:
    shop.done(shop.caller.patch("/v1/customers/cust_123456", {
        "billing_address": {"line1": "1 Main Street", "country": "US"}, "custom_fields": {"vip": True, "rank": 3},
        "metadata": {"crm": "77"}, "contacts": [{"name": "Ann", "is_primary": True}],
    }))  # fmt: skip
    invoice = shop.invoice()
    before = contents(shop.caller)
    browser = staff(shop.caller)
    for resource, one in (("customers", shop.read("/v1/customers/cust_123456")), ("invoices", invoice)):
        page = address(resource, "partial_update", one["id"])
        form = dict(_values(text(browser.get(page))))

        kept = browser.post(page, form | {"confirmed": "1"})

        assert kept.status_code == 302, text(kept)
    assert contents(shop.caller) == before


def _values(page: str) -> list[tuple[str, str]]:
    """What a browser would send back."""
    form = re.search(r'<form method="post" class="operation-form".*?</form>', page, re.S)
    assert form
    body = re.sub(r"<template>.*?</template>", "", form[0], flags=re.S)
    found = [(name, value) for name, value in re.findall(r'<input[^>]*name="([^"]+)"[^>]*?value="([^"]*)"', body)]
    for name, inner in re.findall(r'<select[^>]*name="([^"]+)".*?>(.*?)</select>', body, re.S):
        chosen = re.search(r'value="([^"]*)" selected', inner)
        found.append((name, chosen[1] if chosen else ""))
    found += [(name, inner.strip()) for name, inner in
              re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>(.*?)</textarea>', body, re.S)]  # fmt: skip
    return found


def test_parts_and_values_by_name_are_read(shop: Shop) -> None:
    made = staff(shop.caller).post(
        address("customers", "create"),
        {
            "name": "Harbor Hotels", "billing_address-line1": "1 Quay", "billing_address-country": "US",
            "contacts-0-name": "Ann", "contacts-0-is_primary": "true", "metadata-0-name": "crm",
            "metadata-0-value": "77", "custom_fields-0-name": "rank", "custom_fields-0-kind": "integer",
            "custom_fields-0-value": "3", "custom_fields-1-name": "vip", "custom_fields-1-kind": "boolean",
            "custom_fields-1-value": "yes", "confirmed": "1",
        },
    )  # fmt: skip

    assert made.status_code == 302, text(made)
    customer = shop.read("/v1/customers?search=Harbor")["data"][0]
    assert (customer["billing_address"]["line1"], customer["contacts"][0]["name"]) == ("1 Quay", "Ann")
    assert (customer["metadata"], customer["custom_fields"]) == ({"crm": "77"}, {"rank": 3, "vip": True})


def test_rows_are_offered_to_members_of_their_tenant(acme: Caller, globex: Caller) -> None:
    for caller, name in ((acme, "Cash"), (globex, "Secret")):
        assert caller.post("/v1/accounts", {"code": "1000", "name": name, "type": "asset", "subtype": "current_asset"})
    page, browser = reverse("admin:choices", args=("accounts",)), staff(acme)

    assert browser.get(page).json() == {"rows": [{"text": "1000 Cash", "hints": {"currency": "USD"}}], "is_all": True}
    assert browser.get(page, {"q": "CAS 10"}).json()["rows"][0]["text"] == "1000 Cash"
    for nothing in ("secret", "a\0b", "%", "_"):
        assert browser.get(page, {"q": nothing}).json()["rows"] == []
    assert browser.get(reverse("admin:choices", args=("nonsense",))).status_code == 404


def test_a_file_is_uploaded_by_members_who_may(acme: Caller, acme_viewer: Caller) -> None:
    page, browser = reverse("admin:ledger_document_upload"), staff(acme)

    made = browser.post(page, {"file": SimpleUploadedFile("rent.txt", b"Rent")})
    assert (made.status_code, made.json()["name"]) == (200, "rent.txt")
    assert acme.get(f"/v1/documents/{made.json()['id']}").body["name"] == "rent.txt"
    before = contents(acme)
    assert browser.post(page, {"file": SimpleUploadedFile("empty.txt", b"")}).status_code == 400
    assert browser.get(page).status_code == 405
    assert staff(acme_viewer).post(page, {"file": SimpleUploadedFile("a.txt", b"Rent")}).status_code == 403
    assert contents(acme) == before


def test_no_query_is_made_for_a_line(acme: Caller, django_assert_max_num_queries: Any) -> None:
    open_chart(acme)
    browser, page = staff(acme), address("journal_entries", "create")
    many = {
        f"lines-{number}-{name}": value
        for number in range(200)
        for name, value in (("account_id", ("6100", "1000")[number % 2]), (("debit", "credit")[number % 2], "1"))
    }
    browser.post(page, RENT)
    with django_assert_max_num_queries(40):
        shown = text(browser.post(page, {"date": "2024-01-15", **many}))
    assert shown.count('<th scope="row">') > 200
