"""What of the sales is to be settled before a period is closed."""

from __future__ import annotations

import datetime
from collections.abc import Iterator

from bigledger.postgres.execute import fetch_all
from invoicing.models import RecurringInvoice
from invoicing.reports.aged_receivables import aged_receivables
from ledger.bodies import ChecklistItem
from ledger.models import Account, AccountPurpose

_BALANCES = "SELECT COALESCE(sum(net), 0) FROM ledger_balances_on(%s, %s)"


def items(end: datetime.date) -> Iterator[ChecklistItem]:
    """Credit that no invoice has, recurring invoices that are due, and receivables that differ from open invoices."""
    currencies = sorted(
        set(Account.objects.filter(purpose=AccountPurpose.ACCOUNTS_RECEIVABLE).values_list("currency", flat=True))
    )
    aged = {currency: aged_receivables(as_of=end, currency=currency) for currency in currencies}
    yield ChecklistItem(
        name="unapplied_credit",
        message="Customers have credit that is applied to no invoice.",
        count=sum(bool(row.amounts.unapplied_credit) for report in aged.values() for row in report.rows),
        blocking=False,
        url=f"/v1/reports/aged_receivables?as_of={end}",
    )
    yield ChecklistItem(
        name="recurring_invoices",
        message="Recurring invoices are due in the period and not issued yet.",
        count=RecurringInvoice.objects.filter(next_date__lte=end, status="active").count(),
        blocking=False,
        url="/v1/recurring-invoices?status=active",
    )
    yield ChecklistItem(
        name="receivables",
        message="The receivable account differs from the open invoices.",
        count=sum(report.totals.total != _receivable(currency, end) for currency, report in aged.items()),
        blocking=True,
        url=f"/v1/reports/aged_receivables?as_of={end}",
    )


def _receivable(currency: str, end: datetime.date) -> object:
    accounts = Account.objects.filter(purpose=AccountPurpose.ACCOUNTS_RECEIVABLE, currency=currency)
    return fetch_all(_BALANCES, [list(accounts.values_list("id", flat=True)), end])[0][0]
