"""Posting journal entries: the one operation behind every change of the books.

Python checks shape and names every fault; the function `ledger_post` writes entries, lines, balances and
events at once, and the database holds the invariants by itself. One entry is a batch of one.
"""

from __future__ import annotations

import datetime
import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import msgspec

from bigledger import exact_json, ids, money
from bigledger.access.principal import Principal
from bigledger.dry_run import current_dry_run
from bigledger.errors import BusinessRuleViolation, Detail, ResourceNotFound, ValidationFailed
from bigledger.events.record import build
from bigledger.postgres.execute import call
from bigledger.tenants.context import current_tenant
from ledger.bodies import AccountRef, JournalEntryBody, JournalLineBody
from ledger.events import ENTRY_POSTED, ENTRY_REVERSED
from ledger.services.numbering import journal_numbers

MAX_LINES = 1000
ZERO = Decimal(0)


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


class _Account(msgspec.Struct):
    id: uuid.UUID
    code: str
    name: str
    currency: str
    is_active: bool


class _Document(msgspec.Struct):
    id: uuid.UUID
    reference: str | None


class _Found(msgspec.Struct):
    """What `ledger_resolve` gives back."""

    accounts: list[_Account]
    documents: list[_Document]
    free_numbers: list[str]


_found_decoder = msgspec.json.Decoder(_Found)


def post_journal_entry(*, entry: NewEntry, acting: Principal) -> JournalEntryBody:
    """Posts one entry. See `post_journal_entries`."""
    return post_journal_entries(entries=[entry], acting=acting)[0]


def post_journal_entries(*, entries: Sequence[NewEntry], acting: Principal) -> list[JournalEntryBody]:
    """Posts all of the entries or none, in two calls for any number of them.

    Raises ValidationFailed with every fault of every entry; ResourceNotFound when all that is wrong is
    that accounts or documents do not exist; BusinessRuleViolation (`account_inactive`).
    """
    references = _resolve(entries)
    _check(entries, references)
    numbers = iter(
        journal_numbers([(e.reference, e.date.year) for e in entries if e.number is None], references.free_numbers)
    )
    now = current_tenant().now()
    bodies, rows = [], []
    for entry in entries:
        line_ids = [ids.new_id() for _ in entry.lines]
        body = _body(entry, entry.number or next(numbers), line_ids, references, now=now, acting=acting)
        bodies.append(body)
        rows.append(_row(entry, body, line_ids, references, acting=acting))
    if rehearsed := current_dry_run():
        rehearsed.journal_lines += [line for body in bodies for line in body.lines]
    call("SELECT ledger_post($1)", exact_json.encode(rows))
    return bodies


@dataclass(frozen=True, slots=True)
class _References:
    """What the entries name, found in one query."""

    accounts: dict[str, _Account]
    documents: dict[str, _Document]
    free_numbers: set[str]


def _names(prefix: str, texts: Iterable[str]) -> tuple[list[uuid.UUID], list[str]]:
    """Ids and natural keys among `texts`."""
    identifiers, keys = [], []
    for text in texts:
        identifier = ids.decode(prefix, text)
        key = ids.natural_key(prefix, text)
        if identifier:
            identifiers.append(identifier)
        if key:
            keys.append(key)
    return identifiers, keys


def _resolve(entries: Sequence[NewEntry]) -> _References:
    account_ids, codes = _names("acc", {line.account for entry in entries for line in entry.lines})
    document_ids, document_keys = _names("doc", {text for entry in entries for text in entry.attachments})
    wanted = [entry.reference for entry in entries if entry.reference and entry.number is None]
    names = {
        "account_ids": account_ids,
        "codes": codes,
        "document_ids": document_ids,
        "document_references": document_keys,
        "numbers": wanted,
    }
    found = _found_decoder.decode(call("SELECT ledger_resolve($1)", exact_json.encode(names)))
    return _References(
        {f"acc_{a.code}": a for a in found.accounts} | {ids.encode("acc", a.id): a for a in found.accounts},
        {f"doc_{d.reference}": d for d in found.documents} | {ids.encode("doc", d.id): d for d in found.documents},
        set(found.free_numbers),
    )


def _check(entries: Sequence[NewEntry], references: _References) -> None:
    faults: list[Detail] = []
    missing: list[Detail] = []
    inactive: list[Detail] = []
    for entry in entries:
        for position, text in enumerate(entry.attachments):
            if text not in references.documents:
                missing.append(Detail(f"There is no document {text}.", f"{entry.path}attachments[{position}]"))
        for position, line in enumerate(entry.lines):
            path = f"{entry.path}lines[{position}]"
            account = references.accounts.get(line.account)
            if account is None:
                missing.append(Detail(f"There is no account {line.account}.", f"{path}.account_id"))
                continue
            if not account.is_active:
                message = f"Account {account.code} is inactive and takes no posting."
                inactive.append(Detail(message, f"{path}.account_id", "account_inactive"))
            faults += _check_amounts(line, account, path)
        faults += _check_lines(entry, references)
    if faults:
        raise ValidationFailed(details=faults + missing + inactive)
    if missing:
        raise ResourceNotFound("A resource that the request names does not exist", missing)
    if inactive:
        raise BusinessRuleViolation(inactive[0].message, inactive)


def _check_amounts(line: NewLine, account: _Account, path: str) -> list[Detail]:
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


def _check_lines(entry: NewEntry, references: _References) -> list[Detail]:
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
    references: _References,
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


def _line_body(line_id: uuid.UUID, line: NewLine, account: _Account) -> JournalLineBody:
    return JournalLineBody(
        id=ids.encode("jel", line_id),
        account=AccountRef(ids.encode("acc", account.id), account.code, account.name),
        debit=money.to_currency(line.debit, account.currency),
        credit=money.to_currency(line.credit, account.currency),
        description=line.description,
    )


def _row(
    entry: NewEntry,
    body: JournalEntryBody,
    line_ids: Sequence[uuid.UUID],
    references: _References,
    *,
    acting: Principal,
) -> dict[str, Any]:
    """What `ledger_post` takes for one entry."""
    events = [build(ENTRY_POSTED, entry.id, body)]
    if entry.reversal_of:
        reversed_body = msgspec.structs.replace(entry.reversal_of.body, reversed_by=body.id)
        events.append(build(ENTRY_REVERSED, entry.reversal_of.id, reversed_body))
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
