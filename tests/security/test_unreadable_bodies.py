"""What cannot be read is refused, and an absent optional is never the larger action.

Every operation whose body is optional is asked with each framing and each thing that is no body.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.conftest import Caller, make_tenant
from tests.running import api_server
from tests.sales import Shop
from tests.security.raw import END, Raw, chunked, request, status

JSON = "Content-Type: application/json"
UNREADABLE = {
    "not json": (JSON, b"amount=1"),
    "half": (JSON, b'{"amount": 1'),
    "blanks": (JSON, b" \r\n\t "),
    "no media type": ("X-Nothing: here", b'{"amount": 1}'),
    "a form": ("Content-Type: application/x-www-form-urlencoded", b"amount=1"),
    "text": ("Content-Type: text/plain", b'{"amount": 1}'),
    "a list": (JSON, b"[1]"),
    "a number": (JSON, b"1"),
    "null": (JSON, b"null"),
    "unknown field": (JSON, b'{"amuont": 1}'),
    "a byte order mark": (JSON, b'\xef\xbb\xbf{"amount": 1'),
}


class Books:
    """Committed sales of a tenant of its own, and the server that is asked about them."""

    def __init__(self, base: str) -> None:
        self.base = base
        self.shop = Shop(make_tenant("Unreadable"))
        self.shop.customer(number="123456", name="Acme Corporation")
        self.caller: Caller = self.shop.caller

    def ask(self, method: str, path: str, *headers: str, body: bytes = b"") -> tuple[int, dict[str, Any]]:
        data = request(method, path, f"Authorization: Bearer {self.caller.api_key}", *headers, body=body)
        answer = Raw(self.base).send(data).answer()
        text = answer.partition(END)[2]
        return status(answer), json.loads(text) if text else {}

    def send(self, path: str, media_type: str, body: bytes, *, in_chunks: bool) -> tuple[int, dict[str, Any]]:
        if in_chunks:
            return self.ask("POST", path, media_type, "Transfer-Encoding: chunked", body=chunked(body))
        return self.ask("POST", path, media_type, f"Content-Length: {len(body)}", body=body)

    def payment(self, amount: int = 1000) -> dict[str, Any]:
        new = json.dumps({"customer_id": "cust_123456", "amount": amount, "method": "cash"}).encode()
        code, made = self.send("/v1/payments", JSON, new, in_chunks=False)
        assert code == 201, made
        return made

    def last_event(self) -> int:
        found = self.ask("GET", "/v1/accounts?limit=1&fields=balance")
        assert found[0] == 200
        return len(self.shop.events())

    def optional_operations(self) -> dict[str, str]:
        """A fresh object for each operation that may be asked without a body: its path."""
        payment = self.payment()["id"]
        invoice = self.shop.sent()["id"]
        code, endpoint = self.send(
            "/v1/webhook-endpoints",
            JSON,
            b'{"url": "http://127.0.0.1/", "events": ["invoice.sent"]}',
            in_chunks=False,
        )
        assert code == 201, endpoint
        return {
            "refund": f"/v1/payments/{payment}/refund",
            "send": f"/v1/invoices/{invoice}/send",
            "void": f"/v1/invoices/{invoice}/void",
            "rotate": f"/v1/webhook-endpoints/{endpoint['id']}/rotate-secret",
            "signing secret": "/v1/signing-secrets",
        }


@pytest.fixture(scope="module")
def books(django_db_setup: None, django_db_blocker: Any) -> Iterator[Books]:
    with django_db_blocker.unblock(), api_server() as base:
        yield Books(base)


@pytest.mark.parametrize("in_chunks", [False, True])
def test_refunding_one_refunds_one(books: Books, in_chunks: bool) -> None:
    payment = books.payment()
    code, refunded = books.send(f"/v1/payments/{payment['id']}/refund", JSON, b'{"amount": 1}', in_chunks=in_chunks)

    assert code == 200, refunded
    assert refunded["amount_refunded"] == 1


@pytest.mark.parametrize("in_chunks", [False, True])
@pytest.mark.parametrize("kind", UNREADABLE)
def test_an_unreadable_body_changes_nothing(books: Books, kind: str, in_chunks: bool) -> None:
    media_type, body = UNREADABLE[kind]
    for path in books.optional_operations().values():
        before = books.shop.events()
        code, answer = books.send(path, media_type, body, in_chunks=in_chunks)
        assert code in (400, 415), (path, answer)
        assert books.shop.events() == before


@pytest.mark.parametrize("in_chunks", [False, True])
def test_26_megabytes_are_too_many(books: Books, in_chunks: bool) -> None:
    body = b" " * 26_000_000
    framing = "Transfer-Encoding: chunked" if in_chunks else f"Content-Length: {len(body)}"
    sent = chunked(body, 1_000_000) if in_chunks else body
    code, answer = books.ask("POST", "/v1/accounts", JSON, framing, body=sent)

    assert (code, answer["error"]["code"]) == (413, "PAYLOAD_TOO_LARGE")


def test_one_key_with_two_chunked_bodies_is_a_conflict(books: Books) -> None:
    def account(code: str) -> tuple[int, dict[str, Any]]:
        new = json.dumps({"code": code, "name": code, "type": "asset", "subtype": "current_asset"}).encode()
        return books.ask(
            "POST", "/v1/accounts", JSON, "Transfer-Encoding: chunked", "Idempotency-Key: two", body=chunked(new)
        )

    assert account("1991")[0] == 201
    code, answer = account("1992")
    assert (code, answer["error"]["code"]) == (409, "IDEMPOTENCY_CONFLICT")
    assert account("1991")[0] == 201


@pytest.mark.parametrize("framing", ["Content-Length: 30", "Content-Length: 40000", "Transfer-Encoding: chunked"])
def test_a_truncated_body_is_refused(books: Books, framing: str) -> None:
    payment = books.payment()
    path = f"/v1/payments/{payment['id']}/refund"
    sent = b'5\r\n{"amo\r\n' if framing.startswith("Transfer") else b'{"amo'
    connection = Raw(books.base)
    connection.send(
        request("POST", path, f"Authorization: Bearer {books.caller.api_key}", JSON, framing, body=sent)
    ).socket.shutdown(1)
    answer = connection.until_closed()

    assert status(answer) == 400
    assert books.ask("GET", f"/v1/payments/{payment['id']}")[1]["amount_refunded"] == 0


def test_a_header_that_is_not_ascii_is_not_ignored(books: Books) -> None:
    new = b'{"code": "1993", "name": "x", "type": "asset", "subtype": "current_asset"}'
    for name in ("Idempotency-Key", "If-Match", "Authorization", "Content-Type", "X-Request-ID"):
        others = (f"Authorization: Bearer {books.caller.api_key}", JSON)
        head = request("POST", "/v1/accounts", *(line for line in others if not line.startswith(name)))[:-2]
        data = head + f"{name}: é\r\nContent-Length: {len(new)}\r\n\r\n".encode() + new
        assert status(Raw(books.base).send(data).answer()) in (400, 401, 415), name
    assert books.ask("GET", "/v1/accounts/acc_1993")[0] == 404
