"""Every example of the customer's reference, sent as printed, answered as printed.

`COVERED` and `NOT_YET` together name every section that shows code, with the number of its blocks: an
example that is added, removed or forgotten fails here. A section moves up when its resource lands.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from tests.conftest import Answer, Caller
from tests.contract.reference import Exchange, blocks, differences, exchanges, parsed

COVERED = {
    "API Key Authentication": 1,
    "Get All Accounts": 2,
    "Create Account": 1,
    "Create Journal Entry": 2,
    "Error Response Format": 1,
}
NOT_YET = {
    # hosts and plans
    "Base URLs": 1,
    "Rate Limits": 1,
    # signing in
    "OAuth 2.0": 1,
    "JWT Authentication": 1,
    # sales
    "Create Invoice": 1,
    "Customer Object": 1,
    # GraphQL
    "Schema": 1,
    "Get Customer with Invoices": 1,
    "Create and Send Invoice": 1,
    # webhooks and SDKs
    "Available Events": 1,
    "Webhook Payload": 1,
    "Webhook Security": 1,
    "JavaScript SDK Example": 1,
}
EXCHANGES = {exchange.section: exchange for exchange in exchanges()}


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


def test_the_created_account_is_what_was_sent(demo: Caller) -> None:
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
    assert created.text.count("5000.00") == 4


def test_the_curl_line_of_the_api_key_works(demo: Caller) -> None:
    (block,) = [block for block in blocks() if block.section == "API Key Authentication"]

    assert block.text == (
        'curl -X GET https://api.bigledger.com/v1/accounts \\\n  -H "Authorization: Bearer YOUR_API_KEY"'
    )
    assert demo.get("/v1/accounts", authorization=f"Bearer {demo.api_key}").status == 200
    assert demo.get("/v1/accounts", authorization="Bearer YOUR_API_KEY").status == 401


def test_an_error_has_the_printed_form(demo: Caller) -> None:
    (block,) = [block for block in blocks() if block.section == "Error Response Format"]
    printed = parsed(block.text)

    refused = demo.post("/v1/accounts", {})

    assert refused.status == 400
    assert list(refused.body) == list(printed) == ["error"]
    assert list(refused.error) == list(printed["error"])
    assert [refused.error[key] for key in ("code", "message")] == [printed["error"][key] for key in ("code", "message")]
    assert [set(detail) for detail in refused.error["details"]] == [set(printed["error"]["details"][0])] * 4
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
