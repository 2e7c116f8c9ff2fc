"""The chart of accounts."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.db import transaction

from bigledger import ids, money
from bigledger.access.principal import Principal
from bigledger.api.lookup import find
from bigledger.errors import (
    ApiError,
    BusinessRuleViolation,
    Detail,
    ResourceNotFound,
    ValidationFailed,
)
from bigledger.events.changes import shown_change
from bigledger.events.record import record
from bigledger.postgres.execute import fetch_all
from bigledger.tenants.context import current_tenant
from bigledger.tenants.references import in_words, uses_of
from bigledger.tenants.uniqueness import ensure_unique
from ledger.bodies import AccountBody
from ledger.events import ACCOUNT_CREATED, ACCOUNT_DELETED, ACCOUNT_UPDATED
from ledger.models import SUBTYPES, Account, AccountPurpose, JournalLine
from ledger.rules import ACCOUNT_FIXED, ACCOUNT_IN_USE
from ledger.selectors import account_bodies
from ledger.services.posting import NewEntry, NewLine, post_journal_entry

_FROZEN = ("type", "subtype", "currency")
_POSTINGS = "journal lines"


@transaction.atomic
def create_account(
    *,
    code: str,
    name: str,
    type: str,
    subtype: str,
    currency: str | None = None,
    description: str = "",
    parent_id: str | None = None,
    is_active: bool = True,
    is_reconcilable: bool = False,
    opening_balance: Decimal | None = None,
    opening_date: datetime.date | None = None,
    acting: Principal,
) -> AccountBody:
    """A new account, in the tenant's base currency unless another is given.

    `opening_balance` is signed to the account's normal side and posted against Opening Balance Equity on
    `opening_date` (today when None). Raises ValidationFailed; Conflict when the code is taken.
    """
    currency = currency or current_tenant().base_currency
    _check_code(code)
    _check_subtype(type, subtype)
    parent = _parent(parent_id, None)
    if opening_balance is not None and money.has_excess_digits(opening_balance, currency):
        raise ValidationFailed.at("opening_balance", money.excess_digits_message(currency), "too_many_digits")
    account = Account(
        code=code,
        name=name,
        type=type,
        subtype=subtype,
        currency=currency,
        description=description,
        parent=parent,
        is_active=is_active,
        is_reconcilable=is_reconcilable,
    )
    _check_parent(account)
    _insert(account)
    if opening_balance:
        _post_opening_balance(account, opening_balance, opening_date, acting=acting)
    body = account_bodies([account])[0]
    record(ACCOUNT_CREATED, account.id, body, acting=acting)
    return body


@transaction.atomic
def update_account(*, account: Account, changes: Mapping[str, Any], acting: Principal) -> AccountBody:
    """Changes the given fields. Raises BusinessRuleViolation (`account_in_use`) for type, subtype and currency of an
    account with postings, and for type and currency of one that anything refers to (a product, a draft, an account
    below it), since that was checked against them; Conflict when the code is taken."""
    account = Account.objects.select_for_update().get(pk=account.pk)
    before = account_bodies([account])[0]
    values = dict(changes)
    if "code" in values:
        _check_code(values["code"])
    if "parent_id" in values:
        account.parent = _parent(values.pop("parent_id"), account)
    for name, value in values.items():
        setattr(account, name, value)
    _check_subtype(account.type, account.subtype)
    _check_parent(account)
    _check_frozen(account, before)
    body = shown_change(account, before, lambda row: account_bodies([row])[0])
    if body is None:
        return before
    ensure_unique(account, "ledger_account_code", "code")
    record(ACCOUNT_UPDATED, account.id, body, acting=acting, previous=before)
    return body


@transaction.atomic
def delete_account(*, account: Account, acting: Principal) -> None:
    """Deletes an account that nothing refers to. Raises BusinessRuleViolation (`account_in_use`)."""
    account = Account.objects.select_for_update().get(pk=account.pk)
    if _has_postings(account):
        raise BusinessRuleViolation.of(ACCOUNT_IN_USE, code=account.code, uses=_POSTINGS)
    if uses := uses_of(account):
        raise BusinessRuleViolation.of(ACCOUNT_IN_USE, code=account.code, uses=in_words(uses))
    record(ACCOUNT_DELETED, account.id, account_bodies([account])[0], acting=acting)
    account.delete()


def purpose_account(purpose: AccountPurpose, currency: str, *, acting: Principal) -> Account:
    """The account that the system itself posts to for this purpose.

    If there is none yet, the tenant's own account with the same code, name and type is used, or else
    one is created. A concurrent caller waits and finds it.
    """
    account = Account.objects.filter(purpose=purpose, currency=currency).first()
    if account:
        return account
    fetch_all("SELECT pg_advisory_xact_lock(hashtextextended(app_tenant()::text || 'purpose', 0))")
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
    _insert(account)
    record(ACCOUNT_CREATED, account.id, account_bodies([account])[0], acting=acting)
    return account


def _post_opening_balance(account: Account, amount: Decimal, date: datetime.date | None, *, acting: Principal) -> None:
    equity = purpose_account(AccountPurpose.OPENING_BALANCE_EQUITY, account.currency, acting=acting)
    grows = (amount > 0) == (account.normal_balance == "debit")
    debited, credited = (account, equity) if grows else (equity, account)
    entry = NewEntry(
        date=date or current_tenant().today(),
        description=f"Opening balance of {account.code} {account.name}",
        lines=[
            NewLine(debited.public_id, debit=abs(amount), description="Opening balance"),
            NewLine(credited.public_id, credit=abs(amount), description="Opening balance"),
        ],
    )
    try:
        post_journal_entry(entry=entry, acting=acting)
    except ApiError as fault:  # of both lines alike, and of the one field that they come from
        fault.details = [replace(detail, field="opening_balance") for detail in fault.details[:1]]
        raise


def _insert(account: Account) -> None:
    ensure_unique(account, "ledger_account_code", "code", force_insert=True)
    account.refresh_from_db()


def _check_code(code: str) -> None:
    """Checks the code, since the forms of the back office do not use shapes."""
    if fault := ids.key_fault(Account.id_prefix, code):
        raise ValidationFailed.at("code", fault, "invalid")


def _check_subtype(type: str, subtype: str) -> None:
    if subtype not in SUBTYPES[type]:
        raise ValidationFailed.at(
            "subtype", f"Must be one of {', '.join(SUBTYPES[type])} for type {type}.", "not_a_choice"
        )


def _has_postings(account: Account) -> bool:
    return JournalLine.objects.filter(account=account).exists()


def _check_frozen(account: Account, before: AccountBody) -> None:
    changed = [name for name in _FROZEN if getattr(account, name) != getattr(before, name)]
    if not changed:
        return
    if _has_postings(account):
        _refuse_change(before.code, changed, _POSTINGS)
    redefined = [name for name in changed if name != "subtype"]
    if redefined and (uses := uses_of(account)):
        _refuse_change(before.code, redefined, in_words(uses))


def _refuse_change(code: str, names: Sequence[str], uses: str) -> None:
    found = [Detail.of(ACCOUNT_FIXED, name, fields=", ".join(names), code=code, uses=uses) for name in names]
    raise BusinessRuleViolation(found[0].message, found)


def _check_parent(account: Account) -> None:
    """A parent must have the type and currency of its children, because it stands for their sum."""
    parent = account.parent
    if parent and (parent.type, parent.currency) != (account.type, account.currency):
        message = (
            f"Account {parent.code} is of type {parent.type} in {parent.currency}; an account below it must be too,"
            f" not of type {account.type} in {account.currency}."
        )
        raise ValidationFailed.at(
            "parent_id", message, "wrong_kind" if parent.type != account.type else "wrong_currency"
        )


def _parent(reference: str | None, child: Account | None) -> Account | None:
    """The parent account, locked, so that its type stays while the child is written; refuses a cycle."""
    if reference is None:
        return None
    try:
        parent = find(Account.objects.select_for_update(no_key=True), reference)
    except ResourceNotFound as fault:
        raise ResourceNotFound(fault.message, [Detail(fault.message, field="parent_id")]) from None
    ancestor: Account | None = parent
    while ancestor is not None and child is not None:
        if ancestor.pk == child.pk:
            raise ValidationFailed.at("parent_id", "An account cannot be its own ancestor.", "circular")
        ancestor = ancestor.parent
    return parent
