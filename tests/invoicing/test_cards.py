"""Cards: the reference's test numbers, and that a number is kept nowhere."""

from __future__ import annotations

import io
import logging
from contextlib import redirect_stderr, redirect_stdout
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from bigledger.postgres.execute import fetch_all
from bigledger.tenants.context import tenant_context
from tests.sales import NUMBERS, Shop, card

D = Decimal

SECRETS = [form for number in NUMBERS.values() for form in (number, number.replace(" ", ""))]


@pytest.mark.parametrize(
    ("last4", "status", "failure_code"),
    [("4242", "received", None), ("0002", "failed", "card_declined"), ("9995", "failed", "insufficient_funds")],
)
def test_the_reference_cards(shop: Shop, last4: str, status: str, failure_code: str | None) -> None:
    invoice = shop.sent()
    payment = shop.pay("1458.00", invoice_id=invoice["id"], method="card", card=card(last4))

    assert (payment["status"], payment["failure_code"]) == (status, failure_code)
    assert payment["card"] == {"brand": "visa", "last4": last4}
    if failure_code:
        assert shop.events()[-1] == "payment.failed"
        assert f'"failure_code":"{failure_code}"' in shop.payloads("payment.failed")[0]
        assert (shop.balance(), shop.again(invoice)["status"]) == (D("1458.00"), "sent")
        assert "Cash" not in shop.books(), "a decline posts nothing"
    else:
        assert shop.again(invoice)["status"] == "paid"


def test_a_number_without_spaces_is_the_same(shop: Shop) -> None:
    number = NUMBERS["4242"].replace(" ", "")
    assert shop.pay("5.00", method="card", card={**card("4242"), "number": number})["status"] == "received"


def test_an_expired_card_is_declined(shop: Shop) -> None:
    payment = shop.pay("5.00", method="card", card={**card("4242"), "exp_year": 2020})
    assert (payment["status"], payment["failure_code"]) == ("failed", "expired_card")


def test_any_other_number_is_invalid_and_not_repeated(shop: Shop) -> None:
    body = {
        "customer_id": "cust_123456",
        "amount": 5,
        "method": "card",
        "card": {**card("4242"), "number": "5555444433331111"},
    }
    refused = shop.caller.post("/v1/payments", body)

    assert (refused.status, refused.fields) == (400, ["card.number"])
    assert "5555444433331111" not in refused.text
    assert shop.read("/v1/payments")["meta"]["total"] == 0


@pytest.mark.parametrize("change", [{"method": "cash"}, {"card": None}])
def test_a_card_goes_with_method_card_only(shop: Shop, change: dict[str, Any]) -> None:
    body = {"customer_id": "cust_123456", "amount": 5, "method": "card", "card": card("4242"), **change}
    refused = shop.caller.post("/v1/payments", body)

    assert (refused.status, refused.fields) == (400, ["card"])


@pytest.mark.parametrize(("gateway", "rule"), [("none", "cards_not_taken"), ("stripe", "card_number_refused")])
def test_outside_the_sandbox_a_number_is_refused(shop: Shop, settings: Any, gateway: str, rule: str) -> None:
    settings.PAYMENT_GATEWAY, settings.STRIPE_SECRET_KEY = gateway, "sk_test"
    body = {"customer_id": "cust_123456", "amount": 5, "method": "card", "card": card("4242")}
    refused = shop.caller.post("/v1/payments", body)

    assert (refused.status, refused.error["details"][0]["rule"]) == (422, rule)
    assert shop.read("/v1/payments")["meta"]["total"] == 0


def test_the_number_is_in_no_table_log_event_or_error(shop: Shop) -> None:
    heard = io.StringIO()
    handler = logging.StreamHandler(heard)
    logging.getLogger().addHandler(handler)
    answers = []
    try:
        with redirect_stdout(heard), redirect_stderr(heard):
            for last4 in NUMBERS:
                body = {"customer_id": "cust_123456", "amount": 5, "method": "card", "card": card(last4)}
                shop.done(shop.caller.post("/v1/payments", body, Idempotency_Key=f"key-{last4}"))
                wrong = {
                    "customer_id": "cust_1",
                    "amount": -1,
                    "method": "card",
                    "card": card(last4),
                    NUMBERS[last4]: 1,
                }
                del wrong[NUMBERS[last4]]
                answers.append(shop.caller.post("/v1/payments", wrong))
                answers.append(
                    shop.caller.post("/v1/payments", {**wrong, "card": {**card(last4), "cvc": [NUMBERS[last4]]}})
                )
    finally:
        logging.getLogger().removeHandler(handler)

    assert [answer.status for answer in answers] == [400] * 6
    texts = [heard.getvalue(), *(answer.text for answer in answers)]
    with tenant_context(shop.caller.tenant):
        for (table,) in fetch_all(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        ):
            with connection.cursor() as cursor:
                cursor.execute("SELECT has_table_privilege(%s, 'SELECT')", [table])
                if cursor.fetchone() == (True,):
                    cursor.execute(f'SELECT t::text FROM "{table}" t')
                    texts += [row[0] for row in cursor.fetchall()]
    assert any("insufficient_funds" in text for text in texts), "the search sees the payments"
    assert [text for text in texts for secret in SECRETS if secret in text] == []
