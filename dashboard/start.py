"""The dashboard's figures on the start page of the back office."""

from __future__ import annotations

from decimal import Decimal

from bigledger.access.admin_start import Figure, Months, Start
from bigledger.typesetting.formatting import format_amount
from dashboard.selectors import dashboard

_MONTHS = "Change in cash by month"


def start() -> Start:
    body = dashboard()
    today, month = body.as_of_date, body.as_of_date.replace(day=1)
    due, revenue = body.receivables, body.revenue
    aged = f"/v1/reports/aged_receivables?as_of={today}"
    before = format_amount(revenue.last_month_to_same_day, body.currency)
    return Start(
        [
            Figure("Cash", body.cash.total, _number(len(body.cash.accounts), "account"), "/v1/reports/cash_flow"),
            Figure("Receivables", due.total, _number(due.open_invoices, "open invoice"), aged),
            Figure("Overdue", due.overdue, _number(due.overdue_invoices, "invoice"), "/v1/invoices?status=overdue"),
            Figure(
                "Revenue this month",
                revenue.this_month,
                f"{before} at this day of last month",
                f"/v1/reports/income_statement?from={month}&to={today}",
            ),
        ],
        months=Months(_MONTHS, [(row.month, Decimal(row.change)) for row in body.cash_flow]),
    )


def _number(count: int, name: str) -> str:
    return f"{count:,} {name}{'' if count == 1 else 's'}"
