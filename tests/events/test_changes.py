"""A change is one thing: what is shown moves, `updated_at` moves, an event tells it with what was there before.

Each half is walked over everything there is: every `*.updated` type, every PATCH of the URL conf, every operation that
raises an event.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client

from bigledger import exact_json
from bigledger.access.models import Role
from bigledger.access.services import add_member, get_or_create_user
from bigledger.api.bodies import Body
from bigledger.events.record import record
from bigledger.routes import api_routes
from bigledger.tenants.context import tenant_context
from invoicing.services.overdue import raise_overdue_invoices
from invoicing.services.recurring import claim_next_invoice, issue_claimed_invoice
from tests.api.conftest import open_chart, rent
from tests.architecture.test_other_tenants import LISTS, WITH_ID
from tests.conftest import Caller
from tests.events.test_registry import RAISES, TYPES
from tests.everything import one_of_everything
from tests.sales import LINE, Shop

UPDATES = sorted(name for name in TYPES if name.endswith(".updated"))
PATCHES = [(route, resource) for route, method, resource, _ in WITH_ID if method == "PATCH"]
# Not an object that somebody edits: it has no stamp to move.
WITHOUT_STAMP = {"events", "webhook_deliveries", "api_keys", "signing_secrets", "members", "invitations"}


def pending(caller: Caller) -> list[tuple[Any, ...]]:
    with tenant_context(caller.tenant), connection.cursor() as cursor:
        cursor.execute("SELECT type, data, previous FROM events_pending ORDER BY position")
        return cursor.fetchall()


def inputs(route: str) -> set[str]:
    """The fields that the PATCH of a route takes."""
    for pattern in _patterns(api_routes):
        view = getattr(pattern.callback, "cls", None)
        if view and "patch" in getattr(pattern.callback, "actions", {}) and _is(pattern, route):
            return set(getattr(view, pattern.callback.actions["patch"]).operation.takes().fields)
    raise AssertionError(route)


def _is(pattern: Any, route: str) -> bool:
    return pattern.pattern.match(route.format(pk="x")) is not None


def _patterns(patterns: list[Any]) -> Iterator[Any]:
    for pattern in patterns:
        if hasattr(pattern, "url_patterns"):
            yield from _patterns(pattern.url_patterns)
        else:
            yield pattern


@pytest.mark.parametrize("name", UPDATES)
def test_an_update_records_the_former_values(acme: Caller, name: str) -> None:
    RAISES[name](acme)

    told = [(exact_json.decode(data.encode()), previous) for kind, data, previous in pending(acme) if kind == name]
    assert told
    for data, previous in told:
        after = data[TYPES[name].resource]
        before = exact_json.decode((previous or "{}").encode())
        assert before.keys() - {"updated_at"}, f"{name} changed nothing that is shown"
        assert all(after[key] != value for key, value in before.items())


def test_an_update_without_a_before_is_refused(acme: Caller) -> None:
    class Thing(Body):
        id: str

    with pytest.raises(TypeError, match=r"invoice\.updated is recorded without what was there before"):
        record(TYPES["invoice.updated"], acme.principal.user_id, Thing("x"), acting=acme.principal)


def test_the_walk_finds_the_patches() -> None:
    assert {resource for _, resource in PATCHES} >= {
        "accounts", "customers", "invoices", "journal_entries", "members", "oauth_applications", "products",
        "recurring_invoices", "tax_rates", "webhook_endpoints",
    }  # fmt: skip


@pytest.mark.parametrize(("route", "resource"), PATCHES)
def test_a_patch_without_a_change_keeps_nothing(acme: Caller, route: str, resource: str) -> None:
    made = one_of_everything(acme) | {"members": second_member(acme)}
    if resource == "journal_entries":
        made[resource] = made["draft"]
    path = f"/v1/{route.format(pk=made[resource])}"
    before = acme.get(path).body
    events = pending(acme)
    given = {name: as_input(name, before[name]) for name in inputs(route) & before.keys()}
    together = {name: value for name, value in given.items() if name != "rate"}  # or components, not both

    for change in [together, *({name: value} for name, value in given.items())]:
        answer = acme.patch(path, change)
        assert answer.status == 200 or answer.error["code"] == "BUSINESS_RULE_VIOLATION", (change, answer.text)
        assert acme.get(path).body == before, change

    assert pending(acme) == events


@pytest.mark.parametrize(("path", "body"), [("/v1/tenant", {"name": "Acme"}), ("/v1/sales-settings", {})])
def test_settings_without_a_change_keep_nothing(acme: Caller, path: str, body: dict[str, Any]) -> None:
    before = acme.get(path).body
    events = pending(acme)

    assert acme.patch(path, body or {"tax_rounding": before["tax_rounding"]}).status == 200

    assert acme.get(path).body == before
    assert pending(acme) == events


def test_a_shown_change_updates_the_stamp(shop: Shop) -> None:
    """A year of business, step by step: every object that shows something else after a step has another `updated_at`,
    but for what follows from other rows by itself (`VOLATILE`: the balance of an account)."""
    before: dict[tuple[str, str], dict[str, Any]] = {}
    for step in story(shop):
        after = everything(shop.caller)
        for which, shown in after.items():
            old = before.get(which, shown)
            changed = {key for key in shown if shown[key] != old[key]} - VOLATILE.get(which[0], set())
            assert not changed or "updated_at" in changed or which[0] in WITHOUT_STAMP, (step, which, changed)
        before = after


def story(shop: Shop) -> Iterator[str]:
    """Does something to what stood before at each step, and names it."""
    open_chart(shop.caller)
    product = shop.post("/v1/products", sku="789", name="Consulting", unit_price=150)
    endpoint = shop.post("/v1/webhook-endpoints", url="https://acme.example/hook", events=["*"])
    template = shop.post("/v1/recurring-invoices", customer_id="cust_123456", frequency="monthly", lines=[LINE])
    draft = shop.invoice(due_date="2199-01-01")
    yield "begin"
    shop.done(shop.caller.patch(f"/v1/invoices/{draft['id']}", {"notes": "Thank you"}))
    yield "edit"
    invoice = shop.send(draft)
    yield "send"
    Client().get(shop.again(invoice)["hosted_url"].removeprefix(settings.PUBLIC_URL))
    yield "view"
    payment = shop.pay("458.00", invoice_id=invoice["id"])
    yield "pay a part"
    shop.pay("100.00")
    yield "pay without an invoice"
    shop.post(f"/v1/payments/{payment['id']}/refund", amount=Decimal("58.00"))
    yield "refund"
    note = shop.post("/v1/credit-notes", customer_id="cust_123456", lines=[LINE])
    yield "credit"
    shop.post(f"/v1/credit-notes/{note['id']}/apply", invoice_id=invoice["id"], amount=Decimal("8.00"))
    yield "apply"
    shop.done(shop.caller.patch(f"/v1/invoices/{invoice['id']}", {"due_date": "2199-02-01"}))
    yield "put off"
    shop.post(f"/v1/invoices/{invoice['id']}/write-off", kind="bad_debt", reason="Gone")
    yield "write off"
    other = shop.sent("10.00", invoice_date="2024-01-01")
    yield "send another"
    with tenant_context(shop.caller.tenant):
        assert raise_overdue_invoices() == 1
    yield "overdue"
    shop.post(f"/v1/invoices/{other['id']}/void", reason="Mistake")
    yield "void"
    with tenant_context(shop.caller.tenant):
        claimed = claim_next_invoice()
        assert claimed
        issue_claimed_invoice(claimed)
    yield "recurring"
    shop.post(f"/v1/recurring-invoices/{template['id']}/pause")
    yield "pause"
    shop.done(shop.caller.patch(f"/v1/products/{product['id']}", {"name": "Advice"}))
    yield "rename"
    shop.post(f"/v1/webhook-endpoints/{endpoint['id']}/rotate-secret")
    yield "rotate"
    entry = shop.post("/v1/journal-entries", **rent())
    yield "post"
    shop.post(f"/v1/journal-entries/{entry['id']}/reverse", reason="Mistake")
    yield "reverse"


# Rows that are posted never change: that an entry was reversed is a fact of the entry that reverses it.
VOLATILE = {
    "accounts": {"balance", "base_balance"},
    "journal_entries": {"reversed_by"},
    "webhook_endpoints": {"cursor"},
}


def everything(caller: Caller) -> dict[tuple[str, str], dict[str, Any]]:
    return {
        (resource, row["id"]): row
        for route, _, resource, _ in LISTS
        for row in caller.get(f"/v1/{route}?limit=100").body["data"]
    }


def second_member(caller: Caller) -> str:
    with tenant_context(caller.tenant):
        return add_member(user=get_or_create_user(email="second@acme.example"), role=Role.CLERK).public_id


def as_input(name: str, shown: Any) -> Any:
    """What an object shows, as its PATCH takes it: lines without what was computed."""
    if name == "lines" and shown and "account" in shown[0]:
        return [
            {"account_id": line["account"]["id"], **{k: line[k] for k in ("debit", "credit", "description")}}
            for line in shown
        ]
    if name == "template":
        return {key: as_input(key, value) for key, value in shown.items()}
    if name == "lines":
        kept = ("product_id", "description", "quantity", "unit_price", "discount_percentage", "revenue_account_id")
        return [
            {key: line[key] for key in kept if line.get(key) is not None}
            | ({"tax_rate": line["tax_rate"]} if line["tax_rate"] is not None else {})
            for line in shown
        ]
    return shown


def test_a_changed_balance_stamps_its_customer_and_is_recorded(shop: Shop) -> None:
    customer = shop.read("/v1/customers/cust_123456")

    shop.sent("5.00")

    after = shop.read("/v1/customers/cust_123456")
    assert after["updated_at"] > customer["updated_at"]
    since = shop.read(f"/v1/customers?updated_at[gt]={customer['updated_at']}")
    assert [row["id"] for row in since["data"]] == [customer["id"]]
    previous = [previous for kind, _, previous in pending(shop.caller) if kind == "customer.updated"]
    assert [exact_json.decode(text.encode())["balance"] for text in previous] == [customer["balance"]]
