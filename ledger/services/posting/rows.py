"""An entry as its callers see it, and as `ledger_post` takes it."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from bigledger import ids, money
from bigledger.access.models import User
from bigledger.access.principal import Principal
from bigledger.tenants.context import current_tenant
from ledger.bodies import JournalEntryBody, JournalLineBody
from ledger.models import Document, JournalEntry, JournalLine, LockException
from ledger.selectors import plain
from ledger.services.posting.conversion import Worth, worths
from ledger.services.posting.entries import ZERO, NewEntry, NewLine
from ledger.services.references import NamedAccount, References


def written(
    entries: Sequence[NewEntry], proposed: Iterator[str], references: References, acting: Principal
) -> tuple[list[JournalEntryBody], list[dict[str, Any]]]:
    """What the callers see, and what `ledger_post` takes."""
    tenant = current_tenant()
    now, base = tenant.now(), tenant.base_currency
    bodies, rows = [], []
    for entry in entries:
        line_ids = [ids.new_id() for _ in entry.lines]
        found = worths(entry, references.accounts, base)
        number = entry.number or next(proposed)
        body = _body(entry, number, line_ids, references, found, base=base, now=now, acting=acting)
        bodies.append(body)
        rows.append(_row(entry, body, line_ids, references, found, base=base, acting=acting))
    return bodies, rows


def _body(
    entry: NewEntry,
    number: str,
    line_ids: Sequence[uuid.UUID],
    references: References,
    found: Sequence[Worth],
    *,
    base: str,
    now: datetime.datetime,
    acting: Principal,
) -> JournalEntryBody:
    lines = [
        _line_body(line_id, line, references.accounts[line.account], worth, base)
        for line_id, line, worth in zip(line_ids, entry.lines, found, strict=True)
    ]
    currency = found[0].currency
    if all(worth.currency == currency for worth in found):
        total = sum((line.debit for line in lines), ZERO)
    else:
        currency = base
        total = sum((w.base or ZERO for line, w in zip(entry.lines, found, strict=True) if line.debit), ZERO)
        total = money.to_currency(total, base)
    created_by = entry.created_by_id or acting.user_id
    return JournalEntryBody(
        id=JournalEntry.public_id_of(entry.id),
        number=number,
        reference=entry.reference,
        date=entry.date,
        description=entry.description,
        status="posted",
        currency=currency,
        total_debit=total,
        total_credit=total,
        is_balanced=True,
        created_by=User.public_id_of(created_by),
        metadata=dict(entry.metadata or {}),
        created_at=entry.created_at or now,
        updated_at=now,
        posted_at=now,
        reversal_of=JournalEntry.public_id_of(entry.reversal_of.id) if entry.reversal_of else None,
        reversed_by=None,
        reversal_reason=entry.reversal_reason or None,
        source=entry.source,
        requested_date=entry.requested_date,
        lock_exception_id=LockException.public_id_of(entry.lock_exception_id),
        closing_year=entry.closing_year,
        reverse_on=entry.reverse_on,
        attachments=[Document.public_id_of(references.documents[text].id) for text in entry.attachments],
        lines=lines,
    )


def _line_body(line_id: uuid.UUID, line: NewLine, account: NamedAccount, worth: Worth, base: str) -> JournalLineBody:
    debit, credit = money.to_currency(line.debit, worth.currency), money.to_currency(line.credit, worth.currency)
    base_debit: Decimal | None = debit
    base_credit: Decimal | None = credit
    if worth.base is None:
        base_debit = base_credit = None
    elif worth.currency != base:
        base_debit = money.to_currency(worth.base if line.debit else ZERO, base)
        base_credit = money.to_currency(worth.base if line.credit else ZERO, base)
    return JournalLineBody(
        id=JournalLine.public_id_of(line_id),
        account=account.shown,
        debit=debit,
        credit=credit,
        currency=worth.currency,
        exchange_rate=None if worth.rate is None else plain(worth.rate),
        base_debit=base_debit,
        base_credit=base_credit,
        description=line.description,
    )


def _row(
    entry: NewEntry,
    body: JournalEntryBody,
    line_ids: Sequence[uuid.UUID],
    references: References,
    found: Sequence[Worth],
    *,
    base: str,
    acting: Principal,
) -> dict[str, Any]:
    """What `ledger_post` takes for one entry."""
    seldom = {
        "requested_date": entry.requested_date,
        "lock_exception_id": entry.lock_exception_id,
        "closing_year": entry.closing_year,
        "reverse_on": entry.reverse_on,
        "scope": entry.scope,
        "metadata": entry.metadata or None,
    }
    return {name: value for name, value in seldom.items() if value is not None} | {
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
            _line_row(line_id, line, written, references.accounts[line.account], worth, base)
            for line_id, line, written, worth in zip(line_ids, entry.lines, body.lines, found, strict=True)
        ],
    }


def _line_row(
    line_id: uuid.UUID, line: NewLine, body: JournalLineBody, account: NamedAccount, worth: Worth, base: str
) -> dict[str, Any]:
    row = {
        "id": line_id,
        "account_id": account.id,
        "debit": body.debit,
        "credit": body.credit,
        "description": line.description,
    }
    if worth.currency == base and account.currency != base:
        return row | {"currency": base, "account_currency": account.currency}
    if worth.rate is None or worth.currency == base:
        return row
    return row | {
        "currency": worth.currency,
        "account_currency": account.currency,
        "base_debit": worth.base if line.debit or worth.base is None else ZERO,
        "base_credit": worth.base if line.credit or worth.base is None else ZERO,
        "exchange_rate": worth.rate,
    }
