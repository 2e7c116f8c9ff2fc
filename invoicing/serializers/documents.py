"""Input about invoices, credit notes and recurring invoices."""

from __future__ import annotations

from bigledger.api.shapes import (
    ChoiceField,
    CurrencyField,
    DayField,
    FlagField,
    ListField,
    MetadataField,
    MoneyField,
    ReferenceField,
    Shape,
    TextField,
)
from bigledger.texts import LINES_OF_A_DESCRIPTION, LINES_OF_A_NOTE
from customers.models import Customer
from customers.serializers import EmailField, PaymentTermsField
from invoicing.models import Frequency, Invoice, InvoiceLine, Product, TaxRate, WriteOffKind
from invoicing.models.documents import MAX_LINES
from invoicing.serializers.fields import NumberField, PriceField
from ledger.models import Account, OnClosedPeriod
from ledger.serializers import RateField


class PricesInput(Shape):
    """What a document says of its prices beside its lines; the discount is on the whole of it."""

    price_includes_tax = FlagField(required=False)
    discount_percentage = NumberField(most=100, places=4, required=False)
    discount_amount = MoneyField(required=False, allow_null=True)


class DocumentLineInput(Shape):
    """A charge, such as freight, has no share in the discount on the whole document."""

    product_id = ReferenceField(Product, required=False, allow_null=True)
    description = TextField(max_length=1000, lines=LINES_OF_A_DESCRIPTION, required=False, allow_blank=True)
    quantity = NumberField(most=10**9 - 1, places=6, signed=True)
    unit_price = PriceField(required=False, signed=True)
    tax_rate = NumberField(most=1, places=6, required=False)
    tax_rate_id = ReferenceField(TaxRate, required=False, allow_null=True)
    discount_percentage = NumberField(most=100, places=4, required=False)
    discount_amount = MoneyField(required=False, allow_null=True)
    is_charge = FlagField(required=False)
    revenue_account_id = ReferenceField(Account, required=False, allow_null=True)


class InvoiceInput(PricesInput):
    customer_id = ReferenceField(Customer)
    invoice_date = DayField(required=False)
    due_date = DayField(required=False, allow_null=True)
    currency = CurrencyField(required=False)
    exchange_rate = RateField(required=False, allow_null=True)
    lines = ListField(child=DocumentLineInput(), max_length=MAX_LINES)
    payment_terms = PaymentTermsField(required=False)
    notes = TextField(max_length=2000, lines=LINES_OF_A_NOTE, required=False, allow_blank=True)
    metadata = MetadataField()


class MailingInput(Shape):
    to = ListField(child=EmailField(), required=False, max_length=20)
    cc = ListField(child=EmailField(), required=False, max_length=20)
    message = TextField(max_length=2000, lines=LINES_OF_A_NOTE, required=False, allow_blank=True)


class SendInput(MailingInput):
    deliver = FlagField(required=False)


class VoidInput(Shape):
    reason = TextField(max_length=500, lines=LINES_OF_A_DESCRIPTION)
    date = DayField(required=False)


class WriteOffInput(Shape):
    kind = ChoiceField(WriteOffKind.choices)
    amount = MoneyField(required=False)
    date = DayField(required=False)
    tax_relief = FlagField(required=False)
    reason = TextField(max_length=500, lines=LINES_OF_A_DESCRIPTION)


class UndoWriteOffInput(Shape):
    reason = TextField(max_length=500, lines=LINES_OF_A_DESCRIPTION, required=False, allow_blank=True)
    date = DayField(required=False)


class BulkSendInput(SendInput):
    invoice_id = ReferenceField(Invoice)


class BulkVoidInput(VoidInput):
    invoice_id = ReferenceField(Invoice)


class CreditLineInput(DocumentLineInput):
    """A line of its own, or one of the invoice: `invoice_line_id` and how many of it, all that is left unless said."""

    invoice_line_id = ReferenceField(InvoiceLine, required=False, allow_null=True)
    quantity = NumberField(most=10**9 - 1, places=6, signed=True, required=False)


class CreditNoteInput(PricesInput):
    customer_id = ReferenceField(Customer, required=False)
    invoice_id = ReferenceField(Invoice, required=False)
    lines = ListField(child=CreditLineInput(), required=False, max_length=MAX_LINES)
    date = DayField(required=False)
    reason = TextField(max_length=500, lines=LINES_OF_A_DESCRIPTION, required=False, allow_blank=True)
    currency = CurrencyField(required=False)
    exchange_rate = RateField(required=False)
    metadata = MetadataField()


class ApplyInput(Shape):
    invoice_id = ReferenceField(Invoice)
    amount = MoneyField(required=False)
    date = DayField(required=False)


class UnapplyInput(Shape):
    invoice_id = ReferenceField(Invoice)
    date = DayField(required=False)


class RecurringInvoiceChanges(PricesInput):
    lines = ListField(child=DocumentLineInput(), max_length=MAX_LINES)
    end_date = DayField(required=False, allow_null=True)
    send_automatically = FlagField(required=False)
    on_closed_period = ChoiceField(OnClosedPeriod.choices, required=False)
    payment_terms = PaymentTermsField(required=False)
    notes = TextField(max_length=2000, lines=LINES_OF_A_NOTE, required=False, allow_blank=True)
    metadata = MetadataField()


class RecurringInvoiceInput(RecurringInvoiceChanges):
    customer_id = ReferenceField(Customer)
    frequency = ChoiceField(Frequency.choices)
    start_date = DayField(required=False)
    currency = CurrencyField(required=False)
