"""Revaluation: foreign accounts are worth, at the end of a day, what they hold at the rate of that day.

Only assets and liabilities are revalued: what was earned and spent, and equity, stay as they were posted. The entry has
lines in base on accounts in other currencies, which change what these are worth and not what is on them. It is reversed
on the next day, so that whoever settles an invoice need not know of it.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction

from bigledger import ids, money
from bigledger.access.principal import Principal
from bigledger.errors import BusinessRuleViolation, Detail, ValidationFailed
from bigledger.events.record import record
from bigledger.postgres.execute import fetch_all
from bigledger.tenants.context import current_tenant
from bigledger.tenants.locks import lock
from ledger.bodies import FxRevaluationBody
from ledger.events import FX_REVALUED
from ledger.models import (
    Account,
    AccountPurpose,
    AccountType,
    FxRevaluation,
    FxRevaluationRow,
    JournalEntry,
    RateType,
    RevaluationMode,
)
from ledger.rules import RATE_MISSING
from ledger.selectors import fx_revaluation_bodies
from ledger.services.accounts import ensure_purpose_account
from ledger.services.exchange_rates import rates_on
from ledger.services.posting import NewEntry, NewLine, Touched, post_journal_entry, withdraw_revaluations
from ledger.services.posting.conversion import in_base
from ledger.services.reversal import reverse_journal_entry

ZERO = Decimal(0)
_HELD = "SELECT account, net, base_net FROM ledger_balances_on(%s, %s) WHERE net <> 0 OR base_net <> 0"


@dataclass(frozen=True, slots=True)
class _Found:
    """An account with debit less credit, in its currency and in base; what that is worth now."""

    account: Account
    net: Decimal
    carrying: Decimal
    rate: Decimal
    worth: Decimal

    @property
    def difference(self) -> Decimal:
        return self.worth - self.carrying


@transaction.atomic
def revalue(
    *,
    as_of: datetime.date,
    rates: Mapping[str, Decimal] | None = None,
    mode: str = RevaluationMode.AUTO_REVERSE,
    metadata: Mapping[str, str] | None = None,
    acting: Principal,
) -> FxRevaluationBody:
    """Posts what foreign accounts gained or lost until the end of `as_of` to the account for unrealised differences.

    The rate of each currency is the given one, the `closing` rate of the day, or the newest `spot` rate. Run again, it
    posts what has changed since. Raises ValidationFailed for a day to come; BusinessRuleViolation (`rate_missing`,
    `period_closed` for the day or the next one).
    """
    tenant = current_tenant()
    if as_of > tenant.today():
        raise ValidationFailed.at("as_of", f"Must not be after today, {tenant.today()}.", "out_of_range")
    lock("books")  # which postings share: none is in progress that this one would not see
    monetary = _monetary()
    withdraw_revaluations(Touched(frozenset(monetary), as_of), acting=acting)
    found = _revalued(as_of, monetary, rates or {})
    row = FxRevaluation(
        id=ids.new_id(), as_of=as_of, mode=mode, metadata=dict(metadata or {}), created_by_id=acting.user_id
    )
    held = [each for each in found if each.difference and each.net]
    empty = [each for each in found if each.difference and not each.net]
    row.journal_entry = _post(row, held, AccountPurpose.UNREALISED_FX, acting=acting)
    row.settlement_entry = _post(row, empty, AccountPurpose.REALISED_FX, acting=acting)
    if row.journal_entry and mode == RevaluationMode.AUTO_REVERSE:
        reversal = reverse_journal_entry(
            entry=row.journal_entry,
            reason=f"Revaluation of {as_of}",
            date=as_of + datetime.timedelta(days=1),
            source=row.public_id,
            acting=acting,
        )
        row.reversal_entry = JournalEntry.objects.get(number=reversal.number)
    row.created_at = tenant.now()
    row.save(force_insert=True)
    FxRevaluationRow.objects.bulk_create(
        FxRevaluationRow(
            revaluation=row,
            position=position,
            account=each.account,
            balance=each.net,
            carrying_base=each.carrying,
            exchange_rate=each.rate,
            new_base=each.worth,
            difference=each.difference,
        )
        for position, each in enumerate(found, start=1)
    )
    body = fx_revaluation_bodies([row])[0]
    record(FX_REVALUED, row.id, body, acting=acting)
    return body


def _monetary() -> dict[uuid.UUID, Account]:
    """Assets and liabilities in other currencies than base, in the order of their codes."""
    base = current_tenant().base_currency
    monetary = Account.objects.filter(type__in=(AccountType.ASSET, AccountType.LIABILITY)).exclude(currency=base)
    return {account.id: account for account in monetary.order_by("code_order", "code")}


def _revalued(
    as_of: datetime.date, accounts: Mapping[uuid.UUID, Account], given: Mapping[str, Decimal]
) -> list[_Found]:
    base = current_tenant().base_currency
    nets = {account: (net, worth) for account, net, worth in fetch_all(_HELD, [list(accounts), as_of])}
    held = [(accounts[key], *nets[key]) for key in accounts if key in nets]
    rates = _rates({account.currency for account, net, _ in held if net}, given, as_of)
    return [
        _Found(account, net, carrying, rate := rates.get(account.currency, Decimal(1)), in_base(net, rate, base))
        for account, net, carrying in held
    ]


def _rates(currencies: set[str], given: Mapping[str, Decimal], as_of: datetime.date) -> dict[str, Decimal]:
    """Raises BusinessRuleViolation (`rate_missing`) for all currencies without a rate."""
    wanted = sorted(currencies - given.keys())
    days: Sequence[tuple[str, datetime.date]] = [(currency, as_of) for currency in wanted]
    closing = rates_on(days, kind=RateType.CLOSING, within_days=0) if days else []
    spot = rates_on(days) if days else []
    found = {currency: at_close or at_spot for currency, at_close, at_spot in zip(wanted, closing, spot, strict=True)}
    base = current_tenant().base_currency
    missing = [
        Detail.of(RATE_MISSING, f"rates.{currency}", currency=currency, base=base, date=as_of)
        for currency, rate in found.items()
        if rate is None
    ]
    if missing:
        raise BusinessRuleViolation(missing[0].message, missing)
    return {currency: rate for currency, rate in found.items() if rate} | dict(given)


def _post(
    row: FxRevaluation, found: Sequence[_Found], purpose: AccountPurpose, *, acting: Principal
) -> JournalEntry | None:
    """One entry: each account by what it is worth more or less, and the sum to the account of the purpose."""
    if not found:
        return None
    base = current_tenant().base_currency
    counter = ensure_purpose_account(purpose, base, acting=acting)
    lines = []
    for each in found:
        text = f"{each.account.currency} at {each.rate.normalize():f}"
        lines.append(_line(each.account, each.difference, text, base))
        lines.append(_line(counter, -each.difference, f"{each.account.code} {each.account.name}", base))
    entry = NewEntry(
        date=row.as_of, description=f"Revaluation of {row.as_of}", source=row.public_id, is_correction=True, lines=lines
    )
    return JournalEntry.objects.get(number=post_journal_entry(entry=entry, acting=acting).number)


def _line(account: Account, net: Decimal, text: str, base: str) -> NewLine:
    amount = money.to_currency(abs(net), base)
    debit, credit = (amount, ZERO) if net > 0 else (ZERO, amount)
    return NewLine(account.public_id, debit, credit, text, currency=base)
