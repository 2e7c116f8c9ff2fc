"""The year's end: the result moves to retained earnings with one entry, which reopening reverses."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Iterator
from decimal import Decimal

from django.db import transaction
from django.db.models import QuerySet

from bigledger import money
from bigledger.access.principal import Principal
from bigledger.errors import BusinessRuleViolation
from bigledger.events.record import record
from bigledger.postgres.execute import fetch_all
from bigledger.tenants.context import current_tenant
from bigledger.tenants.locks import lock
from bigledger.tenants.models import Tenant
from ledger.bodies import FiscalYearBody
from ledger.events import YEAR_CLOSED, YEAR_REOPENED
from ledger.models import Account, AccountPurpose, JournalEntry
from ledger.reports.income_statement import RESULT_TYPES, income_statement
from ledger.rules import PERIOD_NOT_OVER, YEAR_ALREADY_CLOSED, YEAR_NOT_CLOSED
from ledger.services.accounts import ensure_purpose_account
from ledger.services.periods.closing import OWNERS_ONLY, close_months
from ledger.services.posting import NewEntry, NewLine, post_journal_entry
from ledger.services.reversal import reverse_journal_entry

# What the accounts of the result hold of the year: in their own currency and in base. An entry that closed the year
# before is part of it, so closing again moves what came since.
_RESULTS = """
WITH wanted AS (
    SELECT array_agg(id) AS ids FROM ledger_account WHERE tenant_id = app_tenant() AND type = ANY (%(types)s)
), net AS (
    SELECT account, net, base_net FROM wanted, ledger_balances_on(ids, %(end)s)
    UNION ALL
    SELECT account, -net, -base_net FROM wanted, ledger_balances_on(ids, %(before)s)
)
SELECT a.code, a.currency, sum(net), sum(base_net)
FROM net JOIN ledger_account a ON a.tenant_id = app_tenant() AND a.id = net.account
GROUP BY a.code, a.currency HAVING sum(base_net) <> 0 ORDER BY a.code
"""
_RATE_PLACES = Decimal("1e-10")


@transaction.atomic
def close_year(*, year: int, acting: Principal) -> FiscalYearBody:
    """Closes the months of the fiscal year that begins in `year` and moves its result to retained earnings.

    Closing a closed year again, after somebody posted under an exception, moves the rest. Raises BusinessRuleViolation:
    `period_not_over`, `year_already_closed` when there is nothing to do, `period_closed` when the last month is locked.
    """
    start, end = _span(year)
    if end >= current_tenant().today():
        raise BusinessRuleViolation.of(PERIOD_NOT_OVER, period=f"The fiscal year {year}", end=end)
    lock("year")
    newly_closed = close_months(end, "all", acting)
    lines = list(_closing_lines(start, end, acting))
    if not lines and not newly_closed:
        raise BusinessRuleViolation.of(YEAR_ALREADY_CLOSED, year=year)
    if lines:
        description = f"Closing of the fiscal year {year}"
        entry = NewEntry(date=end, lines=lines, description=description, closing_year=year)
        post_journal_entry(entry=entry, acting=acting)
    body = fiscal_year(year)
    record(YEAR_CLOSED, _year_id(year), body, acting=acting)
    return body


@transaction.atomic
def reopen_year(*, year: int, reason: str, acting: Principal) -> FiscalYearBody:
    """Reverses what closed the year, on the same day. Its months stay closed, to be reopened one by one.

    Only owners may. Raises PermissionDenied; BusinessRuleViolation: `year_not_closed`, `period_closed` when the last
    month is locked.
    """
    acting.require("write", OWNERS_ONLY)
    lock("year")
    closing = list(_closing_entries(year))
    if not closing:
        raise BusinessRuleViolation.of(YEAR_NOT_CLOSED, year=year)
    for entry in closing:
        reverse_journal_entry(entry=entry, reason=reason, date=entry.date, closing_year=year, acting=acting)
    body = fiscal_year(year)
    record(YEAR_REOPENED, _year_id(year), body, acting=acting)
    return body


def fiscal_year(year: int) -> FiscalYearBody:
    """The year and its result, which its closing entry does not change."""
    start, end = _span(year)
    closing = _closing_entries(year).last()
    return FiscalYearBody(
        id=f"fy_{year}",
        year=year,
        start=start,
        end=end,
        status="closed" if closing else "open",
        currency=current_tenant().base_currency,
        net_income=income_statement(start=start, end=end).totals.net_income,
        closing_entry_id=closing.public_id if closing else None,
    )


def _span(year: int) -> tuple[datetime.date, datetime.date]:
    tenant = current_tenant()
    return tenant.fiscal_year_of(datetime.date(year, tenant.fiscal_year_start_month, 1))


def _closing_entries(year: int) -> QuerySet[JournalEntry]:
    """Those that are in force."""
    found = JournalEntry.objects.filter(closing_year=year, reversal_of=None, reversals=None)
    return found.order_by("posted_at", "id")


def _closing_lines(start: datetime.date, end: datetime.date, acting: Principal) -> Iterator[NewLine]:
    """Each account of the result to zero, and the result to retained earnings."""
    tenant = current_tenant()
    before = start - datetime.timedelta(days=1)
    result = Decimal(0)
    for code, currency, net, base_net in fetch_all(
        _RESULTS, {"types": list(RESULT_TYPES), "end": end, "before": before}
    ):
        line = _to_zero(code, currency, net, base_net, tenant)
        if line:
            result += base_net
            yield line
    if result:
        account = ensure_purpose_account(AccountPurpose.RETAINED_EARNINGS, tenant.base_currency, acting=acting)
        yield _on_side(account.public_id, money.to_currency(result, tenant.base_currency))


def _to_zero(code: str, currency: str, net: Decimal, base_net: Decimal, tenant: Tenant) -> NewLine | None:
    if currency == tenant.base_currency:
        return _on_side(Account.named(code), -money.to_currency(base_net, currency))
    if net * base_net <= 0:
        return None  # what has no amount in its own currency cannot be posted to such an account
    base = money.to_currency(abs(base_net), tenant.base_currency)
    rate = (base / abs(net)).quantize(_RATE_PLACES)
    return _on_side(Account.named(code), -money.to_currency(net, currency), rate, base)


def _on_side(
    account: str, debit_less_credit: Decimal, rate: Decimal | None = None, base: Decimal | None = None
) -> NewLine:
    debit, credit = max(debit_less_credit, Decimal(0)), max(-debit_less_credit, Decimal(0))
    return NewLine(account, debit=debit, credit=credit, exchange_rate=rate, base_amount=base)


def _year_id(year: int) -> uuid.UUID:
    """One id for all events of a tenant's fiscal year, which is no row."""
    return uuid.uuid5(current_tenant().id, f"fiscal year {year}")
