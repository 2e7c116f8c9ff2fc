"""What is sold, as the API shows it: tax rates, products, settings, tax calculations."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Annotated

from msgspec import Struct

from bigledger.api.bodies import Body
from bigledger.closed_lists import one_of
from invoicing.bodies.documents import DocumentTaxBody, KindOfTax
from invoicing.models import BadDebtMethod, TaxRounding, UnappliedAs
from invoicing.models.catalogue import NumberedDocument, SeriesReset

Rounding = Annotated[str, one_of("TaxRounding", TaxRounding.values)]
WhereUnapplied = Annotated[str, one_of("UnappliedAs", UnappliedAs.values)]
MethodOfBadDebt = Annotated[str, one_of("BadDebtMethod", BadDebtMethod.values)]
DocumentOfSeries = Annotated[str, one_of("SeriesDocument", NumberedDocument.values)]
Reset = Annotated[str, one_of("SeriesReset", SeriesReset.values)]


class TaxComponentBody(Struct):
    """`account_id` null is Sales Tax Payable."""

    name: str
    rate: Decimal
    is_compound: bool
    authority: str
    account_id: str | None


class TaxRateBody(Body):
    """`rate` is the combined rate of all components. `reason` is the wording that documents carry."""

    id: str
    code: str
    name: str
    kind: KindOfTax
    reason: str
    rate: Decimal
    components: list[TaxComponentBody]
    is_active: bool
    metadata: dict[str, str]
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
    metadata: dict[str, str]
    created_at: datetime.datetime
    updated_at: datetime.datetime


class TaxCalculationLineBody(Struct):
    subtotal: Decimal
    discount_amount: Decimal
    document_discount: Decimal
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
    """How a kind of document (invoice, credit_note, payment) is numbered. `next` is the next number, of the running
    year in a yearly series."""

    document: DocumentOfSeries
    prefix: str
    reset: Reset
    next: int


class DepositAccountsBody(Struct):
    """By method of payment; null is the account for all receipts."""

    bank_transfer: str | None
    cash: str | None
    check: str | None
    card: str | None


class SalesSettingsBody(Body):
    """`bad_debt_method`: a bad debt is an expense (`direct`), or taken from the allowance (`allowance`).

    `number_drafts`: an invoice takes its number as a draft, and not when it is issued.

    `small_difference_limit` is by currency; one that is not named has a hundred of its smallest units. The accounts are
    those in the base currency; null until the first posting that needs one, which finds or opens it."""

    id: str
    tax_rounding: Rounding
    refuse_over_credit_limit: bool
    small_difference_limit: dict[str, Decimal]
    number_drafts: bool
    series: list[SeriesBody]
    unapplied_as: WhereUnapplied
    bad_debt_method: MethodOfBadDebt
    accounts_receivable_id: str | None
    sales_revenue_id: str | None
    sales_discounts_id: str | None
    sales_tax_payable_id: str | None
    customer_deposits_id: str | None
    bad_debt_id: str | None
    small_differences_id: str | None
    bad_debt_allowance_id: str | None
    retained_earnings_id: str | None
    realised_fx_id: str | None
    unrealised_fx_id: str | None
    card_fee_account_id: str | None
    deposit_accounts: DepositAccountsBody
