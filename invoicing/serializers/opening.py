"""Input about what a tenant brings from another system."""

from __future__ import annotations

from bigledger.api.shapes import CurrencyField, DayField, KeyField, ListField, MoneyField, ReferenceField, Shape
from customers.models import Customer
from invoicing.models import Invoice
from invoicing.serializers.fields import NumberField
from ledger.models import MAX_LINES, Account

MAX_OPEN_INVOICES = 1000  # more come with further calls, each with its part of the receivable
_MAX_RATE, _RATE_PLACES = 10**10 - 1, 10


class OpeningLineInput(Shape):
    account_id = ReferenceField(Account)
    debit = MoneyField(required=False)
    credit = MoneyField(required=False)
    exchange_rate = NumberField(most=_MAX_RATE, places=_RATE_PLACES, positive=True, required=False)


class OpenInvoiceInput(Shape):
    customer_id = ReferenceField(Customer)
    number = KeyField(Invoice, max_length=40)
    invoice_date = DayField()
    due_date = DayField()
    currency = CurrencyField(required=False)
    amount_due = MoneyField()
    exchange_rate = NumberField(most=_MAX_RATE, places=_RATE_PLACES, positive=True, required=False)


class OpeningBalancesInput(Shape):
    date = DayField()
    trial_balance = ListField(child=OpeningLineInput(), max_length=MAX_LINES)
    open_invoices = ListField(child=OpenInvoiceInput(), required=False, max_length=MAX_OPEN_INVOICES)
