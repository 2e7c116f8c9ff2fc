"""Input shapes of the sales side."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from rest_framework import serializers

from bigledger.api.shapes import (
    ChoiceField,
    CurrencyField,
    DayField,
    DescribedField,
    FlagField,
    KeyField,
    ListField,
    MoneyField,
    ReferenceField,
    Shape,
    TextField,
)
from bigledger.texts import LINES_OF_A_DESCRIPTION, LINES_OF_A_NOTE
from customers.models import Customer
from customers.serializers import EmailField, PaymentTermsField
from invoicing.gateway import Card
from invoicing.models import Frequency, Invoice, PaymentMethod, Product, TaxRate, TaxRounding
from invoicing.models.documents import MAX_LINES
from invoicing.services.write_offs import KINDS
from ledger.models import Account

_FIRST_YEAR = 2000  # of cards


class NumberField(DescribedField, serializers.Field[Decimal, Any, Decimal, Any]):
    """An exact number within bounds: quantities, rates, percentages."""

    default_error_messages = {
        "not_a_number": "Must be a number.",
        "range": "Must be from {least} to {most}.",
        "positive": "Must be more than zero and at most {most}.",
        "digits": "Must have at most {places} digits after the point.",
    }

    def __init__(self, *, most: int, places: int, positive: bool = False, **kwargs: Any) -> None:
        self.most, self.places, self.positive = most, places, positive
        super().__init__(**kwargs)

    def schema(self) -> dict[str, Any]:
        lowest = {"exclusiveMinimum": 0} if self.positive else {"minimum": 0}
        return {"type": "number", **lowest, "maximum": self.most}

    def to_internal_value(self, data: Any) -> Decimal:
        if isinstance(data, bool) or not isinstance(data, int | Decimal):
            self.fail("not_a_number")
        number = Decimal(data)
        if not number.is_finite():
            self.fail("not_a_number")
        if self.positive and not 0 < number <= self.most:
            self.fail("positive", most=self.most)
        if not 0 <= number <= self.most:
            self.fail("range", least=0, most=self.most)
        exponent = number.normalize().as_tuple().exponent if number.adjusted() > -30 else -30
        if isinstance(exponent, int) and -exponent > self.places:
            self.fail("digits", places=self.places)
        return number


class TaxComponentInput(Shape):
    name = TextField(max_length=100)
    rate = NumberField(most=1, places=6)
    is_compound = FlagField(required=False)


class TaxRateInput(Shape):
    code = KeyField(TaxRate, max_length=40)
    name = TextField(max_length=100)
    rate = NumberField(most=1, places=6, required=False)
    components = ListField(child=TaxComponentInput(), required=False, max_length=10)
    is_active = FlagField(required=False)


class ProductInput(Shape):
    sku = KeyField(Product, max_length=60)
    name = TextField(max_length=200)
    description = TextField(max_length=1000, lines=LINES_OF_A_DESCRIPTION, required=False, allow_blank=True)
    unit_price = MoneyField()
    currency = CurrencyField(required=False)
    tax_rate_id = ReferenceField(TaxRate, required=False, allow_null=True)
    revenue_account_id = ReferenceField(Account, required=False, allow_null=True)
    is_active = FlagField(required=False)


class SalesSettingsInput(Shape):
    tax_rounding = ChoiceField(TaxRounding.choices, required=False)
    refuse_over_credit_limit = FlagField(required=False)
    small_difference_limit = MoneyField(required=False)


class DocumentLineInput(Shape):
    product_id = ReferenceField(Product, required=False, allow_null=True)
    description = TextField(max_length=1000, lines=LINES_OF_A_DESCRIPTION, required=False, allow_blank=True)
    quantity = NumberField(most=10**9 - 1, places=6, positive=True)
    unit_price = MoneyField(required=False)
    tax_rate = NumberField(most=1, places=6, required=False)
    tax_rate_id = ReferenceField(TaxRate, required=False, allow_null=True)
    discount_percentage = NumberField(most=100, places=4, required=False)
    revenue_account_id = ReferenceField(Account, required=False, allow_null=True)


class TaxCalculationInput(Shape):
    currency = CurrencyField(required=False)
    lines = ListField(child=DocumentLineInput(), max_length=MAX_LINES)


class InvoiceInput(Shape):
    customer_id = ReferenceField(Customer)
    invoice_date = DayField(required=False)
    due_date = DayField(required=False, allow_null=True)
    currency = CurrencyField(required=False)
    lines = ListField(child=DocumentLineInput(), max_length=MAX_LINES)
    payment_terms = PaymentTermsField(required=False)
    notes = TextField(max_length=2000, lines=LINES_OF_A_NOTE, required=False, allow_blank=True)


class SendInput(Shape):
    to = ListField(child=EmailField(), required=False, max_length=20)
    cc = ListField(child=EmailField(), required=False, max_length=20)
    message = TextField(max_length=2000, lines=LINES_OF_A_NOTE, required=False, allow_blank=True)


class VoidInput(Shape):
    reason = TextField(max_length=500, lines=LINES_OF_A_DESCRIPTION)


class WriteOffInput(Shape):
    kind = ChoiceField([(kind, kind) for kind in KINDS])
    reason = TextField(max_length=500, lines=LINES_OF_A_DESCRIPTION)


class BulkSendInput(SendInput):
    invoice_id = ReferenceField(Invoice)


class BulkVoidInput(VoidInput):
    invoice_id = ReferenceField(Invoice)


class CreditNoteInput(Shape):
    customer_id = ReferenceField(Customer, required=False)
    invoice_id = ReferenceField(Invoice, required=False)
    lines = ListField(child=DocumentLineInput(), required=False, max_length=MAX_LINES)
    date = DayField(required=False)
    reason = TextField(max_length=500, lines=LINES_OF_A_DESCRIPTION, required=False, allow_blank=True)
    currency = CurrencyField(required=False)


class ApplyInput(Shape):
    invoice_id = ReferenceField(Invoice)
    amount = MoneyField(required=False)


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
    method = ChoiceField(PaymentMethod.choices)
    invoice_id = ReferenceField(Invoice, required=False, allow_null=True)
    card = CardInput(required=False, allow_null=True)
    date = DayField(required=False)
    reference = TextField(max_length=100, required=False, allow_blank=True)


class RefundInput(Shape):
    amount = MoneyField(required=False)
    reason = TextField(max_length=500, lines=LINES_OF_A_DESCRIPTION, required=False, allow_blank=True)


class RecurringInvoiceChanges(Shape):
    lines = ListField(child=DocumentLineInput(), max_length=MAX_LINES)
    end_date = DayField(required=False, allow_null=True)
    send_automatically = FlagField(required=False)
    payment_terms = PaymentTermsField(required=False)
    notes = TextField(max_length=2000, lines=LINES_OF_A_NOTE, required=False, allow_blank=True)


class RecurringInvoiceInput(RecurringInvoiceChanges):
    customer_id = ReferenceField(Customer)
    frequency = ChoiceField(Frequency.choices)
    start_date = DayField(required=False)
    currency = CurrencyField(required=False)


class StatementParams(Shape):
    vars()["from"] = DayField(required=False, source="start")  # a word of Python's own
    to = DayField(required=False, source="end")


class AgedReceivablesParams(Shape):
    as_of = DayField(required=False)
    currency = CurrencyField(required=False)


class SalesTaxParams(StatementParams):
    currency = CurrencyField(required=False)


class CustomerStatementParams(StatementParams):
    customer_id = ReferenceField(Customer)


def new_payment(data: dict[str, Any]) -> dict[str, Any]:
    """From the checked input to what the service takes."""
    given = data.pop("card", None)
    return {**data, "card": card_from(given) if given else None}


def card_from(given: Mapping[str, Any]) -> Card:
    return Card(
        number=given.get("number", ""),
        cvc=given.get("cvc", ""),
        exp_month=int(given.get("exp_month", 0)),
        exp_year=int(given.get("exp_year", 0)),
        token=given.get("token", ""),
    )
