"""The first picture and its changes look alike: `shown.py` and `shown.js` show the same of any dashboard."""

from __future__ import annotations

import datetime
import json
import random
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import sync_playwright

from bigledger import exact_json
from dashboard import bodies
from dashboard.shown import comparison, shown, size
from tests.scenarios.test_hosted_payment import _FLAGS, CHROMIUM

# One browser or whole system at a time.
pytestmark = pytest.mark.xdist_group("whole machine")

PROGRAM = Path(__file__).parents[2] / "dashboard" / "static" / "dashboard" / "shown.js"
STATUSES = ("sent", "overdue", "paid", "void", "written_off")
PAYMENTS = ("received", "failed", "refunded", "partially_refunded")
METHODS = ("bank_transfer", "cash", "check", "card")
ONLY_FOR_THE_TEMPLATE = {"body", "cash_size", "receivables_size", "overdue_size", "revenue_size"}


class Maker:
    """Dashboards at random: any amount that there can be, any state, any day."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.base = self.random.choice(["USD", "JPY", "BHD"])

    def amount(self, currency: str = "", *, can_be_negative: bool = True) -> Decimal:
        places = {"USD": 2, "JPY": 0, "BHD": 3}[currency or self.base]
        digits = self.random.choice([0, 1, 3, 6, 12, 15])
        units = self.random.randrange(10 ** (digits + places)) if digits else 0
        sign = -1 if can_be_negative and self.random.random() < 0.3 else 1
        return Decimal(sign * units).scaleb(-places)

    def day(self) -> datetime.date:
        return datetime.date(2024, 1, 1) + datetime.timedelta(days=self.random.randrange(900))

    def moment(self) -> datetime.datetime:
        return datetime.datetime.combine(self.day(), datetime.time(12), datetime.UTC)

    def receivables(self, currency: str) -> bodies.DashboardReceivables:
        ages = [self.amount(currency, can_be_negative=False) for _ in range(5)]
        count = self.random.choice([0, 1, 7, 1234])
        return bodies.DashboardReceivables(
            currency, sum(ages[1:], ages[0]), sum(ages[2:], ages[1]), count, count, bodies.DashboardAging(*ages)
        )

    def body(self) -> bodies.DashboardBody:
        pick, currencies = self.random.choice, ("USD", "JPY", "BHD")
        rows = range(self.random.randrange(4))
        return bodies.DashboardBody(
            as_of_seq=self.random.randrange(10_000_000),
            unnumbered_events=pick([0, 0, 1, 2500]),
            as_of_date=self.day(),
            currency=self.base,
            cash=bodies.DashboardCash(
                self.amount(), [bodies.DashboardAccount("acc_x", "1000", 'Till "1" \\ 2', self.amount()) for _ in rows]
            ),
            receivables=self.receivables(self.base),
            foreign_receivables=[self.receivables(currency) for currency in currencies if currency != self.base],
            revenue=bodies.DashboardRevenue(self.amount(), self.amount(), self.amount()),
            cash_flow=[bodies.DashboardMonth(self.day().replace(day=1), self.amount(), self.amount()) for _ in rows],
            latest_invoices=[self.invoice(pick(currencies)) for _ in rows],
            latest_payments=[self.payment(pick(currencies)) for _ in rows],
            latest_entries=[self.entry(pick(currencies)) for _ in rows],
        )

    def invoice(self, currency: str) -> bodies.DashboardInvoice:
        return bodies.DashboardInvoice(
            "inv_x", "INV-1", "cust_x", "Ada 12", self.random.choice(STATUSES), self.day(), currency,
            self.amount(currency), self.amount(currency), self.moment(),
        )  # fmt: skip

    def payment(self, currency: str) -> bodies.DashboardPayment:
        return bodies.DashboardPayment(
            "pay_x", "cust_x", "Bea", self.random.choice(PAYMENTS), self.random.choice(METHODS), self.day(), currency,
            self.amount(currency),
        )  # fmt: skip

    def entry(self, currency: str) -> bodies.DashboardEntry:
        text = self.random.choice(["", "Rent: -5.50", "買掛金"])
        return bodies.DashboardEntry("je_x", "JE-1", self.day(), text, currency, self.amount(currency), self.moment())


def by_program(texts: list[str]) -> Any:
    """What the page's program shows of each, in Chromium."""
    source = PROGRAM.read_text()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=_FLAGS)
        found = browser.new_page().evaluate(
            """async ({ source, texts }) => {
                 const program = await import(URL.createObjectURL(new Blob([source], { type: "text/javascript" })))
                 return texts.map((text) => {
                   const found = program.shown(program.parse(text))
                   return { ...found, sizes: ["cash", "revenue"].map((name) => program.size(found[name])) }
                 })
               }""",
            {"source": source, "texts": texts},
        )
        browser.close()
    return found


def by_template(body: bodies.DashboardBody) -> Any:
    found = {name: value for name, value in shown(body).items() if name not in ONLY_FOR_THE_TEMPLATE}
    for row in found["aging"]:
        del row["label"]
        row["share"] = str(row["share"])
    return found | {"sizes": [size(found["cash"]), size(found["revenue"])]}


def test_both_show_the_same() -> None:
    made = [Maker(seed).body() for seed in range(300)]

    found = by_program([exact_json.encode(body).decode() for body in made])

    for body, theirs in zip(made, found, strict=True):
        assert theirs == json.loads(json.dumps(by_template(body)))


@pytest.mark.parametrize(
    ("this_month", "before", "said"),
    [
        ("0", "5", "None yet this month"),
        ("5", "0", "No revenue by this day last month"),
        ("5", "-1", "No revenue by this day last month"),
        ("100", "100", "As much as by this day last month"),
        ("112", "100", "12 % more than by this day last month"),
        ("99.5", "100", "1 % less than by this day last month"),
        ("2000", "1", "199,900 % more than by this day last month"),
    ],
)
def test_revenue_is_compared_in_words(this_month: str, before: str, said: str) -> None:
    assert comparison(Decimal(this_month), Decimal(before)) == said
