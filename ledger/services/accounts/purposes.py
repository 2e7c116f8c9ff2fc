"""The accounts that the system itself posts to, one for each purpose and currency."""

from __future__ import annotations

from typing import NamedTuple

from bigledger.access.principal import Principal
from bigledger.errors import BusinessRuleViolation, ValidationFailed
from bigledger.events.changes import shown_change
from bigledger.events.record import record
from bigledger.tenants.context import current_tenant
from bigledger.tenants.locks import lock
from ledger.events import ACCOUNT_CREATED, ACCOUNT_UPDATED
from ledger.models import CONTROL_PURPOSES, Account, AccountPurpose, JournalLine
from ledger.rules import CONTROL_HAS_ENTRIES
from ledger.selectors import account_bodies
from ledger.services.accounts.checks import insert_account


class Usual(NamedTuple):
    """What an account of a purpose is usually called. An account that the tenant names must have this type."""

    code: str
    name: str
    type: str
    subtype: str


USUAL: dict[str, Usual] = {
    AccountPurpose.OPENING_BALANCE_EQUITY: Usual("3900", "Opening Balance Equity", "equity", "equity"),
    AccountPurpose.CASH_RECEIPTS: Usual("1000", "Cash", "asset", "current_asset"),
    AccountPurpose.ACCOUNTS_RECEIVABLE: Usual("1200", "Accounts Receivable", "asset", "current_asset"),
    AccountPurpose.SALES_TAX_PAYABLE: Usual("2200", "Sales Tax Payable", "liability", "current_liability"),
    AccountPurpose.CUSTOMER_DEPOSITS: Usual("2300", "Customer Deposits", "liability", "current_liability"),
    AccountPurpose.SALES_REVENUE: Usual("4000", "Sales Revenue", "revenue", "operating_revenue"),
    AccountPurpose.SALES_DISCOUNTS: Usual("4800", "Sales Discounts", "revenue", "operating_revenue"),
    AccountPurpose.BAD_DEBT: Usual("6700", "Bad Debts", "expense", "operating_expense"),
    AccountPurpose.SMALL_DIFFERENCES: Usual("8040", "Small Differences", "expense", "other_expense"),
    AccountPurpose.CARD_FEES: Usual("6250", "Merchant Fees", "expense", "operating_expense"),
    AccountPurpose.BAD_DEBT_ALLOWANCE: Usual("1210", "Allowance for Doubtful Accounts", "asset", "current_asset"),
    AccountPurpose.REALISED_FX: Usual("8050", "Realised Exchange Differences", "expense", "other_expense"),
    AccountPurpose.UNREALISED_FX: Usual("8060", "Unrealised Exchange Differences", "expense", "other_expense"),
    AccountPurpose.RETAINED_EARNINGS: Usual("3200", "Retained Earnings", "equity", "equity"),
}


def ensure_purpose_account(purpose: AccountPurpose, currency: str, *, acting: Principal) -> Account:
    """The account that the system itself posts to for this purpose.

    If there is none yet, the tenant's own account with the same code, name and type is used, or else
    one is created. A concurrent caller waits and finds it.
    """
    account = purpose_account(purpose, currency)
    if account:
        return account
    lock("purpose")
    account = purpose_account(purpose, currency)
    return account or _adopt(purpose, currency, acting=acting) or _make(purpose, currency, acting=acting)


def purpose_account(purpose: AccountPurpose, currency: str) -> Account | None:
    """The account that serves the purpose, if any does yet."""
    return Account.objects.filter(purpose=purpose, currency=currency).first()


def give_purpose(*, purpose: AccountPurpose, account: Account, field: str, acting: Principal) -> Account | None:
    """Lets `account` serve the purpose in its currency, instead of whichever did before, which is the answer.

    Raises ValidationFailed at `field` for an account of another type, an inactive one, or one that serves another
    purpose; BusinessRuleViolation (`control_account`) for a control account that has entries of no document.
    """
    lock("purpose")
    account = Account.objects.select_for_update().get(pk=account.pk)
    before = Account.objects.select_for_update().filter(purpose=purpose, currency=account.currency).first()
    if before == account:
        return None
    usual = USUAL.get(purpose)
    if usual and account.type != usual.type:
        raise ValidationFailed.at(field, f"{account.code} is not of type {usual.type}.", "wrong_kind")
    if not account.is_active:
        raise ValidationFailed.at(field, f"Account {account.code} is inactive.", "inactive")
    if account.purpose:
        raise ValidationFailed.at(field, f"Account {account.code} already serves {account.purpose}.", "incompatible")
    if purpose in CONTROL_PURPOSES and has_entries_of_no_document(account):
        raise BusinessRuleViolation.of(CONTROL_HAS_ENTRIES, field, code=account.code)
    if before:
        _set(before, "", acting=acting)
    _set(account, purpose, acting=acting)
    return before


def has_entries_of_no_document(account: Account) -> bool:
    """Whether anything but documents has posted to the account."""
    return JournalLine.objects.filter(account=account, entry__source=None).exists()


def _set(account: Account, purpose: str, *, acting: Principal) -> None:
    before = account_bodies([account])[0]
    account.purpose = purpose
    account.control_since = current_tenant().now() if purpose in CONTROL_PURPOSES else None
    body = shown_change(account, before, lambda row: account_bodies([row])[0])
    account.save()
    record(ACCOUNT_UPDATED, account.id, body or before, acting=acting, previous=before)


def _adopt(purpose: AccountPurpose, currency: str, *, acting: Principal) -> Account | None:
    usual = USUAL[purpose]
    account = (
        Account.objects.select_for_update()
        .filter(code=usual.code, name__iexact=usual.name, type=usual.type, currency=currency, purpose="")
        .filter(is_active=True)
        .first()
    )
    if account is None or (purpose in CONTROL_PURPOSES and has_entries_of_no_document(account)):
        return None
    _set(account, purpose, acting=acting)
    return account


def _make(purpose: AccountPurpose, currency: str, *, acting: Principal) -> Account:
    code, name, type_, subtype = USUAL[purpose]
    if currency != current_tenant().base_currency:
        code, name = f"{code}-{currency}", f"{name} ({currency})"
    taken = set(Account.objects.filter(code__startswith=code).values_list("code", flat=True))
    free = next(c for c in (code, *(f"{code}-{n}" for n in range(1, len(taken) + 2))) if c not in taken)
    account = Account(
        code=free,
        name=name,
        type=type_,
        subtype=subtype,
        currency=currency,
        purpose=purpose,
        control_since=current_tenant().now() if purpose in CONTROL_PURPOSES else None,
    )
    insert_account(account)
    record(ACCOUNT_CREATED, account.id, account_bodies([account])[0], acting=acting)
    return account
