"""Every example of the customer's reference, sent as printed, answered as printed.

`COVERED` and `NOT_YET` together name every section that shows code, with the number of its blocks: an
example that is added, removed or forgotten fails here. A section moves up when its resource lands.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from bigledger.api.events import event_body
from bigledger.events.models import Event
from bigledger.events.registry import event_types
from bigledger.tenants.context import tenant_context
from tests.access import test_reference_snippets as snippets
from tests.conftest import Answer, Caller, make_tenant, number_events
from tests.contract.reference import Exchange, blocks, differences, exchanges, parsed
from webhooks.signing import headers, new_secret, signed_body

COVERED = {
    "API Key Authentication": 1,
    "OAuth 2.0": 1,
    "JWT Authentication": 1,
    "Rate Limits": 1,
    "Get All Accounts": 2,
    "Create Account": 1,
    "Create Journal Entry": 2,
    "Create Invoice": 1,
    "Customer Object": 1,
    "Available Events": 1,
    "Webhook Payload": 1,
    "Webhook Security": 1,
    "Error Response Format": 1,
    # tests/contract/test_graphql.py
    "Schema": 1,
    "Get Customer with Invoices": 1,
    "Create and Send Invoice": 1,
}
NOT_YET = {
    "Base URLs": 1,  # names of hosts
    # SDKs
    "JavaScript SDK Example": 1,
}
EXCHANGES = {exchange.section: exchange for exchange in exchanges()}


def _printed(section: str) -> str:
    """The text of a section's only block."""
    (text,) = [block.text for block in blocks() if block.section == section]
    return text


def _send(caller: Caller, exchange: Exchange) -> Answer:
    content_type = exchange.headers.get("Content-Type", "application/octet-stream")
    assert set(exchange.headers) <= {"Content-Type"}
    response = caller.client.generic(
        exchange.method,
        exchange.path,
        exchange.body,
        content_type=content_type,
        HTTP_AUTHORIZATION=f"Bearer {caller.api_key}",
    )
    return Answer(response)


def test_the_reference_is_the_customers_letter_for_letter() -> None:
    text = (Path(__file__).parent / "api-reference.md").read_bytes()

    assert hashlib.sha256(text).hexdigest() == "4837b2cf277ac3fc5921e56178859d5dd70150b9e0bb7c6d49088966a47afddf"


def test_no_example_is_forgotten() -> None:
    shown = Counter(block.section for block in blocks())

    assert shown == COVERED | NOT_YET
    assert {section for section in EXCHANGES if section not in NOT_YET} == {
        "Get All Accounts",
        "Create Account",
        "Create Journal Entry",
        "Create Invoice",
    }
    assert sum(block.language == "http" for block in blocks()) == len(EXCHANGES)


@pytest.mark.parametrize("section", [section for section in EXCHANGES if section in COVERED])
@pytest.mark.parametrize("base", ["/api/v1/", "/v1/"])
def test_an_exchange_is_answered_as_printed(demo: Caller, section: str, base: str) -> None:
    exchange = EXCHANGES[section]
    path = exchange.path.replace("/api/v1/", base)

    answer = _send(demo, Exchange(section, exchange.method, path, exchange.headers, exchange.body, exchange.answer))

    assert answer.status == (200 if exchange.method == "GET" else 201), answer.text
    if exchange.answer is not None:
        assert differences(parsed(exchange.answer), answer.body) == []


def test_the_created_account_equals_the_request(demo: Caller) -> None:
    exchange = EXCHANGES["Create Account"]
    sent = parsed(exchange.body.decode())
    balance = sent.pop("opening_balance")

    created = _send(demo, exchange)

    assert differences(sent | {"balance": balance, "normal_balance": "debit", "is_active": True}, created.body) == []
    assert '"balance":1000.00' in created.text
    assert demo.get(f"/v1/accounts/{created.body['id']}").body == created.body
    assert demo.get("/api/v1/accounts?type=asset&status=active&search=Petty").body["data"] == [created.body]


def test_the_journal_entry_moves_the_balances(demo: Caller) -> None:
    rent = demo.get("/v1/accounts/acc_6100").body["balance"]

    created = _send(demo, EXCHANGES["Create Journal Entry"])

    assert demo.get("/v1/accounts/acc_1000").body["balance"] == Decimal("45000.00")
    assert demo.get("/v1/accounts/acc_6100").body["balance"] == rent + Decimal("5000.00")
    assert created.body["attachments"] == [demo.get("/v1/documents/doc_abc123").body["id"]]
    assert demo.get("/v1/journal-entries/je_JE-2024-001").body == created.body
    assert created.text.count("5000.00") == 6  # two totals, and each line in its currency and in base


def test_the_curl_line_of_the_api_key_works(demo: Caller) -> None:
    assert _printed("API Key Authentication") == (
        'curl -X GET https://api.bigledger.com/v1/accounts \\\n  -H "Authorization: Bearer YOUR_API_KEY"'
    )
    assert demo.get("/v1/accounts", authorization=f"Bearer {demo.api_key}").status == 200
    assert demo.get("/v1/accounts", authorization="Bearer YOUR_API_KEY").status == 401


def test_the_customer_is_the_printed_one(demo: Caller) -> None:
    printed = parsed(_printed("Customer Object").replace("[...]", "[]"))
    lists = {name for name in printed if printed[name] == []}

    for path in ("/api/v1/customers/cust_123456", "/v1/customers/cust_123456"):
        answer = demo.get(path)
        assert answer.status == 200
        assert differences({name: printed[name] for name in printed if name not in lists}, answer.body) == []
        assert [name for name in lists if not answer.body[name]] == []
        assert '"credit_limit":50000.00,"balance":12500.00' in answer.text
    assert lists == {"shipping_addresses", "contacts"}


def test_the_created_invoice_equals_the_request_and_its_amounts_add_up(demo: Caller) -> None:
    exchange = EXCHANGES["Create Invoice"]
    (line,) = (sent := parsed(exchange.body.decode())).pop("lines")

    created = _send(demo, exchange)

    assert differences(sent | {"number": "INV-2024-001", "status": "draft"}, created.body) == []
    (made,) = created.body["lines"]
    assert made["product_id"] == demo.get(f"/v1/products/{line.pop('product_id')}").body["id"]
    assert differences(line, made) == []
    assert created.body["customer_id"] == demo.get("/v1/customers/cust_123456").body["id"]
    assert '"subtotal":1500.00,"discount_total":150.00,"tax_total":108.00,"total":1458.00' in created.text
    assert demo.get("/v1/invoices/inv_INV-2024-001").body == created.body


def test_the_created_invoice_goes_the_whole_way(demo: Caller) -> None:
    """Sent, paid with the test card, and the books with it."""
    invoice = _send(demo, EXCHANGES["Create Invoice"]).body
    before = demo.get("/v1/accounts/acc_1200").body["balance"]

    assert demo.post(f"/v1/invoices/{invoice['id']}/send", {}).body["status"] == "sent"
    assert demo.get("/v1/customers/cust_123456").body["balance"] == Decimal("13958.00")
    card = {"number": "4242 4242 4242 4242", "exp_month": 12, "exp_year": 2199, "cvc": "123"}
    payment = {"customer_id": "cust_123456", "invoice_id": invoice["id"], "amount": Decimal("1458.00")}
    assert demo.post("/v1/payments", payment | {"method": "card", "card": card}).body["status"] == "received"

    assert demo.get("/v1/invoices/inv_INV-2024-001").body["status"] == "paid"
    assert demo.get("/v1/customers/cust_123456").body["balance"] == Decimal("12500.00")
    assert demo.get("/v1/accounts/acc_1000").body["balance"] == Decimal("51458.00")
    assert demo.get("/v1/accounts/acc_1200").body["balance"] == before


def test_the_events_are_the_printed_ones() -> None:
    printed = parsed(_printed("Available Events"))
    described = {event.name: event.description for event in event_types()}

    assert described | printed == described
    assert len(printed) == 13


def test_the_webhook_payload_is_the_printed_one_and_the_printed_code_verifies_it(demo: Caller) -> None:
    line = {"description": "Service", "quantity": 1, "unit_price": Decimal("1500.00")}
    made = demo.post("/v1/invoices", {"customer_id": "cust_123456", "invoice_date": "2024-01-15", "lines": [line]}).body
    demo.post(f"/v1/invoices/{made['id']}/send", {})
    payment = {"customer_id": "cust_123456", "invoice_id": made["id"], "amount": 1500, "method": "bank_transfer"}
    assert demo.post("/v1/payments", payment).status == 201
    number_events(demo)

    with tenant_context(demo.tenant):
        event = Event.objects.filter(type="invoice.paid").latest("seq")
        payload = signed_body(event_body(event), secret := new_secret())

    assert differences(parsed(_printed("Webhook Payload")), parsed(payload)) == []
    code: dict[str, Any] = {}
    exec(_printed("Webhook Security"), code)  # noqa: S102 (the reference's text, held to its hash above)
    body, _, rest = payload.rpartition(',"signature":')
    signature = rest[1:-2]
    assert code["verify_webhook"](body + "}", signature, secret) is True
    assert code["verify_webhook"](body + "}", signature, new_secret()) is False
    assert code["verify_webhook"](payload, headers(payload.encode(), "1", 1, [secret])["X-Signature"], secret) is True


def test_the_rate_limit_headers_are_the_printed_ones(db_access: None) -> None:
    printed = dict(line.split(": ") for line in _printed("Rate Limits").splitlines())

    answer = make_tenant("Rated", plan="free").get("/v1/accounts")

    got = {name: answer.response[name] for name in printed}
    assert got | {"X-RateLimit-Reset": printed["X-RateLimit-Reset"]} == printed
    assert len(got["X-RateLimit-Reset"]) == len(printed["X-RateLimit-Reset"])


def test_the_snippets_that_the_access_tests_run_are_the_printed_ones() -> None:
    oauth = "\n".join([snippets.AUTHORIZE, snippets.REDIRECT, snippets.EXCHANGE])

    assert oauth.split() == _printed("OAuth 2.0").split()
    assert snippets.JWT_SCRIPT.strip() == _printed("JWT Authentication")


def test_an_error_has_the_printed_form(demo: Caller) -> None:
    printed = parsed(_printed("Error Response Format"))

    refused = demo.post("/v1/accounts", {})

    assert refused.status == 400
    assert list(refused.body) == list(printed) == ["error"]
    assert list(refused.error) == list(printed["error"])
    assert [refused.error[key] for key in ("code", "message")] == [printed["error"][key] for key in ("code", "message")]
    assert [set(detail) for detail in refused.error["details"]] == [{"code", *printed["error"]["details"][0]}] * 4
    assert refused.error["request_id"].startswith("req_")
    link = refused.error["documentation_url"]
    assert link == "http://testserver/docs/api/errors#VALIDATION_ERROR"
    assert 'id="VALIDATION_ERROR"' in demo.get("/docs/api/errors").text


def test_a_difference_is_seen() -> None:
    printed = {"id": "acc_1", "balance": Decimal("50000.00"), "lines": [{"debit": 0}], "at": None}

    assert (
        differences(printed, {"id": "acc_9", "balance": 50000, "lines": [{"debit": Decimal("0.00")}], "at": None}) == []
    )
    assert differences(printed, {"id": "je_9", "balance": "50000.00", "lines": [], "at": ""}) == [
        ".id: 'je_9' does not begin with acc_",
        ".balance: '50000.00' is not Decimal('50000.00')",
        ".lines: another number of members",
        ".at: '' is not None",
    ]
