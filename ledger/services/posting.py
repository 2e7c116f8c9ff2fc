"""Posting journal entries: the one operation behind every change of the books.

Python checks shape and names every fault; the function `ledger_post` writes entries, lines, balances and
events at once, and the database holds the invariants by itself. One entry is a batch of one.
"""

from __future__ import annotations

import datetime
import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import msgspec

from bigledger import exact_json, ids, money
from bigledger.access.principal import Principal
from bigledger.dry_run import current_dry_run
from bigledger.errors import ApiError, BusinessRuleViolation, Detail, ResourceNotFound, ValidationFailed
from bigledger.events.record import announce, build
from bigledger.postgres.execute import array, call
from bigledger.tenants.context import current_tenant
from ledger.bodies import JournalEntryBody, JournalLineBody
from ledger.events import ENTRY_POSTED, ENTRY_REVERSED
from ledger.services.numbering import choose_numbers
from ledger.services.references import NamedAccount, References, resolve

MAX_LINES = 1000
ZERO = Decimal(0)
_STALE = "stale"


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
    """An entry to be posted. `source` is the public id of the document that posts it. `path` goes in front of the
    fields that faults name (`entries[3].`)."""

    date: datetime.date
    lines: Sequence[NewLine]
    reference: str | None = None
    description: str = ""
    attachments: Sequence[str] = ()
    reversal_of: ReversedEntry | None = None
    reversal_reason: str = ""
    source: str | None = None
    path: str = ""
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
    references = _checked(entries)
    bodies: list[JournalEntryBody] = []

    def taken_among(numbers: list[str]) -> Collection[str]:
        """Posts the entries under these numbers, or says which of them are taken."""
        nonlocal references, bodies
        while True:
            proposed = iter(numbers)
            bodies, rows = _written(entries, proposed, references, acting)
            refusal = _propose(references, numbers, rows)
            if refusal != _STALE:
                return refusal
            references = _checked(entries, afresh=True)

    choose_numbers([(e.reference, e.date.year) for e in entries if e.number is None], taken_among)
    for entry, body in zip(entries, bodies, strict=True):
        announce(ENTRY_POSTED, body)
        if entry.reversal_of:
            announce(ENTRY_REVERSED, _reversed(entry.reversal_of, body))
    if rehearsed := current_dry_run():
        rehearsed.journal_lines += [line for body in bodies for line in body.lines]
    return bodies


def _propose(references: References, numbers: Iterable[str], rows: list[dict[str, Any]]) -> Collection[str]:
    """Posts the rows and returns nothing; or the numbers that are taken, or `_STALE`, and nothing is posted."""
    # Pairs: one account in two versions, remembered under its id and its code, is stale.
    accounts = {(account.id, account.version) for account in references.accounts.values()}
    answer = call(
        "SELECT ledger_propose($1, $2, $3, $4)",
        array(str(identifier) for identifier, _ in accounts),
        array(version for _, version in accounts),
        array(sorted(numbers)),
        exact_json.encode(rows),
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
    """What the entries name, when all is in order; what is remembered refuses nothing. Raises as
    `post_journal_entries`."""
    accounts = {line.account for entry in entries for line in entry.lines}
    references = resolve(accounts, {text for entry in entries for text in entry.attachments}, afresh=afresh)
    try:
        _check(entries, references)
    except ApiError:
        if not references.remembered:
            raise
        return _checked(entries, afresh=True)
    return references


def _check(entries: Sequence[NewEntry], references: References) -> None:
    faults: list[Detail] = []
    missing: list[Detail] = []
    inactive: list[Detail] = []
    for entry in entries:
        for position, text in enumerate(entry.attachments):
            if text not in references.documents:
                missing.append(Detail(f"There is no document {text}.", f"{entry.path}attachments[{position}]"))
        for position, line in enumerate(entry.lines):
            account = references.accounts.get(line.account)
            if account is None:
                path = f"{entry.path}lines[{position}].account_id"
                missing.append(Detail(f"There is no account {line.account}.", path))
                continue
            if not account.is_active:
                message = f"Account {account.code} is inactive and takes no posting."
                path = f"{entry.path}lines[{position}].account_id"
                inactive.append(Detail(message, path, "account_inactive"))
            faults += _check_amounts(line, account, entry.path, position)
        faults += _check_lines(entry, references)
    if faults:
        raise ValidationFailed(details=faults + missing + inactive)
    if missing:
        raise ResourceNotFound("A resource that the request names does not exist", missing)
    if inactive:
        raise BusinessRuleViolation(inactive[0].message, inactive)


def _check_amounts(line: NewLine, account: NamedAccount, prefix: str, position: int) -> list[Detail]:
    path = f"{prefix}lines[{position}]"
    faults = [
        Detail(money.excess_digits_message(account.currency), f"{path}.{side}")
        for side, amount in (("debit", line.debit), ("credit", line.credit))
        if money.has_excess_digits(amount, account.currency)
    ]
    if line.debit and line.credit:
        faults.append(Detail("A line is either a debit or a credit, not both.", path))
    elif not line.debit and not line.credit:
        faults.append(Detail("A line needs a debit or a credit.", path))
    return faults


def _check_lines(entry: NewEntry, references: References) -> list[Detail]:
    path = f"{entry.path}lines"
    if not 2 <= len(entry.lines) <= MAX_LINES:
        return [Detail(f"An entry has from 2 to {MAX_LINES} lines.", path)]
    debit: defaultdict[str, Decimal] = defaultdict(Decimal)
    credit: defaultdict[str, Decimal] = defaultdict(Decimal)
    for line in entry.lines:
        account = references.accounts.get(line.account)
        if account is None:
            return []
        debit[account.currency] += line.debit
        credit[account.currency] += line.credit
    if len(debit) > 1:
        return [Detail(f"The lines of an entry are in one currency, not in {', '.join(sorted(debit))}.", path)]
    return [
        Detail(
            f"Debits of {_shown(debit[currency], currency)} do not equal"
            f" credits of {_shown(credit[currency], currency)}.",
            path,
        )
        for currency in debit
        if debit[currency] != credit[currency]
    ]


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
    events = [build(ENTRY_POSTED, entry.id, body)]
    if entry.reversal_of:
        events.append(build(ENTRY_REVERSED, entry.reversal_of.id, _reversed(entry.reversal_of, body)))
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
        "events": events,
    }
