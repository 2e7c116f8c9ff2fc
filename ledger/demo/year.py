"""A year in the life of a small shop: the same entries for the same year, by arithmetic and not by chance.

Each thing owed is settled later (an order by a payment, a purchase by a payment, tax withheld by a
remittance), which is what makes the books plausible. Amounts stand by account code: debits are positive,
credits negative. What is sold on account is here as `Order`s alone: their invoices and payments post the rest.
"""

from __future__ import annotations

import calendar
import datetime
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from ledger.models import Account
from ledger.services.posting import NewEntry, NewLine

CASH = "1000"
CASH_AT_END = Decimal("50000.00")
MONTHS = 12
_CENT = Decimal("0.01")
_COST_SHARE = Decimal("0.38")
SALES_TAX_RATE = Decimal("0.08")
_LOAN, _PRINCIPAL, _LOAN_MONTHLY_RATE = Decimal("60000.00"), Decimal("1000.00"), Decimal("0.005")
_PAYMENT_TERM = datetime.timedelta(days=30)
# Business by month of the calendar in percent: a quiet January, a busy December.
_SEASON = dict(enumerate((82, 86, 95, 98, 101, 104, 97, 92, 103, 107, 113, 128), start=1))
_ORDERS = (
    (3, "Bright Dental", "3640.00"), (7, "Harbor Hotels", "7480.00"), (11, "Northwind Schools", "5225.00"),
    (15, "Cedar Clinics", "3090.00"), (19, "Lakeside Builders", "8460.00"), (24, "Summit Logistics", "4975.00"),
)  # fmt: skip
_BILLS = (
    (5, "SOFTWARE", "Software subscriptions", "6220", "489.00"),
    (9, "SUPPLIES", "Paper and toner", "6200", "143.60"),
    (12, "ADVERTISING", "Search advertising", "6300", "850.00"),
    (16, "UTILITIES", "Power and water", "6110", "612.35"),
    (18, "TELEPHONE", "Lines and mobiles", "6120", "238.90"),
    (21, "CLEANING", "Cleaning of office and shop", "6140", "320.00"),
    (22, "VANS", "Fuel and service of the vans", "6620", "405.75"),
    (26, "TRAVEL", "Visits to customers", "6600", "364.20"),
)
Amounts = Mapping[str, Decimal]


@dataclass(frozen=True)
class Order:
    """Goods sold on account on `date` for `net` before tax, which are paid for on `received`, a few days late."""

    position: int
    date: datetime.date
    customer: str
    net: Decimal

    @property
    def reference(self) -> str:
        return f"ORDER-{self.date:%Y-%m}-{self.position}"

    @property
    def receipt(self) -> str:
        """The reference of the entry of its payment, so that the `JE-` numbers stay free."""
        return f"RECEIPT-{self.date:%m}-{self.position}-{self.received:%Y-%m}"

    @property
    def tax(self) -> Decimal:
        return (self.net * SALES_TAX_RATE).quantize(_CENT, ROUND_HALF_UP)

    @property
    def received(self) -> datetime.date:
        return self.date + _PAYMENT_TERM + datetime.timedelta(days=self.position)


def year_of_entries(today: datetime.date) -> list[NewEntry]:
    """The entries of the twelve months before the present one, by date, those brought forward first.

    References name what an entry is (`RENT-2025-03`), so that the `JE-` numbers stay free. Cash ends on
    exactly 50,000.00: the balance brought forward is what the year's movements, with the payments of orders, leave
    of it.
    """
    end = today.replace(day=1)
    first = end.replace(year=end.year - 1)
    plan = [*_brought_forward(first)]
    for number, month in enumerate(_months(today)):
        plan += _month(number, month)
    entries = sorted((entry for entry in plan if entry.date < end), key=lambda entry: entry.date)
    moved = sum(
        line.debit - line.credit for entry in entries for line in entry.lines if line.account == Account.named(CASH)
    )
    moved += sum((order.net + order.tax for order in orders_of_year(today) if order.received < end), Decimal(0))
    return [_opening(first, CASH_AT_END - moved), *entries]


def orders_of_year(today: datetime.date) -> list[Order]:
    """The year's orders, by date. Those that are received after it are not paid yet."""
    return [order for number, month in enumerate(_months(today)) for order in _orders(number, month)]


def _months(today: datetime.date) -> list[datetime.date]:
    """The first days of the twelve months before the present one."""
    months = today.year * 12 + today.month - 1
    return [datetime.date(month // 12, month % 12 + 1, 1) for month in range(months - MONTHS, months)]


def _entry(date: datetime.date, reference: str, description: str, amounts: Amounts) -> NewEntry:
    zero = Decimal(0)
    return NewEntry(
        date=date,
        reference=f"{reference}-{date:%Y-%m}",
        description=description,
        lines=[
            NewLine(Account.named(code), debit=max(amount, zero), credit=max(-amount, zero), description=description)
            for code, amount in amounts.items()
        ],
    )


def _money(text: str, percent: int = 100) -> Decimal:
    return (Decimal(text) * percent / 100).quantize(_CENT)


def _share(amount: Decimal, rate: Decimal) -> Decimal:
    return (amount * rate).quantize(_CENT)


def _on(month: datetime.date, day: int) -> datetime.date:
    """That day of the month, or its last."""
    return month.replace(day=min(day, calendar.monthrange(month.year, month.month)[1]))


def _next(month: datetime.date) -> datetime.date:
    return (month + datetime.timedelta(days=31)).replace(day=1)


def _opening(first: datetime.date, cash: Decimal) -> NewEntry:
    balances = {
        CASH: cash, "1020": _money("25000"), "1220": _money("34350"), "1400": _money("41200"),
        "1530": _money("48000"), "1540": _money("9600"), "1550": _money("14400"), "1560": _money("36000"),
        "1590": _money("-32500"), "1710": _money("10000"), "2000": _money("-14900"), "2200": _money("-3480"),
        "2400": _money("-3900"), "2700": -_LOAN, "3000": _money("-40000"),
    }  # fmt: skip
    balances["3200"] = -sum(balances.values(), Decimal(0))
    return _entry(first, "OPENING", "Balances brought forward", balances)


def _brought_forward(first: datetime.date) -> Iterator[NewEntry]:
    """What was owed before the year began is settled in its first month."""
    received, paid = _money("34350"), _money("14900")
    yield _entry(_on(first, 12), "RECEIPT-0", "Receivables of last year", {CASH: received, "1220": -received})
    yield _entry(_on(first, 8), "SUPPLIER-0", "Suppliers of last year", {"2000": paid, CASH: -paid})
    yield _entry(_on(first, 10), "PAYROLLTAX", "Payroll taxes", {"2400": _money("3900"), CASH: _money("-3900")})
    yield _entry(_on(first, 20), "SALESTAX", "Sales tax remitted", {"2200": _money("3480"), CASH: _money("-3480")})
    yield _entry(_on(first, 2), "PREMIUM", "Insurance for the year", {"1450": _money("7200"), CASH: _money("-7200")})


def _month(number: int, month: datetime.date) -> Iterator[NewEntry]:
    """The entries of the month with this number, counted from 0."""
    yield from _running_costs(number, month)
    yield from _payroll(number, month)
    cost = Decimal(0)
    taxes = sum((order.tax for order in _orders(number, month)), Decimal(0))
    for entry in (*_order_entries(number, month), *_shop(number, month)):
        yield entry
        taxes += sum((line.credit for line in entry.lines if line.account == "acc_2200"), Decimal(0))
        cost += sum((line.credit for line in entry.lines if line.account == "acc_1400"), Decimal(0))
    yield _entry(_on(_next(month), 20), "SALESTAX", "Sales tax remitted", {"2200": taxes, CASH: -taxes})
    bought = _share(cost, Decimal("0.98"))
    arrived = _on(month, 13)
    yield _entry(arrived, "PURCHASE", "Goods for stock", {"1400": bought, "2000": -bought})
    yield _entry(arrived + _PAYMENT_TERM, "SUPPLIER", "Suppliers paid", {"2000": bought, CASH: -bought})
    if number % 3 == 2:
        audit, dividend = _money("1250"), _money("14500")
        yield _entry(_on(month, 23), "ADVISERS", "Quarterly accounts", {"6410": audit, CASH: -audit})
        yield _entry(_on(month, 29), "DIVIDEND", "Quarterly dividend", {"3300": dividend, CASH: -dividend})


def _running_costs(number: int, month: datetime.date) -> Iterator[NewEntry]:
    rent, last = _money("5000"), _on(month, 31)
    yield _entry(month, "RENT", "Monthly rent payment", {"6100": rent, CASH: -rent})
    for day, reference, description, code, usual in _BILLS:
        amount = _money(usual, 94 + (number * 7 + day) % 13)
        yield _entry(_on(month, day), reference, description, {code: amount, CASH: -amount})
    interest = _share(_LOAN - number * _PRINCIPAL, _LOAN_MONTHLY_RATE)
    instalment = {"2700": _PRINCIPAL, "8000": interest, CASH: -_PRINCIPAL - interest}
    yield _entry(_on(month, 25), "LOAN", "Instalment of the equipment loan", instalment)
    depreciation, premium, fee, earned = _money("1350"), _money("600"), _money("35"), _money("41.67")
    yield _entry(last, "DEPRECIATION", "Depreciation of fixed assets", {"6500": depreciation, "1590": -depreciation})
    yield _entry(last, "INSURANCE", "Insurance used up", {"6430": premium, "1450": -premium})
    yield _entry(last, "BANK", "Account fees", {"6240": fee, CASH: -fee})
    yield _entry(last, "INTEREST", "Interest on savings", {"1020": earned, "4900": -earned})


def _season(number: int, month: datetime.date) -> int:
    return _SEASON[month.month] + number  # a point of growth a month


def _orders(number: int, month: datetime.date) -> Iterator[Order]:
    for position, (day, customer, usual) in enumerate(_ORDERS, start=1):
        yield Order(position, _on(month, day), customer, _money(usual, _season(number, month) + position))


def _order_entries(number: int, month: datetime.date) -> Iterator[NewEntry]:
    for order in _orders(number, month):
        cost, what = _share(order.net, _COST_SHARE), f"Order of {order.customer}"
        yield _entry(order.date, f"COST-{order.position}", f"{what}: goods", {"5000": cost, "1400": -cost})


def _shop(number: int, month: datetime.date) -> Iterator[NewEntry]:
    season = _season(number, month)
    for week in range(1, 5):
        date, gross = _on(month, week * 7 - 1), _money("3268.00", season + week)
        net = _share(gross, 1 / (1 + SALES_TAX_RATE))
        fee, cost = _share(gross, Decimal("0.027")), _share(net, _COST_SHARE)
        yield _entry(date, f"SHOP-{week}", "Shop sales by card", {"1050": gross, "4100": -net, "2200": net - gross})
        yield _entry(date, f"SHOPCOST-{week}", "Goods sold in the shop", {"5000": cost, "1400": -cost})
        paid_out = {CASH: gross - fee, "6250": fee, "1050": -gross}
        yield _entry(date + datetime.timedelta(days=1), f"CARDS-{week}", "Card settlement", paid_out)


def _payroll(number: int, month: datetime.date) -> Iterator[NewEntry]:
    gross = _money("6400" if number < MONTHS // 2 else "6650")  # a rise at half-time
    withheld, share = _share(gross, Decimal("0.22")), _share(gross, Decimal("0.0765"))
    pay = {"6000": gross, "6010": share, "2400": -withheld - share, CASH: withheld - gross}
    yield _entry(_on(month, 15), "PAYROLL-1", "Payroll, first half", pay)
    yield _entry(_on(month, 31), "PAYROLL-2", "Payroll, second half", pay)
    due = 2 * (withheld + share)
    yield _entry(_on(_next(month), 10), "PAYROLLTAX", "Payroll taxes", {"2400": due, CASH: -due})
