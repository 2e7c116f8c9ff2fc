"""What every card gateway can do."""

from __future__ import annotations

import datetime
import uuid
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Card:
    """A card as it was given: a test card's number in the sandbox, a gateway's token elsewhere.

    The secret parts are left out of `repr`, so that no log and no error can show them.
    """

    number: str = field(default="", repr=False)
    cvc: str = field(default="", repr=False)
    exp_month: int = 0
    exp_year: int = 0
    token: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Authorization:
    """An authorized payment. `is_captured` if the gateway captured it at once."""

    reference: str
    brand: str
    last4: str
    is_captured: bool = False


@dataclass(frozen=True, slots=True)
class Decline:
    """The card was refused; `code` is `card_declined`, `insufficient_funds`, `expired_card` …"""

    code: str
    message: str
    brand: str = ""
    last4: str = ""


class PaymentGateway(Protocol):
    """`key` makes each call repeatable: the same key never moves money twice."""

    name: str
    takes_numbers: bool

    def authorize(
        self, *, amount: Decimal, currency: str, card: Card, key: uuid.UUID, today: datetime.date
    ) -> Authorization | Decline:
        """Raises ServiceUnavailable when the gateway does not answer."""

    def capture(self, *, reference: str, key: uuid.UUID) -> None:
        """Captures an authorized payment. Raises ServiceUnavailable."""

    def refund(self, *, reference: str, amount: Decimal, currency: str, key: uuid.UUID) -> None:
        """Refunds a payment. Raises ServiceUnavailable."""
