"""What is checked before an account is written, and the writing of a new row."""

from __future__ import annotations

from collections.abc import Sequence

from bigledger import ids
from bigledger.api.lookup import find
from bigledger.errors import BusinessRuleViolation, Detail, ResourceNotFound, ValidationFailed
from bigledger.tenants.uniqueness import ensure_unique
from bigledger.tenants.uses import in_words, uses_of, uses_of_active
from ledger.bodies import AccountBody
from ledger.models import SUBTYPES, Account, AccountType, CashFlow, JournalLine
from ledger.rules import ACCOUNT_FIXED, ACCOUNT_HAS_PURPOSE

_FROZEN = ("type", "subtype", "currency")
JOURNAL_LINES = "journal lines"


def insert_account(account: Account) -> None:
    """Writes a new account. Raises Conflict when the code is taken."""
    ensure_unique(account, "ledger_account_code", "code", force_insert=True)
    account.refresh_from_db()


def check_account_code(code: str) -> None:
    """Checks the code, since the forms of the back office do not use shapes."""
    if fault := ids.key_fault(Account.id_prefix, code):
        raise ValidationFailed.at("code", fault, "invalid")


def check_subtype(type: str, subtype: str) -> None:
    """Raises ValidationFailed for a subtype that the type does not have."""
    if subtype not in SUBTYPES[type]:
        raise ValidationFailed.at(
            "subtype", f"Must be one of {', '.join(SUBTYPES[type])} for type {type}.", "not_a_choice"
        )


def check_cash_flow(type: str, cash_flow: str | None) -> None:
    """Raises ValidationFailed for an account that can hold no cash."""
    if cash_flow == CashFlow.CASH and type not in (AccountType.ASSET, AccountType.LIABILITY):
        raise ValidationFailed.at("cash_flow", f"An account of type {type} cannot be cash.", "incompatible")


def has_postings(account: Account) -> bool:
    """Whether the account has journal lines."""
    return JournalLine.objects.filter(account=account).exists()


def check_frozen(account: Account, before: AccountBody) -> None:
    """Raises BusinessRuleViolation (`account_in_use`) for a changed field that postings or references have frozen."""
    changed = [name for name in _FROZEN if getattr(account, name) != getattr(before, name)]
    if not changed:
        return
    if has_postings(account):
        _refuse_change(before.code, changed, JOURNAL_LINES)
    redefined = [name for name in changed if name != "subtype"]
    if redefined and (uses := uses_of(account)):
        _refuse_change(before.code, redefined, in_words(uses))


def check_deactivation(account: Account, before: AccountBody) -> None:
    """Raises BusinessRuleViolation (`account_in_use`) for deactivating an account that the system itself posts to."""
    if account.is_active or not before.is_active:
        return
    uses = [f"the purpose {account.purpose}"] if account.purpose else []
    uses += uses_of_active(account)
    if uses:
        raise BusinessRuleViolation.of(ACCOUNT_HAS_PURPOSE, "is_active", code=account.code, uses=in_words(uses))


def _refuse_change(code: str, names: Sequence[str], uses: str) -> None:
    found = [Detail.of(ACCOUNT_FIXED, name, fields=", ".join(names), code=code, uses=uses) for name in names]
    raise BusinessRuleViolation(found[0].message, found)


def check_parent(account: Account) -> None:
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


def locked_parent(reference: str | None, child: Account | None) -> Account | None:
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
