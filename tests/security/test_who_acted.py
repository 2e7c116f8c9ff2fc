"""Every event names who caused it: a member, also when another member made their credential, or a system actor."""

from __future__ import annotations

import pytest
from django.test import Client

from bigledger.access.models import Role
from bigledger.tenants.context import tenant_context
from invoicing.services.recurring import claim_next_invoice, issue_claimed_invoice
from tests.conftest import Caller, number_events
from tests.sales import LINE, Shop
from tests.security.people import bearer, member, signed

ACCOUNT = {"code": "1000", "name": "Cash", "type": "asset", "subtype": "current_asset"}
RENT = ACCOUNT | {"code": "6100", "name": "Rent", "type": "expense", "subtype": "operating_expense"}
ENTRY = {
    "date": "2024-01-15",
    "lines": [{"account_id": "acc_6100", "debit": 50}, {"account_id": "acc_1000", "credit": 50}],
}


@pytest.mark.parametrize("kind", ["key", "secret"])
def test_both_are_named(acme: Caller, kind: str) -> None:
    accountant = member(acme, "books@acme.example", Role.ACCOUNTANT).user
    body = {"user_id": accountant.public_id, "scopes": ["read", "write"]}
    if kind == "key":
        made = acme.post("/v1/api-keys", body | {"name": "x"}).body
        credential = made["key"]
    else:
        made = acme.post("/v1/signing-secrets", body).body
        credential = signed(made["secret"], accountant.public_id)
    assert (made["user_id"], made["created_by"]) == (accountant.public_id, acme.principal.user_public_id)

    for path, what in (("accounts", ACCOUNT), ("accounts", RENT), ("journal-entries", ENTRY)):
        assert acme.post(f"/v1/{path}", what, **bearer(credential)).status == 201

    number_events(acme)
    events = [e for e in acme.get("/v1/events?limit=100").body["data"] if e["type"] != f"{kind}.created"]
    mine = [e for e in events if e["type"].startswith(("account.", "journal_entry."))]
    assert len(mine) >= 3
    assert {(e["actor"], e["made_by"]) for e in mine} == {(accountant.public_id, acme.principal.user_public_id)}


def test_a_member_with_their_own_credential_is_named_alone(acme: Caller) -> None:
    acme.post("/v1/accounts", ACCOUNT)
    number_events(acme)

    event = acme.get("/v1/events").body["data"][-1]
    assert (event["actor"], "made_by" in event) == (acme.principal.user_public_id, False)


def test_an_invoice_of_a_template_is_issued_by_the_job_and_belongs_to_the_member(acme: Caller) -> None:
    shop = Shop(acme)
    shop.customer(number="123456")
    shop.post("/v1/recurring-invoices", customer_id="cust_123456", lines=[LINE], frequency="monthly")
    before = _actors(acme)
    with tenant_context(acme.tenant):
        claimed = claim_next_invoice()
        assert claimed
        issue_claimed_invoice(claimed)

    caused = _actors(acme)[len(before) :]

    assert {"invoice.created", "invoice.sent", "journal_entry.posted", "customer.updated"} <= {
        type_ for type_, _ in caused
    }
    assert {actor for _, actor in caused} == {"system:recurring_invoices"}
    (entry,) = acme.get("/v1/journal-entries").body["data"]
    assert entry["created_by"] == acme.principal.user_public_id


def test_a_visitor_of_an_invoices_link_acts_as_the_hosted_page(acme: Caller) -> None:
    shop = Shop(acme)
    shop.customer(number="123456")
    page = "/i/" + shop.sent()["hosted_url"].rsplit("/", 1)[1]
    Client().get(page, headers={"X-Request-ID": "opened-once"})
    number_events(acme)

    event = acme.get("/v1/events?type=invoice.viewed").body["data"][0]

    assert (event["actor"], event["request_id"]) == ("hosted_page", "opened-once")


def _actors(caller: Caller) -> list[tuple[str, str]]:
    number_events(caller)
    return [(event["type"], event["actor"]) for event in caller.get("/v1/events?after=0&limit=100").body["data"]]
