"""The Stripe adapter against a stand-in that answers as Stripe's documentation says."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from decimal import Decimal
from urllib.parse import parse_qs

import httpx
import pytest
from django.db import connections

from bigledger import ids
from bigledger.errors import ServiceUnavailable
from bigledger.tenants.context import tenant_context
from invoicing.gateway import Authorization, Card, Decline, choice
from invoicing.gateway.stripe import StripeGateway, minor_units
from invoicing.models import Payment, Refund
from invoicing.tasks import settle_with_gateway
from tests.conftest import make_tenant
from tests.sales import Shop

D = Decimal

TODAY = datetime.date(2024, 1, 15)
INTENT = {
    "id": "pi_1",
    "status": "requires_capture",
    "payment_method": {"card": {"brand": "visa", "last4": "4242"}},
}


class Stripe:
    """Remembers what it was asked; `fails` makes it not answer."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, str], str]] = []
        self.answer = httpx.Response(200, json=INTENT)
        self.fails = False

    def __call__(self, request: httpx.Request) -> httpx.Response:
        form = {name: values[0] for name, values in parse_qs(request.content.decode()).items()}
        self.asked.append((request.url.path, form, request.headers["Idempotency-Key"]))
        if self.fails:
            raise httpx.ConnectTimeout("no answer")
        return self.answer


@pytest.fixture
def stripe(monkeypatch: pytest.MonkeyPatch, settings: object) -> Iterator[Stripe]:
    stand_in = Stripe()
    gateway = StripeGateway("sk_test", transport=httpx.MockTransport(stand_in))
    monkeypatch.setattr(choice, "_stripe", lambda key: gateway)
    settings.PAYMENT_GATEWAY = "stripe"  # type: ignore[attr-defined]
    yield stand_in


def authorize(stand_in: Stripe) -> Authorization | Decline:
    gateway = StripeGateway("sk_test", transport=httpx.MockTransport(stand_in))
    card = Card(token="pm_card_visa")
    return gateway.authorize(amount=D("14.58"), currency="USD", card=card, key=ids.new_id(), today=TODAY)


def test_an_authorization_is_asked_for_in_the_smallest_unit_and_not_captured() -> None:
    stand_in = Stripe()

    assert authorize(stand_in) == Authorization("pi_1", "visa", "4242", is_captured=False)
    path, form, _ = stand_in.asked[0]
    assert path == "/v1/payment_intents"
    assert (form["amount"], form["currency"], form["capture_method"]) == ("1458", "usd", "manual")


def test_a_decline_carries_stripes_code() -> None:
    stand_in = Stripe()
    error = {"code": "card_declined", "decline_code": "insufficient_funds", "message": "Insufficient funds."}
    stand_in.answer = httpx.Response(402, json={"error": error})

    assert authorize(stand_in) == Decline("insufficient_funds", "Insufficient funds.")


@pytest.mark.parametrize("answer", [httpx.Response(500, json={}), httpx.Response(200, text="<html>")])
def test_a_malformed_answer_is_unavailable(answer: httpx.Response) -> None:
    stand_in = Stripe()
    stand_in.answer = answer

    with pytest.raises(ServiceUnavailable):
        authorize(stand_in)


@pytest.mark.parametrize(
    ("amount", "currency", "units"), [("14.58", "USD", "1458"), ("5000", "JPY", "5000"), ("1.250", "BHD", "1250")]
)
def test_smallest_units(amount: str, currency: str, units: str) -> None:
    assert minor_units(D(amount), currency) == units


def test_the_money_is_taken_and_given_back_after_the_commit_until_it_worked(committed: None, stripe: Stripe) -> None:
    shop = Shop(make_tenant("Striped"))
    shop.customer(number="123456")
    payment = shop.pay("100.00", method="card", card={"token": "pm_card_visa"})
    shop.post(f"/v1/payments/{payment['id']}/refund", amount=D("40.00"))
    assert [path for path, _, _ in stripe.asked] == ["/v1/payment_intents"], "nothing is taken inside the transaction"

    stripe.fails = True
    assert settle_with_gateway() == 0
    stripe.fails = False
    assert settle_with_gateway() == 2
    assert settle_with_gateway() == 0

    paths = [path for path, _, _ in stripe.asked]
    assert paths[-2:] == ["/v1/payment_intents/pi_1/capture", "/v1/refunds"]
    assert stripe.asked[-1][1] == {"payment_intent": "pi_1", "amount": "4000"}
    captures = {key for path, _, key in stripe.asked if path.endswith("/capture")}
    assert len(captures) == 1, "a repetition has the same key"
    with tenant_context(shop.caller.tenant):
        assert Payment.objects.get().captured_at is not None
        assert Refund.objects.get().settled_at is not None
    connections.close_all()
