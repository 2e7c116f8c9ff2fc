"""The chart of accounts: an account is created, changed and deleted."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.db import transaction

from bigledger import money
from bigledger.access.principal import Principal
from bigledger.errors import ApiError, BusinessRuleViolation, ValidationFailed
from bigledger.events.changes import shown_change
from bigledger.events.record import record
from bigledger.tenants.context import current_tenant
from bigledger.tenants.uniqueness import ensure_unique
from bigledger.tenants.uses import in_words, uses_of
from ledger.bodies import AccountBody
from ledger.events import ACCOUNT_CREATED, ACCOUNT_DELETED, ACCOUNT_UPDATED
from ledger.models import Account, AccountPurpose
from ledger.rules import ACCOUNT_IN_USE
from ledger.selectors import account_bodies
from ledger.services.accounts.checks import (
    JOURNAL_LINES,
    check_account_code,
    check_cash_flow,
    check_deactivation,
    check_frozen,
    check_parent,
    check_subtype,
    has_postings,
    insert_account,
    locked_parent,
)
from ledger.services.accounts.purposes import ensure_purpose_account
from ledger.services.posting import NewEntry, NewLine, post_journal_entry


@transaction.atomic
def create_account(
    *,
    code: str,
    name: str,
    type: str,
    subtype: str,
    cash_flow: str | None = None,
    currency: str | None = None,
    description: str = "",
    parent_id: str | None = None,
    is_active: bool = True,
    is_reconcilable: bool = False,
    metadata: Mapping[str, str] | None = None,
    opening_balance: Decimal | None = None,
    opening_date: datetime.date | None = None,
    opening_exchange_rate: Decimal | None = None,
    acting: Principal,
) -> AccountBody:
    """A new account, in the tenant's base currency unless another is given.

    `opening_balance` is signed to the account's normal side and posted against Opening Balance Equity on
    `opening_date` (today when None), at `opening_exchange_rate` or the rate that is kept for the day. Raises
    ValidationFailed; Conflict when the code is taken; BusinessRuleViolation (`rate_missing`).
    """
    currency = currency or current_tenant().base_currency
    check_account_code(code)
    check_subtype(type, subtype)
    check_cash_flow(type, cash_flow)
    parent = locked_parent(parent_id, None)
    if opening_balance is not None and money.has_excess_digits(opening_balance, currency):
        raise ValidationFailed.at("opening_balance", money.excess_digits_message(currency), "too_many_digits")
    account = Account(
        code=code,
        name=name,
        type=type,
        subtype=subtype,
        cash_flow=cash_flow or None,
        currency=currency,
        description=description,
        parent=parent,
        is_active=is_active,
        is_reconcilable=is_reconcilable,
        metadata=dict(metadata or {}),
    )
    check_parent(account)
    insert_account(account)
    if opening_balance:
        _post_opening_balance(account, opening_balance, opening_date, opening_exchange_rate, acting=acting)
    body = account_bodies([account])[0]
    record(ACCOUNT_CREATED, account.id, body, acting=acting)
    return body


@transaction.atomic
def update_account(*, account: Account, changes: Mapping[str, Any], acting: Principal) -> AccountBody:
    """Changes the given fields. Raises BusinessRuleViolation (`account_in_use`) for type, subtype and currency of an
    account with postings, and for type and currency of one that anything refers to (a product, a draft, an account
    below it), since that was checked against them, and for deactivating one that the system itself posts to; Conflict
    when the code is taken."""
    account = Account.objects.select_for_update().get(pk=account.pk)
    before = account_bodies([account])[0]
    values = dict(changes)
    if "code" in values:
        check_account_code(values["code"])
    if "parent_id" in values:
        account.parent = locked_parent(values.pop("parent_id"), account)
    for name, value in values.items():
        setattr(account, name, value)
    check_subtype(account.type, account.subtype)
    check_cash_flow(account.type, account.cash_flow)
    check_parent(account)
    check_frozen(account, before)
    check_deactivation(account, before)
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
    if has_postings(account):
        raise BusinessRuleViolation.of(ACCOUNT_IN_USE, code=account.code, uses=JOURNAL_LINES)
    if uses := uses_of(account):
        raise BusinessRuleViolation.of(ACCOUNT_IN_USE, code=account.code, uses=in_words(uses))
    record(ACCOUNT_DELETED, account.id, account_bodies([account])[0], acting=acting)
    account.delete()


def _post_opening_balance(
    account: Account, amount: Decimal, date: datetime.date | None, rate: Decimal | None, *, acting: Principal
) -> None:
    """Against the equity in base, whatever the account's currency: equity is not revalued."""
    base = current_tenant().base_currency
    equity = ensure_purpose_account(AccountPurpose.OPENING_BALANCE_EQUITY, base, acting=acting)
    if equity.id == account.id:
        message = "Opening balances are posted against this account, so it has none of its own."
        raise ValidationFailed.at("opening_balance", message, "incompatible")
    grows = (amount > 0) == (account.normal_balance == "debit")
    debited, credited = (account, equity) if grows else (equity, account)
    entry = NewEntry(
        date=date or current_tenant().today(),
        description=f"Opening balance of {account.code} {account.name}",
        exchange_rate=rate if account.currency != base else None,
        lines=[
            NewLine(debited.public_id, debit=abs(amount), description="Opening balance", currency=account.currency),
            NewLine(credited.public_id, credit=abs(amount), description="Opening balance", currency=account.currency),
        ],
    )
    try:
        post_journal_entry(entry=entry, acting=acting)
    except ApiError as fault:  # of both lines alike, and of the one field that they come from
        fault.details = [replace(detail, field="opening_balance") for detail in fault.details[:1]]
        raise
