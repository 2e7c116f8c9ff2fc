"""Reads that are more than a filter. All run in the tenant of the transaction."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import NamedTuple

from bigledger import money
from bigledger.access.models import User
from bigledger.postgres.execute import fetch_all
from bigledger.tenants.context import current_tenant
from ledger.bodies import (
    AccountBody,
    AccountRef,
    DocumentBody,
    EntryTemplateBody,
    ExchangeRateBody,
    FxRevaluationBody,
    FxRevaluationRowBody,
    JournalEntryBody,
    JournalLineBody,
    LedgerLineBody,
    RecurringEntryBody,
    TemplateLineBody,
)
from ledger.models import (
    Account,
    Attachment,
    Document,
    DraftLine,
    EntryStatus,
    ExchangeRate,
    FxRevaluation,
    FxRevaluationRow,
    JournalEntry,
    JournalLine,
    LockException,
    RecurringEntry,
    RecurringEntryLine,
)

_BALANCES = "SELECT account, net, base_net FROM ledger_balances_on(%s, 'infinity')"


class Balance(NamedTuple):
    """Debit less credit, in the currency of the account and in base."""

    net: Decimal
    base_net: Decimal


NOTHING = Balance(Decimal(0), Decimal(0))


def balances(account_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, Balance]:
    """Of each account, today and in all days to come."""
    return {account: Balance(net, base_net) for account, net, base_net in fetch_all(_BALANCES, [list(account_ids)])}


def account_bodies(accounts: Sequence[Account]) -> list[AccountBody]:
    """Two queries for any number of accounts (the rows and their balances)."""
    found = balances([account.id for account in accounts])
    return [account_body(account, found.get(account.id, NOTHING)) for account in accounts]


def account_body(account: Account, balance: Balance) -> AccountBody:
    sign = 1 if account.normal_balance == "debit" else -1
    return AccountBody(
        id=account.public_id,
        code=account.code,
        name=account.name,
        type=account.type,
        subtype=account.subtype,
        cash_flow=account.cash_flow,
        currency=account.currency,
        balance=money.to_currency(sign * balance.net, account.currency),
        base_balance=money.to_currency(sign * balance.base_net, current_tenant().base_currency),
        normal_balance=account.normal_balance,
        description=account.description,
        parent_id=Account.public_id_of(account.parent_id) if account.parent_id else None,
        purpose=account.purpose or None,
        is_active=account.is_active,
        is_reconcilable=account.is_reconcilable,
        metadata=account.metadata,
        created_at=account.created_at,
        updated_at=account.updated_at,
    )


def journal_entry_bodies(entries: Sequence[JournalEntry]) -> list[JournalEntryBody]:
    """A constant number of queries for any number of entries."""
    entry_ids = [entry.id for entry in entries]
    lines: dict[uuid.UUID, list[JournalLineBody]] = defaultdict(list)
    drafts = [entry.id for entry in entries if entry.status == EntryStatus.DRAFT]
    for rows in (
        JournalLine.objects.filter(entry_id__in=entry_ids),
        DraftLine.objects.filter(entry_id__in=drafts),
    ):
        for line in rows.select_related("account").order_by("entry_id", "position"):
            lines[line.entry_id].append(_line_body(line))
    attachments: dict[uuid.UUID, list[str]] = defaultdict(list)
    for attachment in Attachment.objects.filter(entry_id__in=entry_ids).order_by("id"):
        attachments[attachment.entry_id].append(Document.public_id_of(attachment.document_id))
    reversals = dict(JournalEntry.objects.filter(reversal_of_id__in=entry_ids).values_list("reversal_of_id", "id"))
    return [
        journal_entry_body(entry, lines[entry.id], attachments[entry.id], reversals.get(entry.id)) for entry in entries
    ]


def journal_entry_body(
    entry: JournalEntry,
    lines: list[JournalLineBody],
    attachments: list[str],
    reversed_by: uuid.UUID | None = None,
) -> JournalEntryBody:
    debit = money.to_currency(entry.total_debit, entry.currency)
    credit = money.to_currency(entry.total_credit, entry.currency)
    return JournalEntryBody(
        id=entry.public_id,
        number=entry.number,
        reference=entry.reference,
        date=entry.date,
        description=entry.description,
        status=entry.status,
        currency=entry.currency,
        total_debit=debit,
        total_credit=credit,
        is_balanced=debit == credit,
        created_by=User.public_id_of(entry.created_by_id),
        metadata=entry.metadata,
        created_at=entry.created_at,
        updated_at=entry.updated_at,
        posted_at=entry.posted_at,
        reversal_of=JournalEntry.public_id_of(entry.reversal_of_id) if entry.reversal_of_id else None,
        reversed_by=JournalEntry.public_id_of(reversed_by) if reversed_by else None,
        reversal_reason=entry.reversal_reason or None,
        source=entry.source,
        requested_date=entry.requested_date,
        lock_exception_id=LockException.public_id_of(entry.lock_exception_id),
        closing_year=entry.closing_year,
        reverse_on=entry.reverse_on,
        attachments=attachments,
        lines=lines,
    )


def _line_body(line: JournalLine | DraftLine) -> JournalLineBody:
    currency = line.currency or line.account.currency
    rate = line.exchange_rate
    base_debit, base_credit = _base_amounts(line)
    return JournalLineBody(
        id=line.public_id,
        account=AccountRef(line.account.public_id, line.account.code, line.account.name),
        debit=money.to_currency(line.debit, currency),
        credit=money.to_currency(line.credit, currency),
        currency=currency,
        exchange_rate=None if rate is None else plain(rate),
        base_debit=base_debit,
        base_credit=base_credit,
        description=line.description,
    )


def _base_amounts(line: JournalLine | DraftLine) -> tuple[Decimal | None, Decimal | None]:
    """Debit and credit in base, as far as they are known."""
    if isinstance(line, JournalLine):
        base, debit, credit = line.base_currency, line.base_debit, line.base_credit
    elif line.base_amount is not None:
        base = current_tenant().base_currency
        debit, credit = (line.base_amount, line.base_amount * 0)[:: 1 if line.debit else -1]
    else:
        return None, None
    if debit is None or credit is None:
        return None, None
    return money.to_currency(debit, base), money.to_currency(credit, base)


def exchange_rate_bodies(rates: Iterable[ExchangeRate]) -> list[ExchangeRateBody]:
    return [
        ExchangeRateBody(
            id=rate.public_id,
            currency=rate.currency,
            quote_currency=rate.quote_currency,
            date=rate.date,
            type=rate.type,
            rate=plain(rate.rate),
            source=rate.source,
            metadata=rate.metadata,
            created_at=rate.created_at,
            updated_at=rate.updated_at,
        )
        for rate in rates
    ]


def fx_revaluation_bodies(revaluations: Sequence[FxRevaluation]) -> list[FxRevaluationBody]:
    """Two queries for any number of revaluations (they and their rows)."""
    base = current_tenant().base_currency
    rows: dict[uuid.UUID, list[FxRevaluationRowBody]] = defaultdict(list)
    found = FxRevaluationRow.objects.filter(revaluation_id__in=[each.id for each in revaluations])
    for row in found.select_related("account").order_by("revaluation_id", "position"):
        account = row.account
        rows[row.revaluation_id].append(
            FxRevaluationRowBody(
                account=AccountRef(account.public_id, account.code, account.name),
                currency=account.currency,
                balance=money.to_currency(row.balance, account.currency),
                carrying_base=money.to_currency(row.carrying_base, base),
                exchange_rate=plain(row.exchange_rate),
                new_base=money.to_currency(row.new_base, base),
                difference=money.to_currency(row.difference, base),
            )
        )
    return [
        FxRevaluationBody(
            id=each.public_id,
            as_of=each.as_of,
            mode=each.mode,
            currency=base,
            difference=sum((row.difference for row in rows[each.id]), money.to_currency(Decimal(0), base)),
            journal_entry_id=JournalEntry.public_id_of(each.journal_entry_id),
            reversal_entry_id=JournalEntry.public_id_of(each.reversal_entry_id),
            settlement_entry_id=JournalEntry.public_id_of(each.settlement_entry_id),
            rows=rows[each.id],
            created_by=User.public_id_of(each.created_by_id),
            metadata=each.metadata,
            created_at=each.created_at,
        )
        for each in revaluations
    ]


def plain(number: Decimal) -> Decimal:
    """Without the zeros that a column adds: 1.0837, and 10 rather than 1E+1."""
    short = number.normalize()
    return short if short.as_tuple().exponent <= 0 else short.quantize(Decimal(1))  # type: ignore[operator]


def document_body(document: Document) -> DocumentBody:
    return DocumentBody(
        id=document.public_id,
        reference=document.reference,
        name=document.name,
        media_type=document.media_type,
        size_bytes=document.size_bytes,
        sha256=document.sha256,
        created_by=User.public_id_of(document.created_by_id),
        metadata=document.metadata,
        created_at=document.created_at,
    )


def recurring_entry_bodies(rows: Sequence[RecurringEntry]) -> list[RecurringEntryBody]:
    """One query more for any number of templates."""
    lines: dict[uuid.UUID, list[TemplateLineBody]] = defaultdict(list)
    found = RecurringEntryLine.objects.filter(recurring_id__in=[row.id for row in rows])
    for line in found.select_related("account").order_by("recurring_id", "position"):
        account = line.account
        lines[line.recurring_id].append(
            TemplateLineBody(
                account=AccountRef(account.public_id, account.code, account.name),
                debit=money.to_currency(line.debit, line.currency or account.currency),
                credit=money.to_currency(line.credit, line.currency or account.currency),
                currency=line.currency or account.currency,
                description=line.description,
            )
        )
    return [
        RecurringEntryBody(
            id=row.public_id,
            template=EntryTemplateBody(row.description, lines[row.id]),
            status=row.status,
            frequency=row.frequency,
            start_date=row.start_date,
            end_date=row.end_date,
            next_date=row.next_date,
            occurrences=row.occurrences,
            auto_post=row.is_posted,
            on_closed_period=row.on_closed_period,
            pause_reason=row.pause_reason or None,
            latest_entry_id=JournalEntry.public_id_of(row.latest_entry_id),
            created_by=User.public_id_of(row.created_by_id),
            metadata=row.metadata,
            created_at=row.created_at,
            updated_at=row.updated_at,
        )
        for row in rows
    ]


def document_bodies(documents: Iterable[Document]) -> list[DocumentBody]:
    return [document_body(document) for document in documents]


# The kept balance of the day before, the lines of the day itself before the first given one, and from there line by
# line, those between that are not asked for included.
_BALANCES_AFTER = """
SELECT id, balance FROM (
    SELECT line.id, before.net + COALESCE((
            SELECT sum(CASE early.currency WHEN early.account_currency THEN early.debit - early.credit
                            WHEN early.base_currency THEN 0 ELSE early.base_debit - early.base_credit END)
            FROM ledger_journalline early
            WHERE early.tenant_id = app_tenant() AND early.account_id = span.account AND early.date = span.first_date
              AND early.id < span.first_id), 0)
        + sum(CASE line.currency WHEN line.account_currency THEN line.debit - line.credit
                   WHEN line.base_currency THEN 0 ELSE line.base_debit - line.base_credit END)
            OVER (PARTITION BY span.account ORDER BY line.date, line.id) AS balance
    FROM unnest(%(accounts)s::uuid[], %(first_dates)s::date[], %(first_ids)s::uuid[], %(last_dates)s::date[],
            %(last_ids)s::uuid[]) AS span(account, first_date, first_id, last_date, last_id)
    CROSS JOIN LATERAL ledger_balances_on(ARRAY[span.account], span.first_date - 1) AS before
    JOIN ledger_journalline line ON line.tenant_id = app_tenant() AND line.account_id = span.account
        AND line.date BETWEEN span.first_date AND span.last_date
        AND (line.date, line.id) >= (span.first_date, span.first_id)
        AND (line.date, line.id) <= (span.last_date, span.last_id)
) lines WHERE id = ANY (%(wanted)s)
"""


def of_account(line: JournalLine) -> tuple[Decimal, Decimal]:
    """Debit and credit in the currency of the account: base amounts for a foreign line on an account in base, nothing
    for a line of a revaluation."""
    if line.currency == line.account_currency:
        return line.debit, line.credit
    if line.currency == line.base_currency:
        return Decimal(0), Decimal(0)
    return line.base_debit or Decimal(0), line.base_credit or Decimal(0)


def ledger_line_bodies(lines: Sequence[JournalLine]) -> list[LedgerLineBody]:
    """Lines with the balance of their account after each.

    One query for the balances; `entry` and `account` are expected to be loaded with the lines.
    """
    by_account: dict[uuid.UUID, list[JournalLine]] = defaultdict(list)
    for line in lines:
        by_account[line.account_id].append(line)
    spans = [sorted(several, key=lambda line: (line.date, line.id)) for several in by_account.values()]
    params = {
        "accounts": list(by_account),
        "first_dates": [span[0].date for span in spans],
        "first_ids": [span[0].id for span in spans],
        "last_dates": [span[-1].date for span in spans],
        "last_ids": [span[-1].id for span in spans],
        "wanted": [line.id for line in lines],
    }
    after: dict[uuid.UUID, Decimal] = dict(fetch_all(_BALANCES_AFTER, params)) if spans else {}
    return [_ledger_line_body(line, *of_account(line), after[line.id]) for line in lines]


def _ledger_line_body(line: JournalLine, debit: Decimal, credit: Decimal, balance: Decimal) -> LedgerLineBody:
    account = line.account
    signed = balance if account.normal_balance == "debit" else -balance
    return LedgerLineBody(
        id=line.public_id,
        date=line.date,
        journal_entry_id=line.entry.public_id,
        journal_entry_number=line.entry.number,
        description=line.description or line.entry.description,
        debit=money.to_currency(debit, account.currency),
        credit=money.to_currency(credit, account.currency),
        balance=money.to_currency(signed, account.currency),
        currency=account.currency,
        base_debit=money.to_currency(line.base_debit or Decimal(0), line.base_currency),
        base_credit=money.to_currency(line.base_credit or Decimal(0), line.base_currency),
        events_url=f"/v1/journal-entries/{line.entry.public_id}/events",
    )
