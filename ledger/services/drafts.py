"""Draft journal entries: outside the books, may be edited and deleted, and become posted once."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction

from bigledger import money
from bigledger.access.principal import Principal
from bigledger.api.lookup import by_reference, condition
from bigledger.errors import BusinessRuleViolation, Detail, ResourceNotFound, ValidationFailed
from bigledger.events.changes import shown_change
from bigledger.events.record import record
from bigledger.tenants.context import current_tenant
from ledger.bodies import JournalEntryBody
from ledger.events import ENTRY_CREATED, ENTRY_DELETED, ENTRY_UPDATED
from ledger.models import Account, Attachment, Document, DraftLine, EntryStatus, JournalEntry
from ledger.rules import ENTRY_POSTED
from ledger.selectors import journal_entry_bodies
from ledger.services.exchange_rates import rate_on
from ledger.services.numbering import JournalNumbers, lock_claimed, taken_numbers
from ledger.services.posting import NewEntry, NewLine, reversal_faults
from ledger.services.reversing import post_and_reverse


@transaction.atomic
def create_draft_entry(*, entry: NewEntry, acting: Principal) -> JournalEntryBody:
    """Stores `entry` as a draft: its accounts must exist, but its lines need not balance yet."""
    _check_reversal(entry.date, entry.reverse_on)
    accounts, documents = _references(entry.lines, entry.attachments)
    numbers = JournalNumbers([(entry.reference, entry.date.year)])
    lock_claimed(numbers)
    draft = JournalEntry(
        reference=entry.reference,
        date=entry.date,
        description=entry.description,
        reverse_on=entry.reverse_on,
        status=EntryStatus.DRAFT,
        metadata=dict(entry.metadata or {}),
        created_by_id=acting.user_id,
        **_totals(entry.lines, accounts, entry.date),
    )
    _insert_with_number(draft, numbers)
    draft.refresh_from_db()
    _write_lines(draft, entry.lines, accounts)
    _write_attachments(draft, documents)
    body = journal_entry_bodies([draft])[0]
    record(ENTRY_CREATED, draft.id, body, acting=acting)
    return body


@transaction.atomic
def update_draft_entry(*, entry: JournalEntry, changes: Mapping[str, Any], acting: Principal) -> JournalEntryBody:
    """Replaces the given fields; `lines` and `attachments` as a whole. The number stays.

    Raises BusinessRuleViolation (`entry_posted`).
    """
    draft = _locked_draft(entry, "edited")
    before = journal_entry_bodies([draft])[0]
    for name in ("date", "description", "reference", "reverse_on", "metadata"):
        if name in changes:
            setattr(draft, name, changes[name])
    _check_reversal(draft.date, draft.reverse_on)
    if "lines" in changes and not _are_lines_of(draft, changes["lines"]):
        accounts, _ = _references(changes["lines"], ())
        for name, value in _totals(changes["lines"], accounts, draft.date).items():
            setattr(draft, name, value)
        DraftLine.objects.filter(entry=draft).delete()
        _write_lines(draft, changes["lines"], accounts)
    if "attachments" in changes:
        _, documents = _references((), changes["attachments"])
        Attachment.objects.filter(entry=draft).delete()
        _write_attachments(draft, documents)
    body = shown_change(draft, before, lambda row: journal_entry_bodies([row])[0])
    if body is None:
        return before
    draft.save()
    record(ENTRY_UPDATED, draft.id, body, acting=acting, previous=before)
    return body


@transaction.atomic
def delete_draft_entry(*, entry: JournalEntry, acting: Principal) -> None:
    """Raises BusinessRuleViolation (`entry_posted`): what is posted is reversed, not deleted."""
    draft = _locked_draft(entry, "deleted")
    record(ENTRY_DELETED, draft.id, journal_entry_bodies([draft])[0], acting=acting)
    _remove(draft)


@transaction.atomic
def post_draft_entry(*, entry: JournalEntry, acting: Principal) -> JournalEntryBody:
    """Posts a draft under its own id and number. Raises what `post_journal_entries` does, and
    BusinessRuleViolation (`entry_posted`)."""
    draft = _locked_draft(entry, "posted")
    body = journal_entry_bodies([draft])[0]
    lines = [_as_given(line) for line in DraftLine.objects.filter(entry=draft).order_by("position")]
    _remove(draft)
    return post_and_reverse(
        entry=NewEntry(
            id=draft.id,
            number=draft.number,
            reference=draft.reference,
            date=draft.date,
            description=draft.description,
            reverse_on=draft.reverse_on,
            attachments=body.attachments,
            metadata=draft.metadata,
            created_at=draft.created_at,
            created_by_id=draft.created_by_id,
            lines=lines,
        ),
        acting=acting,
    )


def _as_given(line: DraftLine) -> NewLine:
    account, base = line.account, current_tenant().base_currency
    currency = line.currency or account.currency
    return NewLine(
        account.public_id,
        debit=money.to_currency(line.debit, currency),
        credit=money.to_currency(line.credit, currency),
        description=line.description,
        currency=line.currency,
        exchange_rate=line.exchange_rate,
        base_amount=None if line.base_amount is None else money.to_currency(line.base_amount, base),
    )


def _insert_with_number(draft: JournalEntry, numbers: JournalNumbers) -> None:
    """Inserts the draft under the first free number, even if another request takes it before the insert."""
    while True:
        while taken := taken_numbers(numbers.proposed):
            numbers.replace(taken)
        (draft.number,) = numbers.proposed
        try:
            with transaction.atomic():
                draft.save(force_insert=True)
            return
        except IntegrityError as fault:
            if "ledger_journalentry_number" not in str(fault):
                raise
            numbers.replace([draft.number])


def _locked_draft(entry: JournalEntry, participle: str) -> JournalEntry:
    draft = JournalEntry.objects.select_for_update().filter(pk=entry.pk).first()
    if draft is None:
        raise ResourceNotFound()
    if draft.status != EntryStatus.DRAFT:
        raise BusinessRuleViolation.of(ENTRY_POSTED, number=draft.number, participle=participle)
    return draft


def _check_reversal(date: datetime.date, reverse_on: datetime.date | None) -> None:
    if faults := reversal_faults(date, reverse_on):
        raise ValidationFailed(details=faults)


def _remove(draft: JournalEntry) -> None:
    DraftLine.objects.filter(entry=draft).delete()
    Attachment.objects.filter(entry=draft).delete()
    JournalEntry.objects.filter(pk=draft.pk).delete()


def _references(lines: Sequence[NewLine], attachments: Sequence[str]) -> tuple[dict[str, Account], list[Document]]:
    accounts = by_reference(Account.objects.filter(condition(Account, [line.account for line in lines])))
    documents = by_reference(Document.objects.filter(condition(Document, attachments)))
    missing = [
        Detail(f"There is no account {line.account}.", field=f"lines[{position}].account_id", code="not_found")
        for position, line in enumerate(lines)
        if line.account not in accounts
    ] + [
        Detail(f"There is no document {text}.", field=f"attachments[{position}]", code="not_found")
        for position, text in enumerate(attachments)
        if text not in documents
    ]
    if missing:
        raise ResourceNotFound("A resource that the request names does not exist", missing)
    return accounts, [documents[text] for text in attachments]


def _totals(lines: Sequence[NewLine], accounts: Mapping[str, Account], day: datetime.date) -> dict[str, Any]:
    """In the currency of the lines, in base when they have several. Raises BusinessRuleViolation (`rate_missing`)."""
    currencies = [line.currency or accounts[line.account].currency for line in lines]
    base = current_tenant().base_currency
    faults = [
        Detail(money.excess_digits_message(currency), field=f"lines[{position}].{side}", code="too_many_digits")
        for position, (line, currency) in enumerate(zip(lines, currencies, strict=True))
        for side, amount in (("debit", line.debit), ("credit", line.credit))
        if money.has_excess_digits(amount, currency)
    ]
    for position, (line, currency) in enumerate(zip(lines, currencies, strict=True)):
        account = accounts[line.account]
        if account.currency not in (currency, base):
            message = f"Account {account.code} takes lines in {account.currency} only, not in {currency}."
            faults.append(Detail(message, field=f"lines[{position}].currency", code="wrong_currency"))
    if faults:
        raise ValidationFailed(details=faults)
    is_in_one = len(set(currencies)) < 2
    amounts = [line.amount for line in lines] if is_in_one else _worths(lines, currencies, base, day)
    debit = sum((amount for line, amount in zip(lines, amounts, strict=True) if line.debit), Decimal(0))
    credit = sum((amount for line, amount in zip(lines, amounts, strict=True) if not line.debit), Decimal(0))
    if max(debit, credit) >= money.MAX_AMOUNT:
        message = f"The total has more than {money.MAX_INTEGER_DIGITS} digits."
        faults.append(Detail(message, field="lines", code="too_large"))
    if faults:
        raise ValidationFailed(details=faults)
    return {
        "currency": currencies[0] if currencies and is_in_one else base,
        "total_debit": debit,
        "total_credit": credit,
        "line_count": len(lines),
    }


def _worths(lines: Sequence[NewLine], currencies: Sequence[str], base: str, day: datetime.date) -> list[Decimal]:
    """Each line in base, at its rate or at the one that is kept for the day of the draft."""
    found = []
    for position, (line, currency) in enumerate(zip(lines, currencies, strict=True)):
        if currency == base or line.base_amount is not None:
            found.append(line.amount if currency == base else line.base_amount or Decimal(0))
            continue
        rate = line.exchange_rate or rate_on(currency, day, f"lines[{position}].exchange_rate")
        found.append(money.to_currency(line.amount * rate, base))
    return found


def _are_lines_of(draft: JournalEntry, lines: Sequence[NewLine]) -> bool:
    """True if the draft already has exactly these lines, which then keep their ids."""
    accounts, _ = _references(lines, ())
    kept = DraftLine.objects.filter(entry=draft).order_by("position")
    names = ("debit", "credit", "description", "currency", "exchange_rate", "base_amount")
    return [(line.account_id, *(getattr(line, name) for name in names)) for line in kept] == [
        (accounts[line.account].id, *(getattr(line, name) for name in names)) for line in lines
    ]


def _write_lines(draft: JournalEntry, lines: Sequence[NewLine], accounts: Mapping[str, Account]) -> None:
    DraftLine.objects.bulk_create(
        DraftLine(
            entry=draft,
            position=position,
            account=accounts[line.account],
            debit=line.debit,
            credit=line.credit,
            currency=line.currency,
            exchange_rate=line.exchange_rate,
            base_amount=line.base_amount,
            description=line.description,
        )
        for position, line in enumerate(lines, start=1)
    )


def _write_attachments(draft: JournalEntry, documents: Sequence[Document]) -> None:
    Attachment.objects.bulk_create(Attachment(entry=draft, document=document) for document in documents)
