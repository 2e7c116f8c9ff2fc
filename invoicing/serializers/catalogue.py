"""Input about what is sold: tax rates, products, settings, tax calculations."""

from __future__ import annotations

import re
from typing import Any

from bigledger.api.shapes import (
    ChoiceField,
    CurrencyField,
    FlagField,
    KeyField,
    ListField,
    MetadataField,
    ReferenceField,
    Shape,
    TextField,
    WholeNumberField,
)
from bigledger.texts import LINES_OF_A_DESCRIPTION
from invoicing.models import BadDebtMethod, Product, TaxKind, TaxRate, TaxRounding, UnappliedAs
from invoicing.models.catalogue import NumberedDocument, SeriesReset
from invoicing.models.documents import MAX_LINES
from invoicing.serializers.documents import DocumentLineInput, PricesInput
from invoicing.serializers.fields import LimitsField, NumberField, PriceField
from ledger.models import Account


class TaxComponentInput(Shape):
    name = TextField(max_length=100)
    rate = NumberField(most=1, places=6)
    is_compound = FlagField(required=False)
    authority = TextField(max_length=100, required=False, allow_blank=True)
    account_id = ReferenceField(Account, required=False, allow_null=True)


class TaxRateInput(Shape):
    code = KeyField(TaxRate, max_length=40)
    name = TextField(max_length=100)
    kind = ChoiceField(TaxKind.choices, required=False)
    reason = TextField(max_length=500, lines=LINES_OF_A_DESCRIPTION, required=False, allow_blank=True)
    rate = NumberField(most=1, places=6, required=False)
    components = ListField(child=TaxComponentInput(), required=False, max_length=10)
    is_active = FlagField(required=False)
    metadata = MetadataField()


class ProductInput(Shape):
    sku = KeyField(Product, max_length=60)
    name = TextField(max_length=200)
    description = TextField(max_length=1000, lines=LINES_OF_A_DESCRIPTION, required=False, allow_blank=True)
    unit_price = PriceField()
    currency = CurrencyField(required=False)
    tax_rate_id = ReferenceField(TaxRate, required=False, allow_null=True)
    revenue_account_id = ReferenceField(Account, required=False, allow_null=True)
    is_active = FlagField(required=False)
    metadata = MetadataField()


class PrefixField(TextField):
    """What the numbers of a series begin with."""

    default_error_messages = {"prefix": "Must be letters, digits, points, hyphens and underscores, a letter first."}

    def to_internal_value(self, data: Any) -> str:
        prefix = super().to_internal_value(data)
        if not re.fullmatch(r"[A-Za-z][A-Za-z0-9._-]*", prefix):
            self.fail("prefix")
        return prefix


class SeriesInput(Shape):
    """Without `document` it is the series of invoices."""

    document = ChoiceField(NumberedDocument.choices, required=False)
    prefix = PrefixField(max_length=20, required=False)
    reset = ChoiceField(SeriesReset.choices, required=False)
    next = WholeNumberField(min_value=1, max_value=10**12, required=False)


class DepositAccountsInput(Shape):
    """Null is the account for all receipts."""

    bank_transfer = ReferenceField(Account, required=False, allow_null=True)
    cash = ReferenceField(Account, required=False, allow_null=True)
    check = ReferenceField(Account, required=False, allow_null=True)
    card = ReferenceField(Account, required=False, allow_null=True)


class SalesSettingsInput(Shape):
    tax_rounding = ChoiceField(TaxRounding.choices, required=False)
    refuse_over_credit_limit = FlagField(required=False)
    small_difference_limit = LimitsField(required=False)
    number_drafts = FlagField(required=False)
    series = ListField(child=SeriesInput(), required=False, max_length=len(NumberedDocument))
    bad_debt_method = ChoiceField(BadDebtMethod.choices, required=False)
    unapplied_as = ChoiceField(UnappliedAs.choices, required=False)
    accounts_receivable_id = ReferenceField(Account, required=False)
    sales_revenue_id = ReferenceField(Account, required=False)
    sales_discounts_id = ReferenceField(Account, required=False)
    sales_tax_payable_id = ReferenceField(Account, required=False)
    customer_deposits_id = ReferenceField(Account, required=False)
    bad_debt_id = ReferenceField(Account, required=False)
    small_differences_id = ReferenceField(Account, required=False)
    bad_debt_allowance_id = ReferenceField(Account, required=False)
    retained_earnings_id = ReferenceField(Account, required=False)
    realised_fx_id = ReferenceField(Account, required=False)
    unrealised_fx_id = ReferenceField(Account, required=False)
    card_fee_account_id = ReferenceField(Account, required=False)
    deposit_accounts = DepositAccountsInput(required=False)


class TaxCalculationInput(PricesInput):
    currency = CurrencyField(required=False)
    lines = ListField(child=DocumentLineInput(), max_length=MAX_LINES)
