"""The figures of the dashboard, read in one statement."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Iterable
from decimal import Decimal
from itertools import accumulate

from msgspec import Struct, json

from bigledger import money
from bigledger.postgres.execute import fetch_one
from bigledger.tenants.context import current_tenant
from customers.models import Customer
from dashboard.bodies import (
    DashboardAccount,
    DashboardAging,
    DashboardBody,
    DashboardCash,
    DashboardEntry,
    DashboardInvoice,
    DashboardMonth,
    DashboardPayment,
    DashboardReceivables,
    DashboardRevenue,
)
from invoicing.models import Invoice, Payment
from ledger.models import Account, JournalEntry

LATEST = 8  # rows of each list
_ZERO = Decimal(0)


class _Account(Struct):
    id: uuid.UUID
    code: str
    name: str
    balance: Decimal


class _Month(Struct):
    month: datetime.date
    change: Decimal


class _Revenue(Struct):
    this_month: Decimal
    last_month: Decimal
    last_month_to_same_day: Decimal


class _Receivables(Struct):
    currency: str
    open_invoices: int
    overdue_invoices: int
    current: Decimal
    days_1_30: Decimal
    days_31_60: Decimal
    days_61_90: Decimal
    days_over_90: Decimal


class _Invoice(Struct):
    id: uuid.UUID
    number: str
    customer_id: uuid.UUID
    customer_name: str
    status: str
    due_date: datetime.date
    currency: str
    total: Decimal
    amount_due: Decimal
    sent_at: datetime.datetime


class _Payment(Struct):
    id: uuid.UUID
    customer_id: uuid.UUID
    customer_name: str
    status: str
    method: str
    date: datetime.date
    currency: str
    amount: Decimal


class _Entry(Struct):
    id: uuid.UUID
    number: str
    date: datetime.date
    description: str
    currency: str
    total: Decimal
    posted_at: datetime.datetime


class _Figures(Struct):
    """What `dashboard_figures()` answers (`sql/figures.sql`)."""

    as_of_seq: int
    unnumbered_events: int
    cash: list[_Account]
    opening: Decimal
    months: list[_Month]
    revenue: _Revenue
    receivables: list[_Receivables]
    invoices: list[_Invoice]
    payments: list[_Payment]
    entries: list[_Entry]


_figures = json.Decoder(_Figures)


def dashboard() -> DashboardBody:
    """The figures of the tenant in context, today, and the number of the last event that is in them."""
    tenant = current_tenant()
    today, base = tenant.today(), tenant.base_currency
    (text,) = fetch_one("SELECT dashboard_figures(%s, %s, %s)", [today, base, LATEST])
    found = _figures.decode(text)
    by_currency = {row.currency: _receivables(row) for row in found.receivables}
    nothing = _receivables(_Receivables(base, 0, 0, *[_ZERO] * 5))
    return DashboardBody(
        as_of_seq=found.as_of_seq,
        unnumbered_events=found.unnumbered_events,
        as_of_date=today,
        currency=base,
        cash=_cash(found.cash, base),
        receivables=by_currency.pop(base, nothing),
        foreign_receivables=list(by_currency.values()),
        revenue=DashboardRevenue(
            money.to_currency(found.revenue.this_month, base),
            money.to_currency(found.revenue.last_month, base),
            money.to_currency(found.revenue.last_month_to_same_day, base),
        ),
        cash_flow=_cash_flow(found.opening, found.months, base),
        latest_invoices=[_invoice(row) for row in found.invoices],
        latest_payments=[_payment(row) for row in found.payments],
        latest_entries=[_entry(row) for row in found.entries],
    )


def _cash(accounts: Iterable[_Account], base: str) -> DashboardCash:
    shown = [
        DashboardAccount(
            Account.public_id_of(account.id), account.code, account.name, money.to_currency(account.balance, base)
        )
        for account in accounts
    ]
    return DashboardCash(money.to_currency(sum((account.balance for account in shown), _ZERO), base), shown)


def _cash_flow(opening: Decimal, months: list[_Month], base: str) -> list[DashboardMonth]:
    balances = list(accumulate((month.change for month in months), initial=opening))[1:]
    return [
        DashboardMonth(month.month, money.to_currency(month.change, base), money.to_currency(balance, base))
        for month, balance in zip(months, balances, strict=True)
    ]


def _receivables(row: _Receivables) -> DashboardReceivables:
    ages = [row.current, row.days_1_30, row.days_31_60, row.days_61_90, row.days_over_90]
    aging = DashboardAging(*(money.to_currency(amount, row.currency) for amount in ages))
    return DashboardReceivables(
        currency=row.currency,
        total=money.to_currency(sum(ages, _ZERO), row.currency),
        overdue=money.to_currency(sum(ages[1:], _ZERO), row.currency),
        open_invoices=row.open_invoices,
        overdue_invoices=row.overdue_invoices,
        aging=aging,
    )


def _invoice(row: _Invoice) -> DashboardInvoice:
    return DashboardInvoice(
        id=Invoice.public_id_of(row.id),
        number=row.number,
        customer_id=Customer.public_id_of(row.customer_id),
        customer_name=row.customer_name,
        status=row.status,
        due_date=row.due_date,
        currency=row.currency,
        total=money.to_currency(row.total, row.currency),
        amount_due=money.to_currency(row.amount_due, row.currency),
        sent_at=row.sent_at,
    )


def _payment(row: _Payment) -> DashboardPayment:
    return DashboardPayment(
        id=Payment.public_id_of(row.id),
        customer_id=Customer.public_id_of(row.customer_id),
        customer_name=row.customer_name,
        status=row.status,
        method=row.method,
        date=row.date,
        currency=row.currency,
        amount=money.to_currency(row.amount, row.currency),
    )


def _entry(row: _Entry) -> DashboardEntry:
    return DashboardEntry(
        id=JournalEntry.public_id_of(row.id),
        number=row.number,
        date=row.date,
        description=row.description,
        currency=row.currency,
        total=money.to_currency(row.total, row.currency),
        posted_at=row.posted_at,
    )
