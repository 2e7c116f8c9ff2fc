"""Posting journal entries: the one operation behind every change of the books.

Python checks shape and names every fault; the function `ledger_post` writes entries, lines, balances and
events at once, and the database holds the invariants by itself. One entry is a batch of one.
"""

from __future__ import annotations

import datetime
import uuid
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from typing import Any, cast

import msgspec
from django.db import transaction

from bigledger import exact_json, ids, money
from bigledger.access.principal import Principal
from bigledger.api.bulk import attempt
from bigledger.api.patience import most_faults
from bigledger.detail_codes import DetailCode
from bigledger.dry_run import current_dry_run
from bigledger.errors import ApiError, BusinessRuleViolation, Detail, ResourceNotFound, ValidationFailed, combined
from bigledger.events.record import announce, build
from bigledger.postgres.execute import array, call
from bigledger.postgres.statement import Call
from bigledger.tenants.context import current_tenant
from ledger.bodies import JournalEntryBody, JournalLineBody
from ledger.events import ENTRY_POSTED, ENTRY_REVERSED
from ledger.models import MAX_LINES
from ledger.rules import ACCOUNT_INACTIVE
from ledger.services.numbering import JournalNumbers
from ledger.services.references import NamedAccount, References, resolve

ZERO = Decimal(0)
_STALE = "stale"
_POST = Call("ledger_post_if_current({0}, {1}, {2}, {3}, {4}, {5}, {6})")


@dataclass(frozen=True, slots=True)
class NewLine:
    """`account` is an id or natural key (`acc_1000`)."""

    account: str
    debit: Decimal = ZERO
    credit: Decimal = ZERO
    description: str = ""


@dataclass(frozen=True, slots=True)
class ReversedEntry:
    """The entry that a new one reverses: its id, and its body once it is reversed."""

    id: uuid.UUID
    body: JournalEntryBody


@dataclass(frozen=True, slots=True)
class NewEntry:
    """An entry to be posted. `source` is the public id of the document that posts it."""

    date: datetime.date
    lines: Sequence[NewLine]
    reference: str | None = None
    description: str = ""
    attachments: Sequence[str] = ()
    reversal_of: ReversedEntry | None = None
    reversal_reason: str = ""
    source: str | None = None
    # A draft that is posted keeps its identity.
    id: uuid.UUID = field(default_factory=ids.new_id)
    number: str | None = None
    created_at: datetime.datetime | None = None
    created_by_id: uuid.UUID | None = None


def post_journal_entry(*, entry: NewEntry, acting: Principal) -> JournalEntryBody:
    """Posts one entry. See `post_journal_entries`."""
    return post_journal_entries(entries=[entry], acting=acting)[0]


def post_journal_entries(*, entries: Sequence[NewEntry], acting: Principal) -> list[JournalEntryBody]:
    """Posts all of the entries or none, in one call for any number of them, in two when accounts have to be found.

    Raises ValidationFailed with every fault of every entry; ResourceNotFound when all that is wrong is
    that accounts or documents do not exist; BusinessRuleViolation (`account_inactive`).
    """
    return _post(entries, _checked(entries), acting)


@transaction.atomic
def post_each_journal_entry(
    *, entries: Sequence[NewEntry], goes_on: bool, acting: Principal
) -> list[JournalEntryBody | ApiError | None]:
    """Posts the entries that are in order, in one call for any number of them; for each other one, the reason.

    Unless it `goes_on`, nothing is posted (None) when an entry has a fault.
    """
    references, faults = _judged(entries)
    if faults and not goes_on:
        return [faults.get(position) for position in range(len(entries))]
    good = [entry for position, entry in enumerate(entries) if position not in faults]
    outcomes = iter(_posted_together_or_each(good, references, acting))
    return [faults.get(position) or next(outcomes) for position in range(len(entries))]


def _posted_together_or_each(
    entries: Sequence[NewEntry], references: References, acting: Principal
) -> Sequence[JournalEntryBody | ApiError]:
    """One by one only when the database refuses them together, which no check foresees."""
    together = transaction.atomic(lambda: _post(entries, references, acting))
    posted = attempt(together) if entries else []
    if not isinstance(posted, ApiError):
        return cast(list[JournalEntryBody], posted)
    alone = transaction.atomic(post_journal_entry)
    return [attempt(partial(alone, entry=entry, acting=acting)) for entry in entries]


def _post(entries: Sequence[NewEntry], references: References, acting: Principal) -> list[JournalEntryBody]:
    """Proposes what the entries would be until nobody has their numbers and their accounts are as remembered."""
    numbers = JournalNumbers([(e.reference, e.date.year) for e in entries if e.number is None])
    while True:
        bodies, rows = _written(entries, iter(numbers.proposed), references, acting)
        events = [event for entry, body in zip(entries, bodies, strict=True) for event in _events(entry, body, acting)]
        refusal = _post_if_current(references, numbers, rows, events)
        if not refusal:
            break
        if refusal == _STALE:
            references = _checked(entries, afresh=True)
        else:
            numbers.replace(refusal)
    for entry, body in zip(entries, bodies, strict=True):
        announce(ENTRY_POSTED, body)
        if entry.reversal_of:
            announce(ENTRY_REVERSED, _reversed(entry.reversal_of, body))
    if rehearsed := current_dry_run():
        rehearsed.journal_lines += [line for body in bodies for line in body.lines]
    return bodies


def _post_if_current(
    references: References, numbers: JournalNumbers, rows: list[dict[str, Any]], events: list[dict[str, Any]]
) -> Collection[str]:
    """Posts the rows and returns nothing; or the numbers that are taken, or `_STALE`, and nothing is posted."""
    # Pairs: one account in two versions, remembered under its id and its code, is stale.
    accounts = {(account.id, account.version) for account in references.accounts.values()}
    answer = call(
        _POST,
        array(str(identifier) for identifier, _ in accounts),
        array(version for _, version in accounts),
        array(numbers.series),
        array(numbers.claimed_series),
        array(numbers.proposed),
        exact_json.encode(rows),
        exact_json.encode(events),
    )
    return msgspec.json.decode(answer) if answer else ()


def _written(
    entries: Sequence[NewEntry], proposed: Iterator[str], references: References, acting: Principal
) -> tuple[list[JournalEntryBody], list[dict[str, Any]]]:
    """What the callers see, and what `ledger_post` takes."""
    now = current_tenant().now()
    bodies, rows = [], []
    for entry in entries:
        line_ids = [ids.new_id() for _ in entry.lines]
        body = _body(entry, entry.number or next(proposed), line_ids, references, now=now, acting=acting)
        bodies.append(body)
        rows.append(_row(entry, body, line_ids, references, acting=acting))
    return bodies, rows


def _checked(entries: Sequence[NewEntry], *, afresh: bool = False) -> References:
    """What the entries name, when all is in order. Raises as `post_journal_entries`."""
    references, faults = _judged(entries, afresh=afresh)
    if faults:
        raise combined(list(faults.values()))
    return references


def _judged(entries: Sequence[NewEntry], *, afresh: bool = False) -> tuple[References, dict[int, ApiError]]:
    """What the entries name, and what is wrong with which; what is remembered refuses nothing."""
    accounts = {line.account for entry in entries for line in entry.lines}
    references = resolve(accounts, {text for entry in entries for text in entry.attachments}, afresh=afresh)
    faults: dict[int, ApiError] = {}
    left = most_faults()
    for position, entry in enumerate(entries):
        fault = _fault(entry, references, max(left, 1))
        if fault and references.remembered:
            return _judged(entries, afresh=True)
        if fault:
            faults[position] = fault
            left -= len(fault.details)
    return references, faults


def _fault(entry: NewEntry, references: References, most: int) -> ApiError | None:
    """What is wrong with the entry; the rest of it is not looked at after `most` faults."""
    faults: list[Detail] = []
    missing: list[Detail] = []
    inactive: list[Detail] = []
    for position, text in enumerate(entry.attachments):
        if text not in references.documents:
            missing.append(Detail(f"There is no document {text}.", f"attachments[{position}]", code="not_found"))
    for position, line in enumerate(entry.lines):
        if len(faults) + len(missing) + len(inactive) >= most:
            break
        path = f"lines[{position}].account_id"
        account = references.accounts.get(line.account)
        if account is None:
            missing.append(Detail(f"There is no account {line.account}.", path, code="not_found"))
            continue
        if not account.is_active:
            inactive.append(Detail.of(ACCOUNT_INACTIVE, path, code=account.code))
        faults += _check_amounts(line, account, position)
    faults += _check_lines(entry, references)
    if faults:
        return ValidationFailed(details=faults + missing + inactive)
    if missing:
        return ResourceNotFound("A resource that the request names does not exist", missing)
    return BusinessRuleViolation(inactive[0].message, inactive) if inactive else None


def _check_amounts(line: NewLine, account: NamedAccount, position: int) -> list[Detail]:
    path = f"lines[{position}]"
    faults = [
        Detail(money.excess_digits_message(account.currency), f"{path}.{side}", code="too_many_digits")
        for side, amount in (("debit", line.debit), ("credit", line.credit))
        if money.has_excess_digits(amount, account.currency)
    ]
    if line.debit and line.credit:
        faults.append(Detail("A line is either a debit or a credit, not both.", path, code="incompatible"))
    elif not line.debit and not line.credit:
        faults.append(Detail("A line needs a debit or a credit.", path, code="required"))
    return faults


def _check_lines(entry: NewEntry, references: References) -> list[Detail]:
    path = "lines"
    if not 2 <= len(entry.lines) <= MAX_LINES:
        code: DetailCode = "too_few" if len(entry.lines) < 2 else "too_many"
        return [Detail(f"An entry has from 2 to {MAX_LINES} lines.", path, code=code)]
    debit: defaultdict[str, Decimal] = defaultdict(Decimal)
    credit: defaultdict[str, Decimal] = defaultdict(Decimal)
    for line in entry.lines:
        account = references.accounts.get(line.account)
        if account is None:
            return []
        debit[account.currency] += line.debit
        credit[account.currency] += line.credit
    if len(debit) > 1:
        message = f"The lines of an entry are in one currency, not in {', '.join(sorted(debit))}."
        return [Detail(message, path, code="wrong_currency")]
    ((currency, total),) = debit.items()
    if total >= money.MAX_AMOUNT or credit[currency] >= money.MAX_AMOUNT:
        return [Detail(f"The total has more than {money.MAX_INTEGER_DIGITS} digits.", path, code="too_large")]
    if total == credit[currency]:
        return []
    message = f"Debits of {_shown(total, currency)} do not equal credits of {_shown(credit[currency], currency)}."
    return [Detail(message, path, code="unbalanced")]


def _shown(amount: Decimal, currency: str) -> str:
    """With the digits of the currency, and with more when there are more: they are what is wrong."""
    exact = amount if money.has_excess_digits(amount, currency) else money.to_currency(amount, currency)
    return f"{exact} {currency}"


def _body(
    entry: NewEntry,
    number: str,
    line_ids: Sequence[uuid.UUID],
    references: References,
    *,
    now: datetime.datetime,
    acting: Principal,
) -> JournalEntryBody:
    currency = references.accounts[entry.lines[0].account].currency
    lines = [
        _line_body(line_id, line, references.accounts[line.account])
        for line_id, line in zip(line_ids, entry.lines, strict=True)
    ]
    total = sum((line.debit for line in lines), ZERO)
    created_by = entry.created_by_id or acting.user_id
    return JournalEntryBody(
        id=ids.encode("je", entry.id),
        number=number,
        reference=entry.reference,
        date=entry.date,
        description=entry.description,
        status="posted",
        currency=currency,
        total_debit=total,
        total_credit=total,
        is_balanced=True,
        created_by=ids.encode("user", created_by),
        created_at=entry.created_at or now,
        updated_at=now,
        posted_at=now,
        reversal_of=ids.encode("je", entry.reversal_of.id) if entry.reversal_of else None,
        reversed_by=None,
        reversal_reason=entry.reversal_reason or None,
        source=entry.source,
        attachments=[ids.encode("doc", references.documents[text].id) for text in entry.attachments],
        lines=lines,
    )


def _reversed(original: ReversedEntry, reversal: JournalEntryBody) -> JournalEntryBody:
    return msgspec.structs.replace(original.body, reversed_by=reversal.id)


def _line_body(line_id: uuid.UUID, line: NewLine, account: NamedAccount) -> JournalLineBody:
    return JournalLineBody(
        id=ids.encode("jel", line_id),
        account=account.shown,
        debit=money.to_currency(line.debit, account.currency),
        credit=money.to_currency(line.credit, account.currency),
        description=line.description,
    )


def _row(
    entry: NewEntry,
    body: JournalEntryBody,
    line_ids: Sequence[uuid.UUID],
    references: References,
    *,
    acting: Principal,
) -> dict[str, Any]:
    """What `ledger_post` takes for one entry."""
    return {
        "id": entry.id,
        "number": body.number,
        "reference": entry.reference,
        "date": entry.date,
        "description": entry.description,
        "currency": body.currency,
        "created_by_id": entry.created_by_id or acting.user_id,
        "created_at": body.created_at,
        "posted_at": body.posted_at,
        "reversal_of_id": entry.reversal_of.id if entry.reversal_of else None,
        "reversal_reason": entry.reversal_reason,
        "source": entry.source,
        "attachments": [
            {"id": ids.new_id(), "document_id": references.documents[text].id} for text in entry.attachments
        ],
        "lines": [
            {
                "id": line_id,
                "account_id": references.accounts[line.account].id,
                "debit": written.debit,
                "credit": written.credit,
                "description": line.description,
            }
            for line_id, line, written in zip(line_ids, entry.lines, body.lines, strict=True)
        ],
    }


def _events(entry: NewEntry, body: JournalEntryBody, acting: Principal) -> Iterator[dict[str, Any]]:
    yield build(ENTRY_POSTED, entry.id, body, acting=acting)
    if entry.reversal_of:
        yield build(ENTRY_REVERSED, entry.reversal_of.id, _reversed(entry.reversal_of, body), acting=acting)
