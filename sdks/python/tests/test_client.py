"""The hand-written half of the SDK, against an API that answers what the test says."""

from __future__ import annotations

import asyncio
import base64
import json
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import httpx
import pytest
from bigledger.forwarding import new_secret, signed_headers
from bigledger.objects import dumps, loads
from bigledger.types import Invoice, InvoicePaidEvent

from bigledger import AsyncBigLedger, BigLedger, BigLedgerError, ConnectionFailed, SignatureMismatch, verify

Answers = Callable[[httpx.Request], httpx.Response]
_ERROR = {"code": "X", "message": "No", "details": [], "request_id": "req_1", "documentation_url": ""}


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long the client waited, in place of waiting."""
    found: list[float] = []
    monkeypatch.setattr("bigledger.client.time.sleep", found.append)
    return found


def client(answers: Answers, **options: Any) -> BigLedger:
    return BigLedger("blg_test", http_client=httpx.Client(transport=httpx.MockTransport(answers)), **options)


def refusal(status: int, **headers: str) -> httpx.Response:
    return httpx.Response(status, json={"error": _ERROR}, headers=headers)


def in_turn(*answers: httpx.Response | Exception) -> tuple[Answers, list[httpx.Request]]:
    seen: list[httpx.Request] = []
    left: Iterator[httpx.Response | Exception] = iter(answers)

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        given = next(left)
        if isinstance(given, Exception):
            raise given
        return given

    return answer, seen


def test_numbers_keep_their_digits() -> None:
    text = '{"total":1234567890123456.78,"tax_total":0.10,"amount_due":5000}'
    invoice = Invoice(loads(text))

    assert (invoice.total, invoice.tax_total) == (Decimal("1234567890123456.78"), Decimal("0.10"))
    assert isinstance(invoice.amount_due, Decimal)
    assert dumps(invoice) == text


def test_what_is_new_is_passed_on() -> None:
    invoice = Invoice({"status": "a_new_one", "a_new_field": {"x": 1}})

    assert (invoice.status, invoice.a_new_field, invoice.customer) == ("a_new_one", {"x": 1}, None)
    with pytest.raises(AttributeError):
        invoice.nothing  # noqa: B018 - reading it is the test


def test_a_write_is_tried_again_with_the_same_key(waits: list[float]) -> None:
    answers, seen = in_turn(
        refusal(503), httpx.ReadTimeout("slow"), refusal(500), httpx.Response(201, json={"id": "cust_1", "name": "A"})
    )

    assert client(answers).customers.create(name="A").id == "cust_1"
    assert len({request.headers["Idempotency-Key"] for request in seen}) == 1
    assert [round(wait / bound, 3) <= 1 for wait, bound in zip(waits, (0.5, 1.0, 2.0), strict=True)] == [True] * 3
    assert all(wait >= bound * 0.75 for wait, bound in zip(waits, (0.5, 1.0, 2.0), strict=True))


def test_the_server_says_whether_and_when(waits: list[float]) -> None:
    answers, seen = in_turn(refusal(429, **{"retry-after": "7"}), refusal(500, **{"x-should-retry": "false"}))

    with pytest.raises(BigLedgerError) as caught:
        client(answers).tenant.get()
    assert (caught.value.status, caught.value.request_id, len(seen), waits) == (500, "req_1", 2, [7.0])


@pytest.mark.parametrize(
    ("options", "answer"),
    [({"rate_limit": "throw"}, refusal(429, **{"retry-after": "1"})), ({}, refusal(429, **{"retry-after": "3000"}))],
)
def test_a_limit_is_thrown(waits: list[float], options: dict[str, Any], answer: httpx.Response) -> None:
    answers, seen = in_turn(answer)

    with pytest.raises(BigLedgerError) as caught:
        client(answers, **options).tenant.get()
    assert (caught.value.status, len(seen), waits) == (429, 1, [])


def test_it_gives_up(waits: list[float]) -> None:
    answers, seen = in_turn(*[httpx.ConnectError("refused")] * 3)

    with pytest.raises(ConnectionFailed):
        client(answers, max_retries=2).tenant.get()
    assert (len(seen), len(waits)) == (3, 2)


def test_an_answer_of_a_proxy_is_an_error_too(waits: list[float]) -> None:
    answers, _ = in_turn(httpx.Response(404, text="<html>"))

    with pytest.raises(BigLedgerError, match="404"):
        client(answers).tenant.get()


def test_the_environment_decides_where(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BIGLEDGER_BASE_URL", raising=False)
    assert BigLedger("k").base_url == "https://api.bigledger.com"
    assert BigLedger("k", environment="sandbox", base_url="http://h:1/").base_url == "http://h:1"
    monkeypatch.setenv("BIGLEDGER_BASE_URL", "http://localhost:9")
    assert BigLedger("k", base_url="http://h:1").base_url == "http://localhost:9"


def test_a_list_is_read_by_cursor_and_filters_have_operators() -> None:
    pages = {"": (["a", "b"], "n"), "n": (["c"], None)}

    def answer(request: httpx.Request) -> httpx.Response:
        assert request.url.params["due_date[gte]"] == "2024-01-01"
        ids, following = pages[request.url.params["cursor"]]
        return httpx.Response(
            200, json={"data": [{"id": i} for i in ids], "meta": {"limit": 2, "next_cursor": following}}
        )

    assert [one.id for one in client(answer).invoices.list(due_date={"gte": "2024-01-01"}, limit=2)] == ["a", "b", "c"]


def test_the_async_client_does_the_same() -> None:
    answers, seen = in_turn(httpx.Response(200, json={"data": [{"id": "a"}], "meta": {"next_cursor": None}}))

    async def ids() -> list[str]:
        async with AsyncBigLedger(
            "k", http_client=httpx.AsyncClient(transport=httpx.MockTransport(answers))
        ) as asynchronous:
            return [one.id async for one in asynchronous.accounts.list()]

    assert asyncio.run(ids()) == ["a"]
    assert seen[0].url.params["cursor"] == ""


def test_a_webhook_is_verified_with_any_of_its_secrets() -> None:
    old, new = new_secret(), new_secret()
    body = json.dumps(
        {"id": "evt_1", "type": "invoice.paid", "data": {"invoice": {"id": "inv_1", "total": 5}}}
    ).encode()

    event = verify(body, signed_headers("evt_1", body, old), [new, old])

    assert isinstance(event, InvoicePaidEvent)
    assert event.data["invoice"].total == Decimal(5)


@pytest.mark.parametrize("change", ["body", "secret", "age"])
def test_a_webhook_that_is_not_ours_is_refused(change: str) -> None:
    secret, body = new_secret(), b'{"type":"new.type"}'
    headers = signed_headers("evt_1", body, secret)
    if change == "age":
        headers["webhook-timestamp"] = str(int(time.time()) - 301)
    other = f"whsec_{base64.b64encode(b'x' * 32).decode()}"

    with pytest.raises(SignatureMismatch):
        verify(body + b" " if change == "body" else body, headers, other if change == "secret" else secret)
