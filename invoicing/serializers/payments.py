"""Input about payments, cards and refunds."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from rest_framework import serializers

from bigledger.api.shapes import (
    ChoiceField,
    CurrencyField,
    DayField,
    FlagField,
    MetadataField,
    MoneyField,
    ReferenceField,
    Shape,
    TextField,
)
from bigledger.texts import LINES_OF_A_DESCRIPTION
from customers.models import Customer
from invoicing.gateway import Card
from invoicing.models import Invoice, PaymentMethod
from invoicing.serializers.fields import NumberField
from ledger.models import Account
from ledger.serializers import RateField

_FIRST_YEAR = 2000  # of cards


class CardInput(Shape):
    """A number with its dates, or a gateway's token."""

    number = TextField(max_length=40, required=False)
    exp_month = NumberField(most=12, places=0, positive=True, required=False)
    exp_year = NumberField(most=2199, places=0, positive=True, required=False)
    cvc = TextField(max_length=4, required=False)
    token = TextField(max_length=200, required=False, verbatim=True)

    def validate_exp_year(self, value: Decimal) -> Decimal:
        """Two digits are a year of the first century, and not a card that has expired."""
        if value < _FIRST_YEAR:
            message = "Must be a four-digit year, for example 2030."
            raise serializers.ValidationError(message, "out_of_range")
        return value

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "token" not in attrs:
            missing = {
                name: ["This field is required."] for name in ("number", "exp_month", "exp_year") if name not in attrs
            }
            if missing:
                raise serializers.ValidationError(missing)
        elif len(attrs) > 1:
            raise serializers.ValidationError({"token": ["Give either a token or a number."]})
        return attrs


class PaymentInput(Shape):
    customer_id = ReferenceField(Customer)
    amount = MoneyField()
    currency = CurrencyField(required=False)
    exchange_rate = RateField(required=False)
    method = ChoiceField(PaymentMethod.choices)
    invoice_id = ReferenceField(Invoice, required=False, allow_null=True)
    card = CardInput(required=False, allow_null=True)
    date = DayField(required=False)
    reference = TextField(max_length=100, required=False, allow_blank=True)
    deposit_account_id = ReferenceField(Account, required=False, allow_null=True)
    send_receipt = FlagField(required=False)
    metadata = MetadataField()


class RefundInput(Shape):
    amount = MoneyField(required=False)
    reason = TextField(max_length=500, lines=LINES_OF_A_DESCRIPTION, required=False, allow_blank=True)
    date = DayField(required=False)


class CreditRefundInput(RefundInput):
    method = ChoiceField(
        [choice for choice in PaymentMethod.choices if choice[0] != PaymentMethod.CARD], required=False
    )
    deposit_account_id = ReferenceField(Account, required=False, allow_null=True)


def new_payment(data: dict[str, Any]) -> dict[str, Any]:
    """From the checked input to what the service takes. A receipt is mailed unless the caller says no."""
    given = data.pop("card", None)
    return {"send_receipt": True, **data, "card": card_from(given) if given else None}


def card_from(given: Mapping[str, Any]) -> Card:
    return Card(
        number=given.get("number", ""),
        cvc=given.get("cvc", ""),
        exp_month=int(given.get("exp_month", 0)),
        exp_year=int(given.get("exp_year", 0)),
        token=given.get("token", ""),
    )
