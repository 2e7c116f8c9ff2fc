"""What the lines and taxes of invoices and credit notes have in common."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db import models

from bigledger.tenants.models import TenantForeignKey, TenantModel
from invoicing.models.catalogue import Product, TaxKind, TaxRate
from ledger.models import Account

MAX_LINES = 500  # of a document


def money_column(**kwargs: Any) -> models.DecimalField[Any, Any]:
    """An amount in any currency; it is shown with the digits of that currency."""
    return models.DecimalField(max_digits=19, decimal_places=4, **kwargs)


def price_column(**kwargs: Any) -> models.DecimalField[Any, Any]:
    """A unit price, which may have more digits than its currency."""
    return models.DecimalField(max_digits=25, decimal_places=10, **kwargs)


def percentage_column() -> models.DecimalField[Any, Any]:
    return models.DecimalField(max_digits=7, decimal_places=4, default=Decimal(0), db_default=0)


def rate_column(**kwargs: Any) -> models.DecimalField[Any, Any]:
    """Base units for one unit of the document's currency."""
    return models.DecimalField(max_digits=20, decimal_places=10, null=True, **kwargs)


class PricedDocument(TenantModel):
    """What a document says of its prices beside its lines. `discount_percentage` is on the whole of it, or 0 where an
    amount was given; `discount_amount` is what that discount comes to."""

    price_includes_tax = models.BooleanField(default=False, db_default=False)
    discount_percentage = percentage_column()
    discount_amount = money_column(default=Decimal(0), db_default=0)

    class Meta:
        abstract = True


class DocumentLine(TenantModel):
    """A line with its computed amounts: `subtotal` is quantity times price, `total` is less discounts, plus the tax
    unless prices include it. `document_discount` is its share of the discount on the whole; a charge has none."""

    position = models.PositiveIntegerField()
    product = TenantForeignKey(Product, models.PROTECT, null=True, related_name="+")
    tax_rate_named = TenantForeignKey(TaxRate, models.PROTECT, null=True, related_name="+")
    revenue_account = TenantForeignKey(Account, models.PROTECT, null=True, related_name="+")
    description = models.CharField(max_length=1000, blank=True)
    quantity = models.DecimalField(max_digits=15, decimal_places=6)
    unit_price = price_column()
    discount_percentage = models.DecimalField(max_digits=7, decimal_places=4, default=Decimal(0))
    is_charge = models.BooleanField(default=False, db_default=False)
    tax_rate = models.DecimalField(max_digits=9, decimal_places=6, default=Decimal(0))
    # As it was when the document was written; without a tax the line is out of scope.
    tax_kind = models.CharField(max_length=20, choices=TaxKind.choices, default=TaxKind.OUT_OF_SCOPE)
    subtotal = money_column()
    discount_amount = money_column()
    document_discount = money_column(default=Decimal(0), db_default=0)
    tax_amount = money_column()
    total = money_column()
    # What `tax_amount` is of, as `stored_taxes` has it; null in lines of before this was kept.
    taxes = models.JSONField(null=True, editable=False)

    class Meta:
        abstract = True
        ordering = ("position",)


class DocumentTax(TenantModel):
    """The tax of a document by one component, with the taxable amount; also one of zero, with its `reason`.

    `authority` and `account` (null: Sales Tax Payable) are those of the component when the document was written."""

    position = models.PositiveIntegerField()
    name = models.CharField(max_length=100)
    rate = models.DecimalField(max_digits=9, decimal_places=6)
    kind = models.CharField(max_length=20, choices=TaxKind.choices, default=TaxKind.STANDARD)
    reason = models.CharField(max_length=500, blank=True, db_default="")
    authority = models.CharField(max_length=100, blank=True, db_default="")
    account = TenantForeignKey(Account, models.PROTECT, null=True, related_name="+")
    taxable_amount = money_column()
    amount = money_column()

    class Meta:
        abstract = True
        ordering = ("position",)
