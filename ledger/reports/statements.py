"""What the statements have in common: balances in base by account, and columns to compare."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import TypeVar

from msgspec import UNSET, Struct, UnsetType
from msgspec.structs import fields, replace

from bigledger.errors import ValidationFailed
from bigledger.events.standing import Standing, fetch_standing
from bigledger.periods import Comparison, month_end_before, period_before, year_before
from bigledger.tenants.models import Tenant
from bigledger.time_zones import zone
from ledger.models import DEBIT_TYPES, Account

T = TypeVar("T", bound=Struct)
ZERO = Decimal(0)
RESULT_ENDS = " ("  # what follows says whether the year is over
# Of what was posted without a rate nobody knows the worth in base; it is in no statement.
FIGURES = """
SELECT a.id, a.code, a.name, a.type, a.subtype, f.base_nets
FROM ledger_figures(%(types)s, %(days)s, standing.known) f
JOIN ledger_accounts_known(standing.known) a ON a.id = f.account
"""
FLOWS = """
SELECT a.id, a.code, a.name, a.type, a.subtype, f.base_nets, f.leaves_out
FROM ledger_flows(%(types)s, %(days)s, standing.known, %(closing)s) f
JOIN ledger_accounts_known(standing.known) a ON a.id = f.account
"""


class StatementAccount(Struct):
    id: str
    code: str
    name: str


class CashFlowRow(Struct, kw_only=True):
    """`amount` is in base and positive when cash comes in. `account` is null for the result of the period."""

    section: str
    account: StatementAccount | None
    label: str
    amount: Decimal
    lines_url: str
    previous: Decimal | UnsetType = UNSET
    change: Decimal | UnsetType = UNSET


class FinancialStatementRow(Struct, kw_only=True):
    """`amount` is in base and positive on the side on which the section grows. `previous` and `change` are there when
    the report is compared; `lines_url` lists the lines that make up the amount."""

    section: str
    subtype: str | None
    account: StatementAccount | None
    label: str
    amount: Decimal
    lines_url: str
    previous: Decimal | UnsetType = UNSET
    change: Decimal | UnsetType = UNSET


Row = TypeVar("Row", FinancialStatementRow, CashFlowRow)


class AccountFigures(Struct):
    """`nets` are debit less credit in base, at the end of each day that was asked for."""

    id: uuid.UUID
    code: str
    name: str
    type: str
    subtype: str
    nets: list[Decimal]

    @property
    def shown(self) -> StatementAccount:
        return StatementAccount(Account.public_id_of(self.id), self.code, self.name)

    def amount(self, day: int, since: int | None = None) -> Decimal:
        """At the end of the day at this place, or what it changed since that one; positive on the side on which
        accounts of the type grow."""
        net = self.nets[day] - (self.nets[since] if since is not None else ZERO)
        return net if self.type in DEBIT_TYPES else -net


class FlowFigures(AccountFigures):
    """`leaves_out` says whether lines of entries that close a year are left out."""

    leaves_out: bool


def flows_on(
    periods: Sequence[tuple[datetime.date, datetime.date]],
    types: Iterable[str],
    known_at: datetime.datetime | None,
    *,
    include_closing: bool,
) -> tuple[Standing, list[FlowFigures]]:
    """On what the figures stand, and every account of these types by code, with its balance at the end of the days of
    the periods (`days_of`), whose differences leave out entries that close a year.

    All of one moment: now, or as it was known at `known_at`.
    """
    wanted = {"days": days_of(*periods), "types": list(types), "closing": include_closing}
    standing, rows = fetch_standing(FLOWS, wanted, known_at)
    return standing, sorted((FlowFigures(*row) for row in rows), key=lambda found: found.code)


def day_of(tenant: Tenant, known_at: datetime.datetime | None) -> datetime.date:
    """The tenant's day at that moment, which is today when nothing is said."""
    return known_at.astimezone(zone(tenant.time_zone)).date() if known_at else tenant.today()


def days_of(*periods: tuple[datetime.date, datetime.date]) -> list[datetime.date]:
    """For each period the day before it and its last day."""
    return [day for start, end in periods for day in (start - datetime.timedelta(days=1), end)]


def checked_period(start: datetime.date, end: datetime.date) -> None:
    """Raises ValidationFailed when `start` is after `end`."""
    if start > end:
        raise ValidationFailed.at("from", "Must not be after to.", "out_of_range")


def compared_day(day: datetime.date, compare: Comparison) -> datetime.date:
    """The day that a report of `day` is compared with: the end of the month before, or the day one year before."""
    return month_end_before(day) if compare == "previous_period" else year_before(day)


def compared_period(
    start: datetime.date, end: datetime.date, compare: Comparison
) -> tuple[datetime.date, datetime.date]:
    """The period that one from `start` to `end` is compared with."""
    return period_before(start, end) if compare == "previous_period" else (year_before(start), year_before(end))


def beside(now: list[Row], then: list[Row]) -> list[Row]:
    """The rows of `now`, each beside its figure of `then`, and after those of its section what only `then` has."""
    earlier = {_key(row): row for row in then}
    rows = []
    for row in now:
        found = earlier.pop(_key(row), None)
        rows.append(_compared(row, row.amount, found.amount if found else abs(row.amount) * 0))
    rows += [_compared(row, abs(row.amount) * 0, row.amount) for row in earlier.values()]
    sections = list(dict.fromkeys(row.section for row in [*now, *then]))
    return sorted(rows, key=lambda row: sections.index(row.section))


def _key(row: Row) -> tuple[str, str]:
    # The result of a year is the same row whether the year is over or not.
    return row.section, row.account.id if row.account else row.label.partition(RESULT_ENDS)[0]


def _compared(row: Row, amount: Decimal, previous: Decimal) -> Row:
    row.amount, row.previous, row.change = amount, previous, amount - previous
    return row


def set_beside(totals: T, previous: T) -> T:
    """The totals with those of the other period, and what changed."""
    names = [field.name for field in fields(totals) if field.name not in ("previous", "change")]
    changes = {name: getattr(totals, name) - getattr(previous, name) for name in names}
    return replace(totals, previous=previous, change=type(totals)(**changes))
