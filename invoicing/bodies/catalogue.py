"""What is sold, as the API shows it: tax rates, products, settings, tax calculations."""

from __future__ import annotations

import datetime
from decimal import Decimal

from msgspec import Struct

from bigledger.api.bodies import Body
from invoicing.bodies.documents import DocumentTaxBody


class TaxComponentBody(Struct):
    name: str
    rate: Decimal
    is_compound: bool


class TaxRateBody(Body):
    """`rate` is the combined rate of all components."""

    id: str
    code: str
    name: str
    rate: Decimal
    components: list[TaxComponentBody]
    is_active: bool
    created_at: datetime.datetime
    updated_at: datetime.datetime


class ProductBody(Body):
    id: str
    sku: str
    name: str
    description: str
    unit_price: Decimal
    currency: str
    tax_rate_id: str | None
    revenue_account_id: str | None
    is_active: bool
    created_at: datetime.datetime
    updated_at: datetime.datetime


class TaxCalculationLineBody(Struct):
    subtotal: Decimal
    discount_amount: Decimal
    tax_amount: Decimal
    total: Decimal


class TaxCalculationBody(Body):
    currency: str
    lines: list[TaxCalculationLineBody]
    taxes: list[DocumentTaxBody]
    subtotal: Decimal
    discount_total: Decimal
    tax_total: Decimal
    total: Decimal


class SeriesBody(Struct):
    """How a kind of document (invoice or credit_note) is numbered. `next` is the next number, of the running year in a
    yearly series."""

    document: str
    prefix: str
    reset: str
    next: int


class SalesSettingsBody(Body):
    """`number_drafts`: an invoice takes its number as a draft, and not when it is issued."""

    id: str
    tax_rounding: str
    refuse_over_credit_limit: bool
    small_difference_limit: Decimal
    number_drafts: bool
    series: list[SeriesBody]
