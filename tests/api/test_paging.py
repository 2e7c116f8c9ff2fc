"""Pages by cursor are the whole list: by every column, up and down, with NULL, equal values, and while others write."""

from __future__ import annotations

import datetime
import itertools
from collections.abc import Iterator
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import models
from django.utils.datastructures import MultiValueDict

from bigledger.api.keyset import fields_on
from bigledger.tenants.context import tenant_context
from invoicing.models import Invoice, RecurringInvoice
from ledger.models import JournalEntry, RecurringEntry
from tests.api.conftest import rent
from tests.conftest import Caller, number_events
from tests.ledger.raises import MONTHLY_RENT, SPREAD_RENT
from tests.sales import LINE, Shop
from tests.world import LISTS, with_histories

NAMES = ["Zebra", "apple", "zürich", "Äpfel", "Łódź", "item 10", "item 2"]
SORTED = ["Äpfel", "apple", "item 2", "item 10", "Łódź", "Zebra", "zürich"]
# By code point 1030 is before 999.
LAST_PARTS = ["9", "999", "1030", "10", "099", "1", "02"]
# Lists whose order is their own: what is said of them is in other tests.
TEXTS_OF_OTHER_ORDER = {"email", "url", "type", "role", "currency"}


def several_of_everything(caller: Caller) -> dict[str, str]:
    """Rows in every list: names of several alphabets, equal amounts and days, NULL where there may be one."""
    made = with_histories(caller)
    shop = Shop(caller)
    soon = (caller.tenant.now() + datetime.timedelta(hours=2)).isoformat()
    shop.post("/v1/lock-exceptions", period_id=made["periods"], expires_at=soon, reason="Zürich")
    sale: dict[str, Any] = {"customer_id": made["customers"], "lines": [LINE]}
    for at, name in enumerate(NAMES):
        day = f"2024-01-{10 + at // 2}"
        shop.customer(name=name, number=f"C-{LAST_PARTS[at]}")
        shop.post("/v1/products", sku=f"P{LAST_PARTS[at]}", name=name, unit_price=at // 2)
        shop.post("/v1/tax-rates", code=f"T{LAST_PARTS[at]}", name=name, rate=0)
        shop.post("/v1/accounts", code=f"9{LAST_PARTS[at]}", name=name, type="asset", subtype="other_asset")
        shop.post("/v1/journal-entries", **rent(f"{1 + at // 2}.00", date=day, reference=f"E-{LAST_PARTS[at]}"))
        shop.post("/v1/exchange-rates", currency=("EUR", "GBP")[at % 2], date=day, rate=1 + at // 3)
        shop.post("/v1/fx-revaluations", as_of=day)
        shop.post("/v1/recurring-journal-entries", **MONTHLY_RENT)
        shop.post("/v1/schedules", **SPREAD_RENT | {"amount": 1200 + at // 2, "start_date": f"2099-{day[5:]}"})
        shop.post("/v1/recurring-invoices", frequency="monthly", **sale)
        shop.post("/v1/credit-notes", **sale)
        shop.invoice(f"{1 + at // 2}.00", customer=made["customers"], invoice_date=day)
        paid = shop.pay(f"{1 + at // 2}.00", customer=made["customers"], date=day)
        shop.post(f"/v1/payments/{paid['id']}/apply", invoice_id=made["invoices"])
        shop.post("/v1/webhook-endpoints", url=f"https://{LAST_PARTS[at]}.example/", events=["*"])
        caller.post(f"/v1/webhook-endpoints/{made['webhook_endpoints']}/test")
        shop.post("/v1/api-keys", name=name, scopes=["read"])
        shop.post("/v1/signing-secrets")
        shop.post("/v1/kiosk-links", name=name)
        shop.post("/v1/oauth-applications", name=name, redirect_uris=["https://a.example/"])
        shop.post("/v1/invitations", email=f"{at}@invited.example", role="viewer")
        caller.upload("/v1/documents", {"file": SimpleUploadedFile(f"{name}.txt", b"x"), "reference": f"D{at}"})
    with tenant_context(caller.tenant):
        for recurring in (RecurringInvoice, RecurringEntry):
            every_other = recurring.objects.order_by("id").values_list("id", flat=True)[1::2]
            recurring.objects.filter(id__in=list(every_other)).update(next_date=None)
        for part, row in zip(LAST_PARTS, Invoice.objects.order_by("-id"), strict=False):
            row.number = f"INV-2026-{part}"
            row.save(update_fields=["number"])
    number_events(caller)
    return made


def whole_list(caller: Caller, path: str, sort: str, question: str = "") -> list[str]:
    """All ids by counted pages. Some objects have one event: tests/api/test_history.py pages through a long history."""
    asked = "&".join(part for part in (f"sort={sort}" if sort else "", question) if part)
    found: list[str] = []
    for page in itertools.count(1):
        answer = caller.get(f"{path}?{asked}&limit=100&page={page}")
        assert answer.status == 200, answer.text
        found += [row["id"] for row in answer.body["data"]]
        if page >= answer.body["meta"]["pages"]:
            break
    assert len(found) == answer.body["meta"]["total"]
    least = 1 if path != "/v1/events" and path.endswith("/events") else 2
    assert len(found) >= least or question, (path, "needs rows")
    return found


def by_cursor(caller: Caller, path: str, sort: str, limit: int) -> Iterator[list[str]]:
    cursor: str | None = ""
    while cursor is not None:
        answer = caller.get(f"{path}?sort={sort}&limit={limit}&cursor={cursor}")
        assert answer.status == 200, answer.text
        yield [row["id"] for row in answer.body["data"]]
        cursor = answer.body["meta"]["next_cursor"]


def test_pages_by_cursor_are_the_whole_list(acme: Caller) -> None:
    made = several_of_everything(acme)
    for operation in LISTS:
        assert operation.listing is not None
        path = operation.path(made)
        for name, direction in itertools.product(operation.listing.sort, ("asc", "desc")):
            sort = f"{name}:{direction}"
            ids = whole_list(acme, path, sort)
            for limit in (1, 2, 3, 7) if len(ids) <= 20 else (50,):
                pages = list(by_cursor(acme, path, sort, limit))
                assert list(itertools.chain(*pages)) == ids, (path, sort, limit)
                assert all(len(page) == limit for page in pages[:-1])


def test_both_directions_are_each_others_reverse(acme: Caller) -> None:
    made = several_of_everything(acme)
    for operation in LISTS:
        assert operation.listing is not None
        for name in operation.listing.sort:
            up, down = (whole_list(acme, operation.path(made), f"{name}:{way}") for way in ("asc", "desc"))
            assert up == down[::-1], (operation.route, name)


def test_rows_that_are_written_meanwhile_move_no_other(acme: Caller) -> None:
    made = several_of_everything(acme)
    shop = Shop(acme)
    sale: dict[str, Any] = {"customer_id": made["customers"], "lines": [LINE]}

    def write(turn: int) -> None:
        shop.customer(name=("aaa", "mmm", "zzz")[turn % 3])
        shop.invoice(customer=made["customers"])
        new = shop.post("/v1/recurring-invoices", frequency="monthly", **sale)
        if turn % 2:
            with tenant_context(acme.tenant):
                RecurringInvoice.objects.order_by("-id").update(next_date=None)
        assert new["id"]

    for path, sort in (("/v1/customers", "name:asc"), ("/v1/customers", "name:desc"), ("/v1/invoices", "number:desc")):
        before = [row["id"] for row in acme.get(f"{path}?sort={sort}&limit=100").body["data"]]
        seen: list[str] = []
        for turn, page in enumerate(by_cursor(acme, path, sort, 2)):
            seen += page
            if turn < 6:
                write(turn)
        assert [row for row in seen if row in set(before)] == before
        assert len(set(seen)) == len(seen)


@pytest.mark.parametrize("path", ["customers", "products", "tax-rates", "accounts", "api-keys", "oauth-applications"])
def test_names_are_in_the_order_that_people_expect(acme: Caller, path: str) -> None:
    several_of_everything(acme)
    names = [row["name"] for row in acme.get(f"/v1/{path}?sort=name&limit=100").body["data"]]
    assert [name for name in names if name in NAMES] == SORTED


@pytest.mark.parametrize(
    ("path", "field"), [("invoices", "number"), ("customers", "number"), ("products", "sku"), ("accounts", "code"),
                        ("tax-rates", "code"), ("journal-entries", "number")]
)  # fmt: skip
def test_numbers_are_ordered_by_their_size(acme: Caller, path: str, field: str) -> None:
    several_of_everything(acme)
    with tenant_context(acme.tenant):
        assert JournalEntry.objects.filter(number="E-1030").exists()
    found = [row[field] for row in acme.get(f"/v1/{path}?sort={field}&limit=100").body["data"]]
    ours = [text for text in found if text.endswith(("999", "1030", "099")) and "C0" not in text]
    assert [text[-3:].lstrip("0") for text in ours] == ["99", "999", "030".lstrip("0")], found


def test_every_text_that_can_be_sorted_by_has_its_natural_order(acme: Caller) -> None:
    for operation in LISTS:
        if operation.action != "list":
            continue
        view: Any = operation.view(action="list")
        view.request = SimpleNamespace(query_params={})
        with tenant_context(acme.tenant):
            model = view.rows().model
        for name in view.of.listing.sort:
            (key, _) = view.of.listing._order(model, MultiValueDict({"sort": [name]}), [])
            if isinstance(fields_on(model, key.column)[-1], models.CharField):
                assert name in TEXTS_OF_OTHER_ORDER, (operation.route, name)


@pytest.mark.parametrize("text", ["lodz", "LODZ", "Łódź", "łódz", "Ło\u0301dz\u0301", "odz"])
def test_search_finds_letters_with_and_without_their_marks(acme: Caller, text: str) -> None:
    shop = Shop(acme)
    shop.customer(name="Łódź Sp. z o.o.")
    decomposed = shop.customer(name="Ło\u0301dz\u0301 AG")
    found = acme.get(f"/v1/customers?search={text}").body["data"]
    assert len(found) == 2
    assert decomposed["id"] in [row["id"] for row in found]
    assert acme.get("/v1/customers?search=l_dz").body["data"] == []


def test_an_entry_with_two_lines_on_an_account_is_one_row(acme: Caller) -> None:
    several_of_everything(acme)
    cash = {"account_id": "acc_1000", "debit": Decimal(1)}
    lines = [cash, cash, {"account_id": "acc_4000", "credit": Decimal(2)}]
    twice = acme.post("/v1/journal-entries", {"date": "2024-01-15", "lines": lines}).body
    rows = acme.get("/v1/journal-entries?account_id=acc_1000&limit=100").body
    ids = [row["id"] for row in rows["data"]]
    assert ids.count(twice["id"]) == 1
    assert rows["meta"]["total"] == len(set(ids))
