"""The gateway of the sandbox: it accepts the reference's test cards and moves no money."""

from __future__ import annotations

import datetime
import re
import uuid
from decimal import Decimal

from bigledger.errors import ValidationFailed
from invoicing.gateway.contract import Authorization, Card, Decline

TEST_CARDS: dict[str, tuple[str, str] | None] = {
    "4242424242424242": None,
    "4000000000000002": ("card_declined", "The card was declined."),
    "4000000000009995": ("insufficient_funds", "The card has insufficient funds."),
}


class SandboxGateway:
    name = "sandbox"
    takes_numbers = True

    def authorize(
        self, *, amount: Decimal, currency: str, card: Card, key: uuid.UUID, today: datetime.date
    ) -> Authorization | Decline:
        """Refuses any other number as invalid input, so that no real card is ever used here."""
        number = re.sub(r"[ -]", "", card.number)
        if number not in TEST_CARDS:
            raise ValidationFailed.at("card.number", "Must be one of the documented test card numbers.", "not_a_choice")
        last4 = number[-4:]
        if (card.exp_year, card.exp_month) < (today.year, today.month):
            return Decline("expired_card", "The card has expired.", "visa", last4)
        refusal = TEST_CARDS[number]
        if refusal:
            return Decline(*refusal, "visa", last4)
        return Authorization(f"sandbox_{key}", "visa", last4, is_captured=True)

    def capture(self, *, reference: str, key: uuid.UUID) -> None:
        return None  # taken when it was promised

    def refund(self, *, reference: str, amount: Decimal, currency: str, key: uuid.UUID) -> None:
        return None  # there is no money to give back
