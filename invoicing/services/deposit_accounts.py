"""The accounts that money comes in on and goes out from."""

from __future__ import annotations

from bigledger.access.principal import Principal
from bigledger.api.lookup import find_named
from bigledger.errors import BusinessRuleViolation, ValidationFailed
from bigledger.tenants.context import current_tenant
from invoicing.models import DepositAccount
from ledger.models import Account, AccountPurpose, AccountType
from ledger.rules import CONTROL_ACCOUNT
from ledger.services.accounts import ensure_purpose_account


def deposit_account(reference: str | None, method: str, currency: str, *, acting: Principal) -> Account:
    """The account that `reference` names, or else the one of the method, or else the one for all receipts.

    Raises ResourceNotFound; ValidationFailed and BusinessRuleViolation at `deposit_account_id`.
    """
    if reference:
        return checked_deposit_account(reference, currency, "deposit_account_id")
    if currency == current_tenant().base_currency:
        found: Account | None = Account.objects.filter(
            pk__in=DepositAccount.objects.filter(method=method).values("account_id")
        ).first()
        if found:
            return found
    return ensure_purpose_account(AccountPurpose.CASH_RECEIPTS, currency, acting=acting)


def checked_deposit_account(reference: str, currency: str, field: str) -> Account:
    """An active asset account in the currency, or in base, that is no control account."""
    # Locked, so that it stays active while what refers to it is written.
    account: Account = find_named(Account.objects.select_for_update(no_key=True), reference, field)
    if account.type != AccountType.ASSET:
        raise ValidationFailed.at(field, f"{account.code} is not an asset account.", "wrong_kind")
    if account.currency not in (currency, current_tenant().base_currency):
        raise ValidationFailed.at(field, f"{account.code} is not in {currency}.", "wrong_currency")
    if account.control_since:
        raise BusinessRuleViolation.of(CONTROL_ACCOUNT, field, code=account.code)
    if not account.is_active:
        raise ValidationFailed.at(field, f"Account {account.code} is inactive.", "inactive")
    return account
