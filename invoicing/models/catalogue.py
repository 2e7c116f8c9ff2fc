"""Products, tax rates and the tenant's settings for its documents."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from bigledger.tenants.metadata import WithMetadata
from bigledger.tenants.models import TenantForeignKey, TenantModel
from bigledger.tenants.natural_order import natural_order
from ledger.models import Account


class TaxKind(models.TextChoices):
    """Only a standard tax has a rate above zero."""

    STANDARD = "standard"
    ZERO = "zero"
    EXEMPT = "exempt"
    OUT_OF_SCOPE = "out_of_scope"
    REVERSE_CHARGE = "reverse_charge"
    INTRA_COMMUNITY = "intra_community"


class TaxRate(WithMetadata, TenantModel):
    """A named tax; its rate is defined by its components, of which there is at least one.

    `reason` is the wording that documents carry: why a supply is exempt, or whom the tax is owed by.
    """

    id_prefix = "tax"
    natural_field = "code"

    code = models.CharField(max_length=40)
    code_order = natural_order("code")
    name = models.CharField(max_length=100)
    name_order = natural_order("name")
    kind = models.CharField(max_length=20, choices=TaxKind.choices, default=TaxKind.STANDARD, db_default="standard")
    reason = models.CharField(max_length=500, blank=True, db_default="")
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ("code",)
        constraints = [
            models.UniqueConstraint(fields=["tenant", "code"], name="invoicing_taxrate_code"),
            models.CheckConstraint(name="invoicing_taxrate_reason", condition=~Q(kind=TaxKind.EXEMPT) | ~Q(reason="")),
        ]

    def __str__(self) -> str:
        return self.name


class TaxComponent(TenantModel):
    """One part of a tax; a compound one is charged on the net amount plus the components before it.

    It is owed to `authority` and posted to `account`, or else to Sales Tax Payable."""

    id_prefix = "taxc"
    keeps_active = True

    tax_rate = TenantForeignKey(TaxRate, models.CASCADE, related_name="components")
    position = models.PositiveIntegerField()
    name = models.CharField(max_length=100)
    rate = models.DecimalField(max_digits=9, decimal_places=6)
    is_compound = models.BooleanField(default=False)
    authority = models.CharField(max_length=100, blank=True, db_default="")
    account = TenantForeignKey(Account, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ("position",)
        constraints = [
            models.UniqueConstraint(fields=["tenant", "tax_rate", "position"], name="invoicing_taxcomponent_position")
        ]


class Product(WithMetadata, TenantModel):
    """Something sold, with the default values of its lines."""

    id_prefix = "prod"
    natural_field = "sku"

    sku = models.CharField(max_length=60)
    sku_order = natural_order("sku")
    name = models.CharField(max_length=200)
    name_order = natural_order("name")
    description = models.CharField(max_length=1000, blank=True)
    unit_price = models.DecimalField(max_digits=25, decimal_places=10)
    currency = models.CharField(max_length=3)
    tax_rate = TenantForeignKey(TaxRate, models.PROTECT, null=True, blank=True, related_name="products")
    revenue_account = TenantForeignKey(Account, models.PROTECT, null=True, blank=True, related_name="products")
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ("sku",)
        constraints = [models.UniqueConstraint(fields=["tenant", "sku"], name="invoicing_product_sku")]
        indexes = [
            models.Index(fields=["tenant", "sku_order"], name="invoicing_product_sku_order"),
            models.Index(fields=["tenant", "name_order"], name="invoicing_product_name_order"),
        ]

    def __str__(self) -> str:
        return f"{self.sku} {self.name}"


class TaxRounding(models.TextChoices):
    LINE = "line"
    DOCUMENT = "document"


class NumberedDocument(models.TextChoices):
    """The documents that have a series of numbers."""

    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"
    PAYMENT = "payment"


class SeriesReset(models.TextChoices):
    YEARLY = "yearly"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Series:
    """How the documents of a kind are numbered. A year counts from 1 again; a continuous series never does."""

    document: str
    prefix: str
    reset: str = SeriesReset.YEARLY

    @property
    def base(self) -> str:
        """What every number begins with: `INV-`, also for the prefix `INV-`."""
        return self.prefix if self.prefix[-1] in "-._" else f"{self.prefix}-"

    def key(self, day: datetime.date) -> str:
        """The name of its counter. `INV-2024` is a year of it; `INV-` counts on."""
        return f"{self.base}{day.year}" if self.reset == SeriesReset.YEARLY else self.base

    def number(self, day: datetime.date, n: int) -> str:
        year = f"{day.year}-" if self.reset == SeriesReset.YEARLY else ""
        return f"{self.base}{year}{n:03d}"

    def stored(self) -> dict[str, str]:
        return {"document": str(self.document), "prefix": self.prefix, "reset": str(self.reset)}


_DEFAULT_PREFIX = {NumberedDocument.INVOICE: "INV", NumberedDocument.CREDIT_NOTE: "CN", NumberedDocument.PAYMENT: "PAY"}


class UnappliedAs(models.TextChoices):
    """Where the unapplied part of a payment or credit note stands in the books."""

    DEPOSITS = "customer_deposits"
    RECEIVABLE = "receivable"


class BadDebtMethod(models.TextChoices):
    """A bad debt is an expense when it is lost, or taken from an allowance that was an expense before."""

    DIRECT = "direct"
    ALLOWANCE = "allowance"


class SalesSettings(TenantModel):
    """A tenant's rules for its sales documents; no row means the defaults."""

    id_prefix = "set"

    tax_rounding = models.CharField(max_length=10, choices=TaxRounding.choices, default=TaxRounding.DOCUMENT)
    refuse_over_credit_limit = models.BooleanField(default=False)
    small_difference_limits = models.JSONField(default=dict)  # currency: amount as text; others have the default
    unapplied_as = models.CharField(max_length=20, choices=UnappliedAs.choices, default=UnappliedAs.DEPOSITS)
    bad_debt_method = models.CharField(
        max_length=10, choices=BadDebtMethod.choices, default=BadDebtMethod.DIRECT, db_default="direct"
    )
    number_drafts = models.BooleanField(default=False, db_default=False)
    series = models.JSONField(default=list, db_default=[], blank=True)  # those that are not the default

    class Meta:
        verbose_name_plural = "sales settings"
        constraints = [models.UniqueConstraint(fields=["tenant"], name="invoicing_salessettings_once")]

    def __str__(self) -> str:
        return "Sales settings"

    def series_of(self, document: str) -> Series:
        """How the documents of this kind are numbered."""
        for each in self.series:
            if each["document"] == document:
                return Series(**each)
        return Series(document, _DEFAULT_PREFIX[NumberedDocument(document)])


class DepositAccount(TenantModel):
    """The account in the base currency that payments of a method are posted to, instead of the one for all of them."""

    id_prefix = "dep"
    keeps_active = True

    method = models.CharField(max_length=20)
    account = TenantForeignKey(Account, models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "method"], name="invoicing_depositaccount_method")]
