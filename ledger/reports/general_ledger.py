"""The general ledger: every account with what it had before, its lines, and what it has after, in base.

A page holds at most `PAGE_LINES` lines, and its cursor says which event the first page stood on, so that all pages are
of one moment. As a table it is read line by line, in constant memory.
"""

from __future__ import annotations

import base64
import datetime
import uuid
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated, Any

from msgspec import DecodeError, Meta, Struct, json

from bigledger import money
from bigledger.api.lookup import find
from bigledger.errors import ValidationFailed
from bigledger.events.standing import fetch_standing, in_batches_standing
from bigledger.tables import Cell
from bigledger.tenants.context import current_tenant
from ledger.models import DEBIT_TYPES, Account, AccountType, JournalEntry, JournalLine
from ledger.reports.statements import ZERO, checked_period, day_of

PAGE_LINES = 1000
_SHOWN = """
SELECT a.id, a.code, a.name, a.type, f.base_nets, t.debit, t.credit
FROM ledger_figures(%(types)s, ARRAY[%(start)s::date - 1, COALESCE(%(after_day)s::date, %(start)s::date) - 1],
                    standing.known) f
JOIN ledger_accounts_known(standing.known) a ON a.id = f.account
JOIN ledger_turnover(
    ARRAY(SELECT id FROM ledger_account WHERE tenant_id = app_tenant()), %(start)s, %(end)s, standing.known
) t ON t.account = a.id
WHERE (%(account)s::uuid IS NULL OR a.id = %(account)s)
  AND (f.base_nets[1] <> 0 OR t.debit <> 0 OR t.credit <> 0)
"""
# The accounts in their order, the lines of the page, and what the first account of it had when the page before ended.
_PAGE = """
WITH shown AS MATERIALIZED ({shown}), rest AS (
    SELECT ARRAY(
        SELECT id FROM shown
        WHERE %(after_code)s::text IS NULL
           OR (code COLLATE "C", id) >= (%(after_code)s::text, %(after_account)s::uuid)
        ORDER BY code COLLATE "C", id
    ) AS ids
)
SELECT 1, id, code, name, type, base_nets[1], debit, credit, NULL::uuid, NULL::date, NULL::uuid, NULL, NULL FROM shown
UNION ALL
SELECT 2, id, NULL, NULL, NULL, base_nets[2] + COALESCE((
    SELECT sum(line.debit - line.credit)
    FROM ledger_lines(ARRAY[shown.id], %(after_day)s, %(after_day)s, standing.known, NULL, NULL, NULL) line
    WHERE line.id <= %(after_line)s), 0), NULL, NULL, NULL, NULL, NULL, NULL, NULL
FROM shown WHERE id = %(after_account)s AND %(after_line)s::uuid IS NOT NULL
UNION ALL
SELECT 3, line.account, NULL, NULL, NULL, NULL, line.debit, line.credit, line.id, line.day, line.entry, line.number,
    line.description
FROM rest, ledger_lines(rest.ids, %(start)s, %(end)s, standing.known, %(after_day)s, %(after_line)s, %(most)s) line
""".replace("{shown}", _SHOWN)
_ALL = """
SELECT shown.id, shown.code, shown.name, shown.type, shown.base_nets[1], line.id, line.day, line.number,
    line.description, line.debit, line.credit
FROM ({shown}) shown
LEFT JOIN LATERAL ledger_lines(ARRAY[shown.id], %(start)s, %(end)s, standing.known, NULL, NULL, NULL) line ON true
ORDER BY shown.code COLLATE "C", shown.id, line.day, line.id
""".replace("{shown}", _SHOWN)


class GeneralLedgerAccount(Struct):
    id: str
    code: str
    name: str
    type: str


class GeneralLedgerEntry(Struct):
    id: str
    number: str


class GeneralLedgerLine(Struct):
    """`balance` is the account's after the line, positive on its normal side."""

    id: str
    date: datetime.date
    entry: GeneralLedgerEntry
    description: str
    debit: Decimal
    credit: Decimal
    balance: Decimal


class GeneralLedgerRow(Struct):
    """An account, or as much of it as stands on the page: `opening` is what it had before the first line shown, and
    `closing` what it had after the last one."""

    account: GeneralLedgerAccount
    opening: Decimal
    lines: list[GeneralLedgerLine]
    closing: Decimal
    lines_url: str


class GeneralLedgerTotals(Struct):
    """Of the whole period, whatever the page."""

    debit: Decimal
    credit: Decimal


class GeneralLedger(Struct):
    """`next_cursor` is null on the last page."""

    type: str
    params: dict[str, Any]
    generated_at: datetime.datetime
    as_of_seq: int
    currency: str
    rows: list[GeneralLedgerRow]
    totals: GeneralLedgerTotals
    next_cursor: str | None


class _Place(Struct, array_like=True, forbid_unknown_fields=True):
    """The last line of a page, and the event that all pages stand on."""

    seq: Annotated[int, Meta(ge=0, lt=2**62)]
    code: Annotated[str, Meta(max_length=100, pattern=r"^[^\x00]*$")]
    account: uuid.UUID
    day: datetime.date
    line: uuid.UUID


def general_ledger(
    *,
    start: datetime.date | None = None,
    end: datetime.date | None = None,
    account_id: str | None = None,
    cursor: str | None = None,
    known_at: datetime.datetime | None = None,
) -> GeneralLedger:
    """Every account with its lines, from `from` (the first day of the fiscal year) to `to` (today), in the base
    currency.

    Raises ValidationFailed when `start` is after `end`, and for a cursor that is none; ResourceNotFound.
    """
    tenant = current_tenant()
    end = end or day_of(tenant, known_at)
    start = start or tenant.fiscal_year_of(end)[0]
    checked_period(start, end)
    account = find(Account.objects.all(), account_id) if account_id is not None else None
    place = _read(cursor) if cursor is not None else None
    shown = {"from": start, "to": end, "account_id": account and account.public_id, "cursor": cursor}
    params = {name: value for name, value in shown.items() if value is not None}
    wanted = {
        "types": AccountType.values,
        "start": start,
        "end": end,
        "account": account and account.id,
        "after_code": place and place.code,
        "after_account": place and place.account,
        "after_day": place and place.day,
        "after_line": place and place.line,
        "most": PAGE_LINES + 1,
    }
    standing, found = fetch_standing(_PAGE, wanted, known_at, seq=place.seq if place else None)
    accounts = sorted((row for row in found if row[0] == 1), key=lambda row: (row[2], row[1]))
    carried = {row[1]: row[5] for row in found if row[0] == 2}
    lines = [row for row in found if row[0] == 3]
    end_of_page = _end(standing.seq, accounts, lines)
    of: dict[uuid.UUID, list[tuple[Any, ...]]] = defaultdict(list)
    for line in lines[:PAGE_LINES]:
        of[line[1]].append(line)
    rows = [
        _row(account, carried.get(account[1], account[5]), of[account[1]], params, tenant.base_currency)
        for account in _on_page(accounts, lines[:PAGE_LINES], place, end_of_page)
    ]
    totals = GeneralLedgerTotals(
        *(money.to_currency(sum((row[n] for row in accounts), ZERO), tenant.base_currency) for n in (6, 7))
    )
    following = base64.urlsafe_b64encode(json.encode(end_of_page)).decode() if end_of_page else None
    return GeneralLedger(
        "general_ledger", params, standing.at, standing.seq, tenant.base_currency, rows, totals, following
    )


COLUMNS = (
    "row", "account_id", "account_code", "account_name", "date", "entry_number", "description", "debit", "credit",
    "balance",
)  # fmt: skip


def general_ledger_table(report: GeneralLedger) -> Iterator[list[Cell]]:
    """The same, whole, as of the same event: the names of the columns, then for each account a row `opening`, its
    lines, and `closing`.

    Inside a transaction. Raises ValidationFailed for a report that begins at a cursor.
    """
    if "cursor" in report.params:
        raise ValidationFailed.at("cursor", "A table is not divided into pages.", "incompatible")
    account_id = report.params.get("account_id")
    wanted = {
        "types": AccountType.values,
        "start": report.params["from"],
        "end": report.params["to"],
        "account": find(Account.objects.all(), account_id).id if account_id else None,
        "after_day": None,
    }
    return _table(in_batches_standing(_ALL, wanted, report.as_of_seq), report.currency)


def _table(rows: Iterator[tuple[Any, ...]], currency: str) -> Iterator[list[Cell]]:
    yield list(COLUMNS)
    head: list[Cell] | None = None
    is_debit, net = True, ZERO

    def ends(kind: str) -> list[Cell]:
        return [kind, *(head or ()), None, None, None, None, None, _signed(net, currency, is_debit=is_debit)]

    for account, code, name, type_, opening, line, day, number, description, debit, credit in rows:
        public_id = Account.public_id_of(account)
        if head is None or head[0] != public_id:
            if head is not None:
                yield ends("closing")
            head, is_debit, net = [public_id, code, name], type_ in DEBIT_TYPES, opening
            yield ends("opening")
        if line is not None:
            net += debit - credit
            amounts = (money.to_currency(debit, currency), money.to_currency(credit, currency))
            yield ["line", *head, day, number, description, *amounts, _signed(net, currency, is_debit=is_debit)]
    if head is not None:
        yield ends("closing")


def _read(cursor: str) -> _Place:
    try:
        return json.decode(base64.b64decode(cursor, altchars=b"-_", validate=True), type=_Place)
    except (ValueError, DecodeError):
        raise ValidationFailed.at("cursor", "Must be a next_cursor of this report.", "invalid") from None


def _end(seq: int, accounts: list[tuple[Any, ...]], lines: list[tuple[Any, ...]]) -> _Place | None:
    """Where the page ends, when there are more lines than it holds."""
    if len(lines) <= PAGE_LINES:
        return None
    last = lines[PAGE_LINES - 1]
    code = next(account[2] for account in accounts if account[1] == last[1])
    return _Place(seq, code, last[1], last[9], last[8])


def _on_page(
    accounts: list[tuple[Any, ...]], lines: list[tuple[Any, ...]], begin: _Place | None, end: _Place | None
) -> Iterator[tuple[Any, ...]]:
    """From the account in which the page before ended, when more of it follows, to the one in which this page ends."""
    first = (begin.code, begin.account) if begin else None
    last = (end.code, end.account) if end else None
    goes_on = bool(lines) and begin is not None and lines[0][1] == begin.account
    for account in accounts:
        key = (account[2], account[1])
        if (first is None or key > first or (key == first and goes_on)) and (last is None or key <= last):
            yield account


def _row(
    account: tuple[Any, ...], net: Decimal, lines: list[tuple[Any, ...]], params: dict[str, Any], currency: str
) -> GeneralLedgerRow:
    """`net` is what the account had before the first of its lines on the page."""
    _, key, code, name, type_, *_rest = account
    is_debit = type_ in DEBIT_TYPES
    begin = _signed(net, currency, is_debit=is_debit)
    shown = []
    for *_rest, debit, credit, line, day, entry, number, description in lines:
        net += debit - credit
        shown.append(
            GeneralLedgerLine(
                id=JournalLine.public_id_of(line),
                date=day,
                entry=GeneralLedgerEntry(JournalEntry.public_id_of(entry), number),
                description=description,
                debit=money.to_currency(debit, currency),
                credit=money.to_currency(credit, currency),
                balance=_signed(net, currency, is_debit=is_debit),
            )
        )
    public_id = Account.public_id_of(key)
    return GeneralLedgerRow(
        account=GeneralLedgerAccount(public_id, code, name, type_),
        opening=begin,
        lines=shown,
        closing=_signed(net, currency, is_debit=is_debit),
        lines_url=f"/v1/accounts/{public_id}/ledger?date[gte]={params['from']}&date[lte]={params['to']}",
    )


def _signed(net: Decimal, currency: str, *, is_debit: bool) -> Decimal:
    return money.to_currency(net if is_debit else ZERO - net, currency)
