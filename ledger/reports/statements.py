"""What balance sheet and income statement have in common: balances in base by account, and columns to compare."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Iterable
from decimal import Decimal
from typing import TypeVar

from msgspec import UNSET, Struct, UnsetType
from msgspec.structs import fields, replace

from bigledger.errors import ValidationFailed
from bigledger.periods import Comparison, month_end_before, period_before, year_before
from bigledger.postgres.execute import fetch_all
from ledger.models import DEBIT_TYPES, Account

T = TypeVar("T", bound=Struct)
ZERO = Decimal(0)
RESULT_ENDS = " ("  # what follows says whether the year is over
# Of what was posted without a rate nobody knows the worth in base; it is in no statement.
_BALANCES = """
SELECT a.id, a.code, a.name, a.type, a.subtype, b.base_net
FROM ledger_account a
JOIN ledger_balances_on(ARRAY(SELECT id FROM ledger_account WHERE tenant_id = app_tenant() AND type = ANY (%(types)s)),
                        %(day)s) b ON b.account = a.id
WHERE a.tenant_id = app_tenant()
"""


class StatementAccount(Struct):
    id: str
    code: str
    name: str


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


class AccountBalance(Struct):
    """`net` is debit less credit in base."""

    id: uuid.UUID
    code: str
    name: str
    type: str
    subtype: str
    net: Decimal

    @property
    def amount(self) -> Decimal:
        """Positive on the side on which accounts of the type grow."""
        return self.net if self.type in DEBIT_TYPES else -self.net

    @property
    def shown(self) -> StatementAccount:
        return StatementAccount(Account.public_id_of(self.id), self.code, self.name)


def balances_on(day: datetime.date, types: Iterable[str]) -> dict[uuid.UUID, AccountBalance]:
    """The balance of every account of these types at the end of `day`, by account."""
    rows = fetch_all(_BALANCES, {"day": day, "types": list(types)})
    return {row[0]: AccountBalance(*row) for row in rows}


def movements(start: datetime.date, end: datetime.date, types: Iterable[str]) -> dict[uuid.UUID, AccountBalance]:
    """As `balances_on`, for what was posted from `start` to `end`."""
    found = balances_on(end, types)
    for key, before in balances_on(start - datetime.timedelta(days=1), types).items():
        found[key].net -= before.net
    return found


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


def beside(now: list[FinancialStatementRow], then: list[FinancialStatementRow]) -> list[FinancialStatementRow]:
    """The rows of `now`, each beside its figure of `then`, and after those of its section what only `then` has."""
    earlier = {_key(row): row for row in then}
    rows = []
    for row in now:
        found = earlier.pop(_key(row), None)
        rows.append(_compared(row, row.amount, found.amount if found else abs(row.amount) * 0))
    rows += [_compared(row, abs(row.amount) * 0, row.amount) for row in earlier.values()]
    sections = list(dict.fromkeys(row.section for row in [*now, *then]))
    return sorted(rows, key=lambda row: sections.index(row.section))


def _key(row: FinancialStatementRow) -> tuple[str, str]:
    # The result of a year is the same row whether the year is over or not.
    return row.section, row.account.id if row.account else row.label.partition(RESULT_ENDS)[0]


def _compared(row: FinancialStatementRow, amount: Decimal, previous: Decimal) -> FinancialStatementRow:
    row.amount, row.previous, row.change = amount, previous, amount - previous
    return row


def set_beside(totals: T, previous: T) -> T:
    """The totals with those of the other period, and what changed."""
    names = [field.name for field in fields(totals) if field.name not in ("previous", "change")]
    changes = {name: getattr(totals, name) - getattr(previous, name) for name in names}
    return replace(totals, previous=previous, change=type(totals)(**changes))
