"""Every list of the schema costs as many queries for a hundred as for ten, whatever is selected below it."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bigledger.graphql.limits import MAX_DEPTH
from tests.api.conftest import open_chart, rent
from tests.conftest import Caller, number_events
from tests.graphql.walk import QUERY, ask, depth, list_query, lists, nodes, object_of, paths
from tests.ledger.raises import SPREAD_RENT

MOST = 100
# Of these a tenant can have fewer, or only by way of mails.
FEWER = {"webhookEndpoints": 30, "invitations": 30, "members": 2}
_LINE = {"description": "Work", "quantity": 1, "unit_price": Decimal("10.00"), "revenue_account_id": "acc_4000"}


def _made(answer: Any) -> Any:
    assert answer.status in (200, 201, 202), answer.text
    return answer.body


def _fill(caller: Caller) -> None:
    """A hundred of nearly everything, each tied to others that are its own."""
    open_chart(caller)
    for number in range(MOST):
        account = {"code": f"8{number:03}", "name": "Other", "type": "expense", "subtype": "other_expense"}
        _made(caller.post("/v1/accounts", account | {"parent_id": "acc_6100"}))
        _made(caller.upload("/v1/documents", {"file": SimpleUploadedFile("a.txt", b"%d" % number)}))
        lines = [{"account_id": f"acc_8{number:03}", "debit": 1}, {"account_id": "acc_1000", "credit": 1}]
        _made(caller.post("/v1/journal-entries", rent() | {"lines": lines}))
        _made(caller.post("/v1/tax-rates", {"code": f"t{number}", "name": "Tax", "rate": 0}))
        _made(caller.post("/v1/products", {
            "sku": f"p{number}", "name": "Work", "unit_price": 1, "tax_rate_id": f"tax_t{number}",
            "revenue_account_id": "acc_4000",
        }))  # fmt: skip
        template = {"description": "Rent", "lines": rent()["lines"]}
        _made(caller.post("/v1/recurring-journal-entries", {"template": template, "frequency": "monthly"}))
        _made(caller.post("/v1/schedules", SPREAD_RENT | {"start_date": "2099-01-01"}))
        _sale(caller, number)
    for number in range(FEWER["webhookEndpoints"]):
        hook = _made(caller.post("/v1/webhook-endpoints", {"url": f"https://h{number}.example/", "events": ["*"]}))
        for _ in range(4):
            _made(caller.post(f"/v1/webhook-endpoints/{hook['id']}/test"))
        _made(caller.post("/v1/invitations", {"email": f"a{number}@example.com", "role": "viewer"}))
    for _ in range(MOST):
        _made(caller.post("/v1/api-keys", {"name": "key", "scopes": ["read"]}))
        _made(caller.post("/v1/signing-secrets", {}))
        _made(caller.post("/v1/kiosk-links", {"name": "screen"}))
        application = {"name": "app", "redirect_uris": ["https://app.example/"]}
        _made(caller.post("/v1/oauth-applications", application))
    _fill_foreign(caller)
    long_ago = caller.tenant.today() - datetime.timedelta(days=MOST * 31)
    _made(caller.post("/v1/journal-entries", rent(date=long_ago.isoformat())))
    period = f"per_{long_ago:%Y-%m}"
    _made(caller.post(f"/v1/periods/{period}/close", {}))
    soon = (caller.tenant.now() + datetime.timedelta(days=1)).isoformat()
    for _ in range(MOST):
        exception = {"period_id": period, "expires_at": soon, "reason": "Late"}
        _made(caller.post("/v1/lock-exceptions", exception))
    number_events(caller)


def _fill_foreign(caller: Caller) -> None:
    """Euros whose rate is another each day, valued each day with an entry."""
    first = datetime.date(2024, 1, 16)
    euros = {"code": "1080", "name": "Euros", "type": "asset", "subtype": "current_asset", "currency": "EUR"}
    _made(caller.post("/v1/accounts", euros))
    for number in range(MOST):
        day = (first + datetime.timedelta(days=number)).isoformat()
        rate = {"currency": "EUR", "date": day, "rate": 1 + Decimal(number + 1) / 1000}
        _made(caller.post("/v1/exchange-rates", rate))
        if number == 0:
            lines = [
                {"account_id": "acc_1080", "debit": 100, "exchange_rate": 1},
                {"account_id": "acc_1000", "credit": 100},
            ]
            _made(caller.post("/v1/journal-entries", rent(date=day) | {"lines": lines}))
        valued = _made(caller.post("/v1/fx-revaluations", {"as_of": day}))
        assert valued["journal_entry_id"]


def _sale(caller: Caller, number: int) -> None:
    address = {"line1": "Street", "country": "US"}
    customer = {
        "name": f"Buyer {number}",
        "number": f"c{number}",
        "billing_address": address,
        "contacts": [{"name": "A"}],
    }
    _made(caller.post("/v1/customers", customer))
    of = {"customer_id": f"cust_c{number}"}
    sale = of | {"lines": [_LINE | {"product_id": f"prod_p{number}", "tax_rate_id": f"tax_t{number}"}]}
    invoice = _made(caller.post("/v1/invoices", sale))
    _made(caller.post("/v1/invoices", sale))
    _made(caller.post(f"/v1/invoices/{invoice['id']}/send", {"to": ["a@example.com"]}))
    pay = of | {"amount": Decimal("2.00"), "method": "cash", "invoice_id": invoice["id"]}
    payment = _made(caller.post("/v1/payments", pay))
    _made(caller.post("/v1/payments", pay | {"amount": Decimal("3.00")}))
    _made(caller.post(f"/v1/payments/{payment['id']}/refund", {"amount": Decimal("1.00")}))
    _made(caller.post("/v1/credit-notes", sale | {"invoice_id": invoice["id"]}))
    _made(caller.post("/v1/recurring-invoices", sale | {"frequency": "monthly"}))


def _count(caller: Caller, name: str, path: tuple[str, ...], limit: int) -> tuple[int, int]:
    query = list_query(name, path, limit=limit)
    with CaptureQueriesContext(connection) as captured:
        answer = ask(caller, query)
    return len(nodes(answer, name)), len(captured)


def test_every_list_costs_the_same_for_ten_and_for_a_hundred(acme: Caller) -> None:
    _fill(acme)
    wrong: dict[str, Any] = {}
    walked = most = 0
    for name in lists():
        node = object_of(QUERY.fields[name])
        assert node is not None
        for path in [(), *paths(node, 2, (node.name,))]:
            if depth(node, path) > MAX_DEPTH:
                continue
            few, many = (10, 100) if _cheap(name, path) else (3, 30)
            shown, queries = _count(acme, name, path, few)
            shown_more, queries_more = _count(acme, name, path, many)
            walked += 1
            most = max(most, queries_more)
            if queries != queries_more:
                wrong[f"{name}.{'.'.join(path)}"] = (shown, queries, shown_more, queries_more)
            assert shown_more == min(many, FEWER.get(name, many)), name
    assert walked > 80
    assert wrong == {}
    assert most <= 40


def _cheap(name: str, path: tuple[str, ...]) -> bool:
    """Whether a hundred are within the limit of cost: not with two lists, one below another."""
    return "lines" not in path and sum(step in _LISTS for step in path) < 2


_LISTS = {
    "invoices",
    "payments",
    "creditNotes",
    "ledger",
    "deliveries",
    "applications",
    "refunds",
    "taxes",
    "components",
}
