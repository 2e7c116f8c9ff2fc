"""The dashboard as the page shows it: amounts grouped, days in words. `static/dashboard/dashboard.js` says the same."""

from __future__ import annotations

import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from dashboard.bodies import DashboardBody, DashboardInvoice, DashboardReceivables
from invoicing.models.invoices import OPEN_STATUSES
from invoicing.selectors.formatting import format_amount

_AGES = (
    ("current", "Not yet due"),
    ("days_1_30", "1 to 30 days"),
    ("days_31_60", "31 to 60 days"),
    ("days_61_90", "61 to 90 days"),
    ("days_over_90", "Over 90 days"),
)
_METHODS = {"bank_transfer": "Bank transfer", "cash": "Cash", "check": "Check", "card": "Card"}
_STATES = {"written_off": "Written off", "partially_refunded": "Partly refunded"}


def shown(body: DashboardBody) -> dict[str, Any]:
    """What the template takes."""
    base = body.currency
    return {
        "body": body,
        "as_of": as_of(body),
        "today": day(body.as_of_date),
        **headlines(body),
        "accounts": [
            {"code": account.code, "name": account.name, "balance": amount(account.balance, base)}
            for account in body.cash.accounts
            if account.balance
        ],
        "open_invoices": counted(body.receivables.open_invoices, "open invoice"),
        "overdue_invoices": counted(body.receivables.overdue_invoices, "overdue invoice"),
        "last_month": amount(body.revenue.last_month, base),
        "comparison": comparison(body.revenue.this_month, body.revenue.last_month_to_same_day),
        "aging": aging(body.receivables),
        "foreign": [
            {
                "currency": row.currency,
                "total": amount(row.total, row.currency),
                "overdue": amount(row.overdue, row.currency),
            }
            for row in body.foreign_receivables
        ],
        "has_flow": any(row.change for row in body.cash_flow),
        "months": [
            {"month": f"{row.month:%b %Y}", "change": amount(row.change, base), "balance": amount(row.balance, base)}
            for row in body.cash_flow
        ],
        "invoices": [
            {
                "number": row.number,
                "customer": row.customer_name,
                "status": standing(row, body.as_of_date),
                "is_late": is_late(row, body.as_of_date),
                "amount": amount(row.total, row.currency),
                "currency": foreign(row.currency, base),
            }
            for row in body.latest_invoices
        ],
        "payments": [
            {
                "customer": row.customer_name,
                "method": _METHODS[row.method],
                "status": "" if row.status == "received" else state(row.status),
                "is_late": row.status == "failed",
                "date": day(row.date),
                "amount": amount(row.amount, row.currency),
                "currency": foreign(row.currency, base),
            }
            for row in body.latest_payments
        ],
        "entries": [
            {
                "number": row.number,
                "description": row.description,
                "date": day(row.date),
                "amount": amount(row.total, row.currency),
                "currency": foreign(row.currency, base),
            }
            for row in body.latest_entries
        ],
    }


def headlines(body: DashboardBody) -> dict[str, str]:
    """The four figures, and in which size each fits its place."""
    figures = {
        "cash": body.cash.total,
        "receivables": body.receivables.total,
        "overdue": body.receivables.overdue,
        "revenue": body.revenue.this_month,
    }
    texts = {name: amount(value, body.currency) for name, value in figures.items()}
    return texts | {f"{name}_size": size(text) for name, text in texts.items()}


def size(text: str) -> str:
    """`s` for up to 12 characters, `m` up to 16, `l` up to 20, else `xl`."""
    return next((name for name, most in (("s", 12), ("m", 16), ("l", 20)) if len(text) <= most), "xl")


def as_of(body: DashboardBody) -> str:
    """How exact the figures are: every event up to one, and what is on its way into the log."""
    newer = f" and {counted(body.unnumbered_events, 'newer change')}" if body.unnumbered_events else ""
    return f"Exact as of event {body.as_of_seq:,}{newer}"


def amount(value: Decimal, currency: str) -> str:
    return format_amount(value, currency)


def day(value: datetime.date) -> str:
    return f"{value.day} {value:%b %Y}"


def state(name: str) -> str:
    return _STATES.get(name, name.capitalize())


def is_late(invoice: DashboardInvoice, today: datetime.date) -> bool:
    """Whether it is overdue, also before the job that marks invoices has come to it."""
    return invoice.status in OPEN_STATUSES and invoice.due_date < today


def standing(invoice: DashboardInvoice, today: datetime.date) -> str:
    """Of an invoice, within a sentence: `overdue since 23 Nov 2026`."""
    if invoice.status not in OPEN_STATUSES:
        return state(invoice.status).lower()
    return f"{'overdue since' if is_late(invoice, today) else 'due'} {day(invoice.due_date)}"


def foreign(currency: str, base: str) -> str:
    """The currency where it has to be said: where it is not the base currency."""
    return "" if currency == base else currency


def counted(number: int, thing: str) -> str:
    """`1 open invoice`, `1,204 open invoices`, `No open invoices`."""
    return f"{f'{number:,}' if number else 'No'} {thing}{'' if number == 1 else 's'}"


def comparison(this_month: Decimal, before: Decimal) -> str:
    """`12 % more than by this day last month`."""
    if not this_month:
        return "None yet this month"
    if before <= 0:
        return "No revenue by this day last month"
    percent = ((this_month - before) * 100 / before).quantize(Decimal(1), ROUND_HALF_UP)
    if not percent:
        return "As much as by this day last month"
    return f"{abs(percent):,} % {'more' if percent > 0 else 'less'} than by this day last month"


def aging(receivables: DashboardReceivables) -> list[dict[str, Any]]:
    """A row for each age; `share` is its part of the longest bar, in thousandths."""
    amounts = {name: getattr(receivables.aging, name) for name, _ in _AGES}
    most = max(amounts.values())
    return [
        {
            "name": name,
            "label": label,
            "amount": amount(amounts[name], receivables.currency),
            "is_zero": not amounts[name],
            "share": int(amounts[name] * 1000 / most) if most else 0,
        }
        for name, label in _AGES
    ]
