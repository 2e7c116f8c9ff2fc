"""Reversing a posted entry: the mirrored entry is posted, nothing is changed."""

from __future__ import annotations

import datetime
from decimal import Decimal

from django.db import IntegrityError

from bigledger import ids, money
from bigledger.access.principal import Principal
from bigledger.errors import BusinessRuleViolation
from ledger.bodies import JournalEntryBody
from ledger.models import Account, EntryStatus, JournalEntry, JournalLine
from ledger.rules import CLOSING_ENTRY, ENTRY_ALREADY_REVERSED, ENTRY_NOT_POSTED, ENTRY_OF_DOCUMENT
from ledger.selectors import journal_entry_bodies
from ledger.services.dating import correction_date
from ledger.services.posting import NewEntry, NewLine, ReversedEntry, post_journal_entry, scope_of


def reverse_journal_entry(
    *,
    entry: JournalEntry,
    reason: str,
    date: datetime.date | None,
    acting: Principal,
    source: str | None = None,
    closing_year: int | None = None,
) -> JournalEntryBody:
    """Posts the mirror of `entry`, dated as `correction_date` says: not before the entry itself.

    Both are linked: `reversal_of` and `reversed_by`. The entry of a document is reversed by that document only,
    which names itself as `source`: otherwise the invoice would stay open that the books no longer know. An entry that
    closes a year is reversed by whoever reopens that `closing_year`.
    Raises BusinessRuleViolation: `entry_not_posted`, `entry_already_reversed`, `entry_of_document`, `closing_entry`,
    `date_before_source`; `account_inactive` when one of its accounts is inactive by now, unless a document reverses it.
    """
    if entry.status != EntryStatus.POSTED:
        raise BusinessRuleViolation.of(ENTRY_NOT_POSTED, number=entry.number)
    if entry.source and entry.source != source:
        raise BusinessRuleViolation.of(ENTRY_OF_DOCUMENT, number=entry.number, source=entry.source)
    if entry.closing_year != closing_year:
        raise BusinessRuleViolation.of(CLOSING_ENTRY, number=entry.number, year=entry.closing_year)
    body = journal_entry_bodies([entry])[0]
    if body.reversed_by:
        raise _already_reversed(entry)
    mirrored = NewEntry(
        date=correction_date(date, first=entry.date, what=f"{entry.number} of that day", scope=scope_of(source)),
        lines=[_mirrored(line) for line in JournalLine.objects.filter(entry=entry)],
        description=f"Reversal of {entry.number}",
        reversal_of=ReversedEntry(entry.id, body),
        reversal_reason=reason,
        source=source,
        is_correction=source is not None,
        closing_year=closing_year,
        id=ids.new_id(),
    )
    try:
        return post_journal_entry(entry=mirrored, acting=acting)
    except IntegrityError as fault:  # another caller reversed it between our look and our posting
        if "ledger_journalentry_reversed_once" in str(fault):
            raise _already_reversed(entry) from None
        raise


def _mirrored(line: JournalLine) -> NewLine:
    """On the other side, at the rate and the base amount of then: nothing of it stays in the books."""
    is_foreign = line.currency != line.base_currency
    return NewLine(
        account=Account.public_id_of(line.account_id),
        debit=money.to_currency(line.credit, line.currency),
        credit=money.to_currency(line.debit, line.currency),
        description=line.description,
        currency=line.currency,
        exchange_rate=line.exchange_rate if is_foreign else None,
        base_amount=_base_amount(line) if is_foreign else None,
    )


def _base_amount(line: JournalLine) -> Decimal | None:
    amount = line.base_debit or line.base_credit
    return None if amount is None else money.to_currency(amount, line.base_currency)


def _already_reversed(entry: JournalEntry) -> BusinessRuleViolation:
    return BusinessRuleViolation.of(ENTRY_ALREADY_REVERSED, number=entry.number)
