"""Stripe's Payment Intents (https://docs.stripe.com/api/payment_intents) over httpx.

Cards arrive as Stripe's own tokens (`pm_…`), created in the customer's browser; card numbers never reach this server.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import httpx

from bigledger.errors import ServiceUnavailable
from invoicing.gateway.contract import Authorization, Card, Decline
from invoicing.gateway.stripe_currencies import minor_units

API_URL = "https://api.stripe.com/v1"
TIMEOUT_SECONDS = 10.0
_PAYMENT_REQUIRED = 402  # how Stripe answers a card that was declined
_CAPTURABLE = ("requires_capture", "succeeded")


class StripeGateway:
    name = "stripe"
    takes_numbers = False

    def __init__(self, secret_key: str, transport: httpx.BaseTransport | None = None) -> None:
        self._client = httpx.Client(
            base_url=API_URL, auth=(secret_key, ""), timeout=TIMEOUT_SECONDS, transport=transport
        )

    def authorize(
        self, *, amount: Decimal, currency: str, card: Card, key: uuid.UUID, today: datetime.date
    ) -> Authorization | Decline:
        form = {
            "amount": minor_units(amount, currency),
            "currency": currency.lower(),
            "payment_method": card.token,
            "payment_method_types[]": "card",
            "capture_method": "manual",
            "confirm": "true",
            "expand[]": "payment_method",
        }
        status, body = self._post("/payment_intents", form, f"authorize-{key}")
        if status == _PAYMENT_REQUIRED:
            error = body.get("error", {})
            code = error.get("decline_code") or error.get("code") or "card_declined"
            return Decline(str(code)[:40], str(error.get("message", "The card was declined."))[:200])
        if body.get("status") not in _CAPTURABLE:
            return Decline("authentication_required", "The bank asks for a confirmation that was not given.")
        drawn = (body.get("payment_method") or {}).get("card") or {}
        return Authorization(body["id"], str(drawn.get("brand", "")), str(drawn.get("last4", "")))

    def capture(self, *, reference: str, key: uuid.UUID) -> None:
        self._post(f"/payment_intents/{reference}/capture", {}, f"capture-{key}")

    def refund(self, *, reference: str, amount: Decimal, currency: str, key: uuid.UUID) -> None:
        form = {"payment_intent": reference, "amount": minor_units(amount, currency)}
        self._post("/refunds", form, f"refund-{key}")

    def _post(self, path: str, form: Mapping[str, str], key: str) -> tuple[int, dict[str, Any]]:
        """The status and body of an answer, if it is a success or a decline."""
        try:
            response = self._client.post(path, data=dict(form), headers={"Idempotency-Key": key})
            body = response.json()
        except (httpx.HTTPError, ValueError):
            raise ServiceUnavailable("The card gateway did not answer") from None
        if response.status_code not in (200, _PAYMENT_REQUIRED):
            raise ServiceUnavailable("The card gateway refused the request")
        return response.status_code, body
