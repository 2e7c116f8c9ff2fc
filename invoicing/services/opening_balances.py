"""What a tenant brings from another system: a trial balance, and the invoices that are still open.

The receivable of the trial balance is what the open invoices come to, to the cent, or nothing is kept. Each of them has
an entry of its own against Opening Balance Equity, where the trial balance puts the receivable as a whole; so voiding,
paying and writing off such an invoice is as with any other, and nothing of this stays on Opening Balance Equity.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from django.db import transaction

from bigledger import money
from bigledger.access.principal import Principal
from bigledger.api.lookup import by_reference, condition
from bigledger.errors import ApiError, Detail, ResourceNotFound, ValidationFailed
from bigledger.tenants.context import current_tenant
from invoicing.bodies import OpeningBalancesBody
from invoicing.services.taken_over import OpenInvoice, checked_invoices, take_over
from invoicing.services.worth import worth
from ledger.bodies import JournalEntryBody
from ledger.models import Account, AccountPurpose
from ledger.services.accounts import ensure_purpose_account
from ledger.services.exchange_rates import rate_on
from ledger.services.posting import NewEntry, NewLine, post_journal_entries, post_journal_entry

ZERO = Decimal(0)
OPENING = "Opening balances"


@dataclass(slots=True)
class Receivable:
    """The receivable account of one currency, what the trial balance has on it, at which rate, and what is open."""

    account: Account
    net: Decimal = ZERO
    rate: Decimal | None = None
    invoices: list[OpenInvoice] = field(default_factory=list)


@transaction.atomic
def post_opening_balances(
    *,
    date: datetime.date,
    trial_balance: Sequence[Mapping[str, Any]],
    open_invoices: Sequence[Mapping[str, Any]] = (),
    acting: Principal,
) -> OpeningBalancesBody:
    """Posts the trial balance as of the end of `date`, and takes the open invoices over.

    Raises ValidationFailed for a trial balance that does not balance, and for open invoices that do not come to its
    receivable; Conflict for a number that is taken; ResourceNotFound; BusinessRuleViolation as posting does.
    """
    invoices = checked_invoices(open_invoices, date, created_by_id=acting.user_id)
    base = current_tenant().base_currency
    receivables: dict[str, Receivable] = {}
    for currency in sorted({base} | {each.invoice.currency for each in invoices}):
        account = ensure_purpose_account(AccountPurpose.ACCOUNTS_RECEIVABLE, currency, acting=acting)
        receivables[currency] = Receivable(account)
    for each in invoices:
        receivables[each.invoice.currency].invoices.append(each)
    named = _accounts(trial_balance)
    _add_lines(receivables, trial_balance, named)
    _reconcile(list(receivables.values()), base)
    _value(invoices, date)
    equity = ensure_purpose_account(AccountPurpose.OPENING_BALANCE_EQUITY, base, acting=acting)
    entry = _post_trial_balance(date, trial_balance, named, equity, acting=acting)
    entries = [
        _entry_of(each, date, receivable, equity) for receivable in receivables.values() for each in receivable.invoices
    ]
    post_journal_entries(entries=entries, acting=acting)
    take_over(invoices, acting=acting)
    return OpeningBalancesBody(date, entry.id, {"journal_entries": 1 + len(entries), "invoices": len(invoices)})


def _accounts(lines: Sequence[Mapping[str, Any]]) -> dict[str, Account]:
    """The accounts by the references that name them, with their purposes. Raises ResourceNotFound."""
    references = [line["account_id"] for line in lines]
    found: dict[str, Account] = by_reference(Account.objects.filter(condition(Account, references)))
    missing = [
        Detail(f"There is no account {reference}.", f"trial_balance[{position}].account_id", code="not_found")
        for position, reference in enumerate(references)
        if reference not in found
    ]
    if missing:
        raise ResourceNotFound("A resource that the request names does not exist", missing)
    return found


def _is_receivable(account: Account) -> bool:
    return account.purpose == AccountPurpose.ACCOUNTS_RECEIVABLE


def _add_lines(
    receivables: dict[str, Receivable], lines: Sequence[Mapping[str, Any]], named: Mapping[str, Account]
) -> None:
    """What the trial balance has on the receivable of each currency."""
    for line in lines:
        account = named[line["account_id"]]
        if _is_receivable(account):
            receivable = receivables.setdefault(account.currency, Receivable(account))
            receivable.net += line.get("debit", ZERO) - line.get("credit", ZERO)
            receivable.rate = line.get("exchange_rate", receivable.rate)


def _reconcile(receivables: Sequence[Receivable], base: str) -> None:
    """Raises ValidationFailed for receivables that differ from what is open, in their currency or in base."""
    faults = []
    for receivable in receivables:
        account, currency = receivable.account, receivable.account.currency
        total = sum((each.invoice.amount_due for each in receivable.invoices), ZERO)
        if total != receivable.net:
            faults.append(_differs(account, total, receivable.net, currency))
        elif currency != base and receivable.rate:
            for each, amount in zip(receivable.invoices, _worths(receivable, base), strict=True):
                each.base_amount = amount
            worth = sum((each.base_amount or ZERO for each in receivable.invoices), ZERO)
            expected = money.to_currency(receivable.net * receivable.rate, base)
            if worth != expected:
                faults.append(_differs(account, worth, expected, base))
    if faults:
        raise ValidationFailed("The open invoices do not come to the receivable of the trial balance", faults)


def _value(invoices: Sequence[OpenInvoice], date: datetime.date) -> None:
    """Gives each invoice that has none yet a rate and what it is worth. Raises BusinessRuleViolation
    (`rate_missing`)."""
    for position, each in enumerate(invoices):
        if each.rate is None:
            each.rate = rate_on(each.invoice.currency, date, f"open_invoices[{position}].exchange_rate")
        if each.base_amount is None:
            each.base_amount = worth(each.invoice.amount_due, each.rate)


def _differs(account: Account, open_: Decimal, kept: Decimal, currency: str) -> Detail:
    shown = (money.to_currency(open_, currency), money.to_currency(kept, currency))
    message = (
        f"The open invoices come to {shown[0]} {currency}, and the trial balance has {shown[1]} {currency}"
        f" on {account.code} {account.name}."
    )
    return Detail(message, "open_invoices", code="unbalanced")


def _worths(receivable: Receivable, base: str) -> list[Decimal]:
    """What each invoice is worth in base: at its own rate; at the one of the receivable so that nothing is lost by
    rounding, each cent of the whole going to the invoice at which the running total reaches it."""
    found: list[Decimal] = []
    run = before = ZERO
    for each in receivable.invoices:
        amount = each.invoice.amount_due
        if each.rate is not None:
            found.append(money.to_currency(amount * each.rate, base))
            continue
        run += amount
        reached = money.to_currency(run * (receivable.rate or ZERO), base)
        found.append(reached - before)
        before = reached
        each.rate = receivable.rate
    return found


def _post_trial_balance(
    date: datetime.date,
    lines: Sequence[Mapping[str, Any]],
    named: Mapping[str, Account],
    equity: Account,
    *,
    acting: Principal,
) -> JournalEntryBody:
    """The trial balance as one entry, with Opening Balance Equity in place of the receivables."""
    posted = []
    for line in lines:
        account = named[line["account_id"]]
        amounts = {side: line[side] for side in ("debit", "credit", "exchange_rate") if side in line}
        if _is_receivable(account):
            description = f"{account.code} {account.name}"
            posted.append(NewLine(equity.public_id, currency=account.currency, description=description, **amounts))
        else:
            posted.append(NewLine(account.public_id, **amounts))
    try:
        return post_journal_entry(entry=NewEntry(date=date, description=OPENING, lines=posted), acting=acting)
    except ApiError as fault:
        fault.details = [replace(detail, field=_field(detail.field)) for detail in fault.details]
        raise


def _field(path: str | None) -> str | None:
    """The field of the request that a fault of the entry is at."""
    return f"trial_balance{path.removeprefix('lines')}" if path and path.startswith("lines") else path


def _entry_of(each: OpenInvoice, date: datetime.date, receivable: Receivable, equity: Account) -> NewEntry:
    invoice, currency = each.invoice, each.invoice.currency
    description = f"Invoice {invoice.number} {invoice.customer.name}"
    amount = money.to_currency(invoice.amount_due, currency)
    is_foreign = currency != current_tenant().base_currency
    valued: dict[str, Any] = {"exchange_rate": each.rate, "base_amount": each.base_amount} if is_foreign else {}
    return NewEntry(
        id=invoice.id,
        date=date,
        reference=invoice.number,
        description=description,
        source=invoice.public_id,
        lines=[
            NewLine(receivable.account.public_id, debit=amount, description=description, **valued),
            NewLine(equity.public_id, credit=amount, description=OPENING, currency=currency, **valued),
        ],
    )
