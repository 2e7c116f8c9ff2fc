"""Parameters of the reports and statements of sales."""

from __future__ import annotations

from bigledger.api.shapes import ChoiceField, CurrencyField, DayField, ReferenceField, Shape
from customers.models import Customer
from invoicing.reports.open_receivables import AGES
from ledger.serializers import KnownParams


class StatementParams(Shape):
    vars()["from"] = DayField(required=False, source="start")  # a word of Python's own
    to = DayField(required=False, source="end")


class AgedReceivablesParams(KnownParams):
    as_of = DayField(required=False)
    currency = CurrencyField(required=False)
    customer_id = ReferenceField(Customer, required=False)


class OpenReceivablesParams(AgedReceivablesParams):
    age = ChoiceField([(age, age) for age in AGES], required=False)


class SalesTaxParams(StatementParams, KnownParams):
    currency = CurrencyField(required=False)


class CustomerStatementParams(StatementParams, KnownParams):
    currency = CurrencyField(required=False)
    customer_id = ReferenceField(Customer)
