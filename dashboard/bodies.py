"""The dashboard, as the API, the socket and the page show it. Amounts are in the base currency unless one is named."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Annotated

from msgspec import Struct

from bigledger.api.bodies import Body
from bigledger.closed_lists import one_of
from invoicing.models import InvoiceStatus, PaymentMethod, PaymentStatus

StatusOfInvoice = Annotated[str, one_of("InvoiceStatus", InvoiceStatus.values)]
StatusOfPayment = Annotated[str, one_of("PaymentStatus", PaymentStatus.values)]
Method = Annotated[str, one_of("PaymentMethod", PaymentMethod.values)]


class DashboardAccount(Struct):
    id: str
    code: str
    name: str
    balance: Decimal


class DashboardCash(Struct):
    """What there is at the end of today on the accounts that hold cash."""

    total: Decimal
    accounts: list[DashboardAccount]


class DashboardAging(Struct):
    """What is due, by the days since it was due."""

    current: Decimal
    days_1_30: Decimal
    days_31_60: Decimal
    days_61_90: Decimal
    days_over_90: Decimal


class DashboardReceivables(Struct):
    """What is due on issued invoices in one currency. Credit that is not applied yet is not taken off."""

    currency: str
    total: Decimal
    overdue: Decimal
    open_invoices: int
    overdue_invoices: int
    aging: DashboardAging


class DashboardRevenue(Struct):
    """Operating revenue of this month up to today, of the whole month before, and of that up to the same day."""

    this_month: Decimal
    last_month: Decimal
    last_month_to_same_day: Decimal


class DashboardMonth(Struct):
    """How cash changed in the month of `month`, its first day, and what there was at its end, or is today."""

    month: datetime.date
    change: Decimal
    balance: Decimal


class DashboardInvoice(Struct):
    id: str
    number: str
    customer_id: str
    customer_name: str
    status: StatusOfInvoice
    due_date: datetime.date
    currency: str
    total: Decimal
    amount_due: Decimal
    sent_at: datetime.datetime


class DashboardPayment(Struct):
    id: str
    customer_id: str
    customer_name: str
    status: StatusOfPayment
    method: Method
    date: datetime.date
    currency: str
    amount: Decimal


class DashboardEntry(Struct):
    id: str
    number: str
    date: datetime.date
    description: str
    currency: str
    total: Decimal
    posted_at: datetime.datetime


class DashboardBody(Body):
    """The figures hold exactly the events up to `as_of_seq`, and `unnumbered_events` that are committed and have no
    number yet; mostly none. `receivables` are in the base currency, `foreign_receivables` in each other one."""

    as_of_seq: int
    unnumbered_events: int
    as_of_date: datetime.date
    currency: str
    cash: DashboardCash
    receivables: DashboardReceivables
    foreign_receivables: list[DashboardReceivables]
    revenue: DashboardRevenue
    cash_flow: list[DashboardMonth]
    latest_invoices: list[DashboardInvoice]
    latest_payments: list[DashboardPayment]
    latest_entries: list[DashboardEntry]
