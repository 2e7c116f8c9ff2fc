"""The table of accounts: the chart with its types, subtypes and purposes."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from bigledger.tenants.metadata import WithMetadata
from bigledger.tenants.models import TenantForeignKey, TenantModel
from bigledger.tenants.natural_order import natural_order


class AccountType(models.TextChoices):
    ASSET = "asset"
    LIABILITY = "liability"
    EQUITY = "equity"
    REVENUE = "revenue"
    EXPENSE = "expense"


class AccountSubtype(models.TextChoices):
    CURRENT_ASSET = "current_asset"
    FIXED_ASSET = "fixed_asset"
    OTHER_ASSET = "other_asset"
    CURRENT_LIABILITY = "current_liability"
    LONG_TERM_LIABILITY = "long_term_liability"
    OTHER_LIABILITY = "other_liability"
    EQUITY = "equity"
    OPERATING_REVENUE = "operating_revenue"
    OTHER_REVENUE = "other_revenue"
    COST_OF_GOODS_SOLD = "cost_of_goods_sold"
    OPERATING_EXPENSE = "operating_expense"
    OTHER_EXPENSE = "other_expense"


class CashFlow(models.TextChoices):
    """Where the changes of an account stand in the cash flow statement; the balance of `cash` is what it is about."""

    CASH = "cash"
    OPERATING = "operating"
    INVESTING = "investing"
    FINANCING = "financing"


SUBTYPES: dict[str, tuple[str, ...]] = {
    AccountType.ASSET: ("current_asset", "fixed_asset", "other_asset"),
    AccountType.LIABILITY: ("current_liability", "long_term_liability", "other_liability"),
    AccountType.EQUITY: ("equity",),
    AccountType.REVENUE: ("operating_revenue", "other_revenue"),
    AccountType.EXPENSE: ("cost_of_goods_sold", "operating_expense", "other_expense"),
}
# Of accounts that say nothing else. What is earned and spent is operating, unless the account says to what it belongs.
CASH_FLOWS: dict[str, str] = {
    AccountSubtype.FIXED_ASSET: CashFlow.INVESTING,
    AccountSubtype.OTHER_ASSET: CashFlow.INVESTING,
    AccountSubtype.LONG_TERM_LIABILITY: CashFlow.FINANCING,
    AccountSubtype.EQUITY: CashFlow.FINANCING,
}
DEBIT_TYPES = (AccountType.ASSET, AccountType.EXPENSE)


class AccountPurpose(models.TextChoices):
    """Accounts that the system itself posts to; one of each per tenant and currency."""

    OPENING_BALANCE_EQUITY = "opening_balance_equity"
    CASH_RECEIPTS = "cash_receipts"
    ACCOUNTS_RECEIVABLE = "accounts_receivable"
    SALES_TAX_PAYABLE = "sales_tax_payable"
    SALES_REVENUE = "sales_revenue"
    SALES_DISCOUNTS = "sales_discounts"
    BAD_DEBT = "bad_debt"
    SMALL_DIFFERENCES = "small_differences"
    CUSTOMER_DEPOSITS = "customer_deposits"
    CARD_FEES = "card_fees"
    BAD_DEBT_ALLOWANCE = "bad_debt_allowance"
    RETAINED_EARNINGS = "retained_earnings"
    REALISED_FX = "realised_fx"
    UNREALISED_FX = "unrealised_fx"


# Their balance is what documents say, so only documents post to them.
CONTROL_PURPOSES = (AccountPurpose.ACCOUNTS_RECEIVABLE, AccountPurpose.CUSTOMER_DEPOSITS)


class Account(WithMetadata, TenantModel):
    """One account of the chart. Its balance is kept in `ledger_accountbalance`.

    `control_since` is set while it is a control account: from then on it takes lines of documents only.
    """

    id_prefix = "acc"
    natural_field = "code"

    code = models.CharField(max_length=20)
    code_order = natural_order("code")
    name = models.CharField(max_length=200)
    name_order = natural_order("name")
    type = models.CharField(max_length=20, choices=AccountType.choices)
    subtype = models.CharField(max_length=30, choices=AccountSubtype.choices)
    cash_flow = models.CharField(max_length=10, choices=CashFlow.choices, null=True, blank=True)  # NULL: by subtype
    currency = models.CharField(max_length=3)
    description = models.CharField(max_length=1000, blank=True)
    parent = TenantForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    purpose = models.CharField(max_length=40, choices=AccountPurpose.choices, blank=True, editable=False)
    control_since = models.DateTimeField(null=True, editable=False)
    is_active = models.BooleanField(default=True)
    is_reconcilable = models.BooleanField(default=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ("code",)
        constraints = [
            models.UniqueConstraint(fields=["tenant", "code"], name="ledger_account_code"),
            # The target of a line's key, which is how the currency freezes at the first posting.
            models.UniqueConstraint(fields=["tenant", "id", "currency"], name="ledger_account_currency"),
            models.UniqueConstraint(
                fields=["tenant", "purpose", "currency"],
                name="ledger_account_purpose",
                condition=~Q(purpose=""),
            ),
            models.CheckConstraint(
                name="ledger_account_control",
                condition=Q(purpose__in=CONTROL_PURPOSES, control_since__isnull=False)
                | (~Q(purpose__in=CONTROL_PURPOSES) & Q(control_since__isnull=True)),
            ),
        ]
        indexes = [
            models.Index(
                fields=["tenant", "id"], name="ledger_account_controls", condition=Q(control_since__isnull=False)
            )
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

    @property
    def normal_balance(self) -> str:
        """The side on which the account grows."""
        return "debit" if self.type in DEBIT_TYPES else "credit"
