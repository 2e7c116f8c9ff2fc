"""Setting the accounts that sales documents post to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal

from django.db.models import F, Sum

from bigledger import money
from bigledger.access.principal import Principal
from bigledger.api.lookup import find_named
from bigledger.errors import ValidationFailed
from bigledger.tenants.context import current_tenant
from invoicing.models import CreditNoteTax, DepositAccount, InvoiceTax, TaxComponent
from invoicing.selectors.sales_accounts import PURPOSES
from invoicing.services.deposit_accounts import checked_deposit_account
from ledger.models import CONTROL_PURPOSES, Account, CashFlow, JournalLine
from ledger.services.accounts import give_purpose, update_account
from ledger.services.posting import NewEntry, NewLine, post_journal_entries


def set_purposes(given: Mapping[str, str], *, settings_id: str, acting: Principal) -> None:
    """Lets the accounts that are named serve their purposes, by the field of the settings.

    What documents posted to an account for a control purpose moves to the new one, day by day, so that it is the
    receivable on every day. Raises ResourceNotFound; ValidationFailed and BusinessRuleViolation at the field.
    """
    base = current_tenant().base_currency
    for field, reference in sorted(given.items()):
        account: Account = find_named(Account.objects.all(), reference, field)
        if account.currency != base:
            raise ValidationFailed.at(field, f"{account.code} is not in {base}.", "wrong_currency")
        purpose = PURPOSES[field]
        if purpose in CONTROL_PURPOSES and _holds_tax(account):
            raise ValidationFailed.at(field, f"{account.code} holds tax.", "incompatible")
        before = give_purpose(purpose=purpose, account=account, field=field, acting=acting)
        if before and purpose in CONTROL_PURPOSES:
            _move_lines(before, account, settings_id, acting=acting)


def _holds_tax(account: Account) -> bool:
    """Whether documents post tax to the account, or did."""
    return any(
        model._default_manager.filter(account=account).exists() for model in (TaxComponent, InvoiceTax, CreditNoteTax)
    )


def set_deposit_accounts(given: Mapping[str, str | None], *, acting: Principal) -> None:
    """The account of each method that is named; none for null. Raises as `checked_deposit_account`."""
    base = current_tenant().base_currency
    for method, reference in sorted(given.items()):
        if reference is None:
            DepositAccount.objects.filter(method=method).delete()
            continue
        account = checked_deposit_account(reference, base, f"deposit_accounts.{method}")
        if account.cash_flow is None:  # what comes in there is cash
            update_account(account=account, changes={"cash_flow": CashFlow.CASH}, acting=acting)
        DepositAccount.objects.update_or_create(method=method, defaults={"account": account})


def _move_lines(before: Account, account: Account, source: str, *, acting: Principal) -> None:
    lines = JournalLine.objects.filter(account=before, entry__source__isnull=False)
    by_day: dict[object, Decimal] = defaultdict(Decimal)
    for day, net in lines.values_list("date").annotate(net=Sum(F("debit") - F("credit"))).order_by("date"):
        by_day[day] += net
    entries = [
        NewEntry(
            date=day,  # type: ignore[arg-type]
            description=f"{before.code} {before.name} becomes {account.code} {account.name}",
            source=source,
            is_correction=True,
            lines=_moved(money.to_currency(net, account.currency), before, account),
        )
        for day, net in by_day.items()
        if net
    ]
    for start in range(0, len(entries), 1000):
        post_journal_entries(entries=entries[start : start + 1000], acting=acting)


def _moved(net: Decimal, before: Account, account: Account) -> list[NewLine]:
    debited, credited = (account, before) if net > 0 else (before, account)
    return [NewLine(debited.public_id, debit=abs(net)), NewLine(credited.public_id, credit=abs(net))]
