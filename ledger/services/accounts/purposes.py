"""The accounts that the system itself posts to, one for each purpose and currency."""

from __future__ import annotations

from bigledger.access.principal import Principal
from bigledger.events.record import record
from bigledger.tenants.context import current_tenant
from bigledger.tenants.locks import lock
from ledger.events import ACCOUNT_CREATED
from ledger.models import Account, AccountPurpose
from ledger.selectors import account_bodies
from ledger.services.accounts.checks import insert_account


def ensure_purpose_account(purpose: AccountPurpose, currency: str, *, acting: Principal) -> Account:
    """The account that the system itself posts to for this purpose.

    If there is none yet, the tenant's own account with the same code, name and type is used, or else
    one is created. A concurrent caller waits and finds it.
    """
    account = Account.objects.filter(purpose=purpose, currency=currency).first()
    if account:
        return account
    lock("purpose")
    account = Account.objects.filter(purpose=purpose, currency=currency).first()
    return account or _adopt(purpose, currency) or _make(purpose, currency, acting=acting)


_PURPOSES: dict[str, tuple[str, str, str, str]] = {
    AccountPurpose.OPENING_BALANCE_EQUITY: ("3900", "Opening Balance Equity", "equity", "equity"),
    AccountPurpose.CASH_RECEIPTS: ("1000", "Cash", "asset", "current_asset"),
    AccountPurpose.ACCOUNTS_RECEIVABLE: ("1200", "Accounts Receivable", "asset", "current_asset"),
    AccountPurpose.SALES_TAX_PAYABLE: ("2200", "Sales Tax Payable", "liability", "current_liability"),
    AccountPurpose.SALES_REVENUE: ("4000", "Sales Revenue", "revenue", "operating_revenue"),
    AccountPurpose.BAD_DEBT: ("6700", "Bad Debts", "expense", "operating_expense"),
    AccountPurpose.SMALL_DIFFERENCES: ("8040", "Small Differences", "expense", "other_expense"),
}


def _adopt(purpose: AccountPurpose, currency: str) -> Account | None:
    code, name, type_, _ = _PURPOSES[purpose]
    account = (
        Account.objects.select_for_update()
        .filter(code=code, name__iexact=name, type=type_, currency=currency, purpose="", is_active=True)
        .first()
    )
    if account:
        account.purpose = purpose
        account.save(update_fields=["purpose"])
    return account


def _make(purpose: AccountPurpose, currency: str, *, acting: Principal) -> Account:
    code, name, type_, subtype = _PURPOSES[purpose]
    if currency != current_tenant().base_currency:
        code, name = f"{code}-{currency}", f"{name} ({currency})"
    taken = set(Account.objects.filter(code__startswith=code).values_list("code", flat=True))
    free = next(c for c in (code, *(f"{code}-{n}" for n in range(1, len(taken) + 2))) if c not in taken)
    account = Account(code=free, name=name, type=type_, subtype=subtype, currency=currency, purpose=purpose)
    insert_account(account)
    record(ACCOUNT_CREATED, account.id, account_bodies([account])[0], acting=acting)
    return account
