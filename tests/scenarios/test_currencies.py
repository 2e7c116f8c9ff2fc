"""A customer in euros, in books that are kept in dollars. Every figure is worked by hand; a rate is USD for one EUR."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import Any

import pytest

from bigledger.postgres.execute import fetch_all
from bigledger.tenants.context import tenant_context
from invoicing.reports.soundness import CHECKS as SALES
from ledger.reports.soundness import CHECKS as BOOKS
from tests.breaking import contents
from tests.conftest import Caller
from tests.rates import keep_rate
from tests.sales import Shop

ISSUED, FIRST, SECOND = "2024-01-15", "2024-02-10", "2024-03-05"


@pytest.fixture
def shop(acme: Caller) -> Shop:
    """A euro was worth 1.10 USD when the invoice was issued, then 1.12, then 1.05."""
    acme.post("/v1/chart-templates/us/apply")
    for day, rate in ((ISSUED, "1.10"), (FIRST, "1.12"), (SECOND, "1.05")):
        keep_rate(acme, "EUR", rate, day)
    found = Shop(acme)
    found.customer(number="E", currency="EUR")
    found.customer(number="D")
    return found


def balances(shop: Shop, day: str = "2199-12-31") -> dict[str, Decimal]:
    """Debit less credit in base of each account, by its code."""
    found: dict[str, Decimal] = defaultdict(Decimal)
    for row in shop.read(f"/v1/reports/trial_balance?as_of={day}")["rows"]:
        found[row["account"]["code"]] = row["debit"] - row["credit"]
    return found


def in_euros(shop: Shop, code: str) -> Any:
    return shop.read(f"/v1/accounts/acc_{code}")["balance"]


def is_sound(shop: Shop) -> bool:
    """As `check_books` finds it, but for the events, which the caller's role does not see, and the numbers,
    which are taken on another connection."""
    params = {"tenant": shop.caller.tenant.id}
    with tenant_context(shop.caller.tenant):
        faults = [
            (name, *fault)
            for name, sql in (*BOOKS.items(), *SALES.items())
            if "events_" not in sql and "ledger_journalcounter" not in sql
            for fault in fetch_all(sql, params)
        ]
    assert faults == []
    return True


def invoice(shop: Shop, total: str = "1000.00", **fields: Any) -> Any:
    return shop.sent(total, customer="cust_E", invoice_date=ISSUED, due_date="2024-02-15", **fields)


def test_an_invoice_in_euros_is_posted_in_dollars_too(shop: Shop) -> None:
    """1,458.00 EUR at 1.10 are 1,603.80 USD: 1,350.00 of revenue is 1,485.00, 108.00 of tax 118.80."""
    made = shop.sent(customer="cust_E", invoice_date=ISSUED)

    assert (made["currency"], made["exchange_rate"], made["base_total"]) == ("EUR", Decimal("1.1"), Decimal("1603.80"))
    entry = shop.read(f"/v1/journal-entries/{made['journal_entry_id']}")
    assert [(line["account"]["name"], line["debit"] - line["credit"], line["base_debit"] - line["base_credit"])
            for line in entry["lines"]] == [
        ("Accounts Receivable (EUR)", Decimal("1458.00"), Decimal("1603.80")),
        ("Sales Revenue", Decimal("-1350.00"), Decimal("-1485.00")),
        ("Sales Tax Payable", Decimal("-108.00"), Decimal("-118.80")),
    ]  # fmt: skip
    assert is_sound(shop)


def test_paid_in_two_parts_at_other_rates(shop: Shop) -> None:
    """1,000.00 EUR at 1.10 are 1,100.00 USD. 400.00 of it are paid at 1.12, 448.00 for 440.00: 8.00 gained. The other
    600.00 at 1.05, 630.00 for 660.00: 30.00 lost. In all 22.00 lost, and nothing stays on the receivable."""
    made = invoice(shop)

    first = shop.pay("400.00", customer="cust_E", invoice_id=made["id"], date=FIRST)
    second = shop.pay("600.00", customer="cust_E", invoice_id=made["id"], date=SECOND)

    assert [row["realised_gain"] for row in (*first["applications"], *second["applications"])] == [
        Decimal("8.00"),
        Decimal("-30.00"),
    ]
    after_first, after = balances(shop, FIRST), balances(shop)
    assert (after_first["1200-EUR"], after_first["1000-EUR"]) == (Decimal("660.00"), Decimal("448.00"))
    assert (after["1200-EUR"], after["1000-EUR"]) == (0, Decimal("1078.00"))
    assert (after_first["8050"], after["8050"]) == (Decimal("-8.00"), Decimal("22.00"))
    assert (in_euros(shop, "1200-EUR"), in_euros(shop, "1000-EUR")) == (0, Decimal("1000.00"))
    assert sum(after.values()) == 0
    assert shop.again(made)["status"] == "paid"
    assert is_sound(shop)


def test_the_last_part_takes_what_rounding_left(shop: Shop) -> None:
    """0.05 EUR at 1.10 is 0.055, so 0.06 USD; paid in five parts of 0.01, each 0.011, so 0.01: the last takes 0.02."""
    made = invoice(shop, "0.05")

    gains = [
        shop.pay("0.01", customer="cust_E", invoice_id=made["id"], date=ISSUED)["applications"][0]["realised_gain"]
        for _ in range(5)
    ]

    assert gains == [0, 0, 0, 0, Decimal("-0.01")]
    assert (balances(shop)["1200-EUR"], balances(shop)["8050"]) == (0, Decimal("0.01"))
    assert is_sound(shop)


def test_taking_a_payment_off_takes_back_its_gain(shop: Shop) -> None:
    made = invoice(shop)
    payment = shop.pay("400.00", customer="cust_E", invoice_id=made["id"], date=FIRST)

    shop.post(f"/v1/payments/{payment['id']}/unapply", invoice_id=made["id"], date=SECOND)

    after = balances(shop)
    assert (after["1200-EUR"], after["2300-EUR"], after["8050"]) == (Decimal("1100.00"), Decimal("-448.00"), 0)
    assert balances(shop, FIRST)["8050"] == Decimal("-8.00")
    shop.post(f"/v1/payments/{payment['id']}/apply", invoice_id=made["id"], date=SECOND)
    assert balances(shop)["8050"] == Decimal("-8.00")
    assert is_sound(shop)


def test_a_refund_in_part_takes_back_its_part_of_the_gain(shop: Shop) -> None:
    """Of the 8.00 gained on 400.00 EUR, a refund of 100.00 takes back 2.00."""
    made = invoice(shop)
    payment = shop.pay("400.00", customer="cust_E", invoice_id=made["id"], date=FIRST)

    shop.post(f"/v1/payments/{payment['id']}/refund", amount=Decimal("100.00"), date=SECOND)

    after = balances(shop)
    assert (after["1200-EUR"], after["1000-EUR"], after["8050"]) == (
        Decimal("770.00"), Decimal("336.00"), Decimal("-6.00"),
    )  # fmt: skip
    assert is_sound(shop)


def test_a_void_payment_leaves_nothing(shop: Shop) -> None:
    made = invoice(shop)
    payment = shop.pay("1000.00", customer="cust_E", invoice_id=made["id"], date=FIRST)

    shop.post(f"/v1/payments/{payment['id']}/void", reason="Bounced", date=SECOND)

    after = balances(shop)
    assert (after["1200-EUR"], after["1000-EUR"], after["8050"]) == (Decimal("1100.00"), 0, 0)
    assert is_sound(shop)


def test_a_credit_note_of_a_later_day_has_its_own_rate(shop: Shop) -> None:
    """1,000.00 EUR credited at 1.12 are 1,120.00 USD off the revenue; the receivable had 1,100.00: 20.00 gained."""
    made = invoice(shop)

    shop.post("/v1/credit-notes", invoice_id=made["id"], date=FIRST)

    after = balances(shop)
    assert (after["1200-EUR"], after["2300-EUR"], after["4000"], after["8050"]) == (
        0, 0, Decimal("20.00"), Decimal("-20.00"),
    )  # fmt: skip
    assert is_sound(shop)


def test_a_bad_debt_is_lost_at_the_rate_of_the_invoice(shop: Shop) -> None:
    made = invoice(shop)
    lost = shop.post(f"/v1/invoices/{made['id']}/write-off", kind="bad_debt", reason="Gone", date=FIRST)

    assert (balances(shop)["1200-EUR"], lost["status"]) == (0, "written_off")
    shop.pay("1000.00", customer="cust_E", invoice_id=made["id"], date=SECOND)

    after = balances(shop)
    assert (after["1200-EUR"], after["1000-EUR"], after["8050"]) == (0, Decimal("1050.00"), Decimal("50.00"))
    assert is_sound(shop)


def test_a_customer_owes_in_every_currency(shop: Shop) -> None:
    """A customer in dollars is sent an invoice in euros, which only euros pay."""
    euros = shop.sent("100.00", customer="cust_D", currency="EUR", invoice_date=ISSUED)
    dollars = shop.sent("70.00", customer="cust_D", invoice_date=ISSUED)

    owing = shop.read("/v1/customers/cust_D")
    assert (owing["balance"], owing["balances"]) == (
        Decimal("70.00"),
        [{"currency": "EUR", "balance": Decimal("100.00")}, {"currency": "USD", "balance": Decimal("70.00")}],
    )
    before = contents(shop.caller)
    body = {"customer_id": "cust_D", "amount": 70, "method": "cash", "currency": "USD", "invoice_id": euros["id"]}
    refused = shop.caller.post("/v1/payments", body)
    assert (refused.status, refused.fields) == (400, ["invoice_id"])
    assert contents(shop.caller) == before
    shop.pay("100.00", customer="cust_D", invoice_id=euros["id"], date=FIRST)
    assert shop.read("/v1/customers/cust_D")["balances"] == [{"currency": "USD", "balance": Decimal("70.00")}]
    statement = shop.read("/v1/customers/cust_D/statement")
    assert statement["totals"]["closing_balance"] == dollars["total"]
    assert is_sound(shop)


def test_euros_may_come_in_on_an_account_in_dollars(shop: Shop) -> None:
    made = invoice(shop)

    shop.pay("1000.00", customer="cust_E", invoice_id=made["id"], date=FIRST, deposit_account_id="acc_1000")

    assert (balances(shop)["1000"], balances(shop)["8050"]) == (Decimal("1120.00"), Decimal("-20.00"))
    assert is_sound(shop)


def test_without_a_rate_nothing_is_sent(shop: Shop) -> None:
    draft = shop.invoice("10.00", customer="cust_E", invoice_date="2024-06-01")
    before = contents(shop.caller)

    refused = shop.caller.post(f"/v1/invoices/{draft['id']}/send", {})

    assert (refused.status, refused.error["details"][0]["rule"]) == (422, "rate_missing")
    assert contents(shop.caller) == before
    given = shop.done(shop.caller.patch(f"/v1/invoices/{draft['id']}", {"exchange_rate": Decimal("1.2")}))
    assert shop.send(given)["base_total"] == Decimal("12.00")


def test_paid_in_two_parts_across_month_ends(shop: Shop) -> None:
    """1,000.00 EUR at 1.10 are 1,100.00 USD. At the end of January a euro is 1.15: 50.00 more, which the first of
    February takes back. 400.00 paid at 1.12 gain 8.00. At the end of February a euro is 1.04: the 600.00 that are owed
    are 624.00 and not 660.00, the 400.00 in the bank 416.00 instead of 448.00; 68.00 less, taken back on the first of
    March. 600.00 paid at 1.05 lose 30.00."""
    keep_rate(shop.caller, "EUR", "1.15", "2024-01-31", type="closing")
    keep_rate(shop.caller, "EUR", "1.04", "2024-02-29")
    made = invoice(shop)

    january = shop.post("/v1/fx-revaluations", as_of="2024-01-31")
    shop.pay("400.00", customer="cust_E", invoice_id=made["id"], date=FIRST)
    february = shop.post("/v1/fx-revaluations", as_of="2024-02-29")
    shop.pay("600.00", customer="cust_E", invoice_id=made["id"], date=SECOND)

    names = ("balance", "carrying_base", "exchange_rate", "new_base", "difference")
    assert [[row["account"]["code"], *(row[name] for name in names)] for row in january["rows"]] == [
        ["1200-EUR", Decimal("1000.00"), Decimal("1100.00"), Decimal("1.15"), Decimal("1150.00"), Decimal("50.00")]
    ]
    assert [[row["account"]["code"], *(row[name] for name in names)] for row in february["rows"]] == [
        ["1000-EUR", Decimal("400.00"), Decimal("448.00"), Decimal("1.04"), Decimal("416.00"), Decimal("-32.00")],
        ["1200-EUR", Decimal("600.00"), Decimal("660.00"), Decimal("1.04"), Decimal("624.00"), Decimal("-36.00")],
    ]
    days = ("2024-01-31", "2024-02-01", "2024-02-29", "2024-03-01", "2024-03-31")
    found = [balances(shop, day) for day in days]
    receivable = [Decimal(n) for n in ("1150.00", "1100.00", "624.00", "660.00", "0.00")]
    bank = [Decimal(n) for n in ("0.00", "0.00", "416.00", "448.00", "1078.00")]
    unrealised = [Decimal(n) for n in ("-50.00", "0.00", "68.00", "0.00", "0.00")]
    realised = [Decimal(n) for n in ("0.00", "0.00", "-8.00", "-8.00", "22.00")]
    for code, figures in (("1200-EUR", receivable), ("1000-EUR", bank), ("8060", unrealised), ("8050", realised)):
        assert [each[code] for each in found] == figures, code
    assert all(sum(each.values()) == 0 for each in found)
    assert in_euros(shop, "1200-EUR") == 0
    for day in days:
        totals = shop.read(f"/v1/reports/balance_sheet?as_of={day}")["totals"]
        assert totals["assets"] == totals["liabilities"] + totals["equity"]
    assert is_sound(shop)


def test_a_revaluation_is_run_again_after_a_late_entry(shop: Shop) -> None:
    """1,000.00 EUR at 1.10, revalued at 1.15: 50.00. Then 200.00 EUR more of the same day: 10.00 more, and no more."""
    keep_rate(shop.caller, "EUR", "1.15", "2024-01-31", type="closing")
    invoice(shop)
    shop.post("/v1/fx-revaluations", as_of="2024-01-31")
    invoice(shop, "200.00")

    again = shop.post("/v1/fx-revaluations", as_of="2024-01-31")
    third = shop.post("/v1/fx-revaluations", as_of="2024-01-31")

    assert (again["difference"], third["difference"], third["journal_entry_id"]) == (Decimal("10.00"), 0, None)
    assert (balances(shop, "2024-01-31")["1200-EUR"], balances(shop)["1200-EUR"]) == (
        Decimal("1380.00"),
        Decimal("1320.00"),
    )
    assert is_sound(shop)


def test_what_is_settled_as_of_a_day_before_a_revaluation_is_worth_nothing_on_it(shop: Shop) -> None:
    """1,000.00 EUR at 1.10 are worth 50.00 more on 31 January, at 1.15, and 20.00 more on 10 February, at 1.12. Then it
    turns out that the customer paid on 20 January, at 1.12: 400.00, 448.00 for 440.00, and 600.00, 672.00 for 660.00.
    Until the second part is posted the revaluations stand. Then nothing is owed on either day, and nothing of them is
    left; 20.00 are gained. The next run finds the bank alone: 1,000.00 EUR, 1,120.00 USD, 30.00 more at 1.15."""
    days = ("2024-01-20", "2024-01-31", "2024-02-01", FIRST, "2024-02-11")
    keep_rate(shop.caller, "EUR", "1.12", "2024-01-20")
    keep_rate(shop.caller, "EUR", "1.15", "2024-01-31", type="closing")
    made = invoice(shop)
    january = shop.post("/v1/fx-revaluations", as_of="2024-01-31")
    shop.post("/v1/fx-revaluations", as_of=FIRST)

    shop.pay("400.00", customer="cust_E", invoice_id=made["id"], date="2024-01-20")
    found = [balances(shop, day)["1200-EUR"] for day in days]
    assert found == [Decimal(n) for n in ("660.00", "710.00", "660.00", "680.00", "660.00")]

    shop.pay("600.00", customer="cust_E", invoice_id=made["id"], date="2024-01-20")
    for day in days:
        after = balances(shop, day)
        figures = {code: after[code] for code in ("1200-EUR", "1000-EUR", "8050", "8060")}
        assert figures == {"1200-EUR": 0, "1000-EUR": Decimal("1120.00"), "8050": Decimal("-20.00"), "8060": 0}, day
    posted = shop.read("/v1/journal-entries?sort=number&limit=100")["data"]
    entries = [entry for entry in posted if entry["source"] == january["id"]]
    assert [(entry["date"], entry["total_debit"]) for entry in entries] == [
        ("2024-01-31", Decimal("50.00")), ("2024-02-01", Decimal("50.00")),
        ("2024-01-31", Decimal("50.00")), ("2024-02-01", Decimal("50.00")),
    ]  # fmt: skip
    assert entries[3]["reversal_of"] == entries[2]["id"]

    again = shop.post("/v1/fx-revaluations", as_of="2024-01-31")
    assert [(row["account"]["code"], row["difference"]) for row in again["rows"]] == [("1000-EUR", Decimal("30.00"))]
    assert [balances(shop, day)["1200-EUR"] for day in days] == [0] * 5
    assert is_sound(shop)


def test_what_is_left_in_base_on_an_empty_account_is_realised(shop: Shop) -> None:
    """1,000.00 EUR come in at 1.12 and go out at 1.05: 70.00 USD are left on an account without a euro: lost."""
    made = invoice(shop)
    shop.pay("1000.00", customer="cust_E", invoice_id=made["id"], date=FIRST)
    lines = [{"account_id": "acc_1000-EUR", "credit": 1000}, {"account_id": "acc_1000", "debit": 1050}]
    shop.post("/v1/journal-entries", date=SECOND, lines=lines)
    assert balances(shop, "2024-03-31")["1000-EUR"] == Decimal("70.00")

    done = shop.post("/v1/fx-revaluations", as_of="2024-03-31")

    assert (done["journal_entry_id"], done["reversal_entry_id"], done["difference"]) == (None, None, Decimal("-70.00"))
    assert balances(shop)["1000-EUR"] == 0
    assert balances(shop)["8050"] == Decimal("50.00")
    assert is_sound(shop)


def test_the_checklist_counts_what_is_not_revalued(shop: Shop) -> None:
    """The receivable in euros is; what comes in after the revaluation is not."""

    def waiting() -> Any:
        items = shop.read("/v1/periods/per_2024-01/checklist")["items"]
        return [(item["count"], item["blocking"], item["url"]) for item in items if item["name"] == "not_revalued"]

    invoice(shop)
    assert waiting() == [(1, False, "/v1/fx-revaluations?as_of=2024-01-31")]
    shop.post("/v1/fx-revaluations", as_of="2024-01-31", rates={"EUR": Decimal("1.11")})
    assert waiting() == []
    invoice(shop)
    assert waiting() == [(1, False, "/v1/fx-revaluations?as_of=2024-01-31")]
    shop.post("/v1/fx-revaluations", as_of="2024-01-31", rates={"EUR": Decimal("1.11")})
    assert waiting() == []
    assert shop.post("/v1/periods/per_2024-01/close")["status"] == "closed"


@pytest.mark.parametrize(
    ("given", "status", "fields"),
    [
        ({"as_of": "2024-05-31"}, 422, ["rates.EUR"]),
        ({"as_of": "2199-01-01"}, 400, ["as_of"]),
        ({"as_of": "2024-01-31", "rates": {"EUR": 0}}, 400, ["rates.EUR"]),
        ({"as_of": "2024-01-31", "rates": {"EUR": -1, "ABC": 1}}, 400, ["rates.EUR", "rates.ABC"]),
        ({"as_of": "2024-01-31", "mode": "sometimes"}, 400, ["mode"]),
    ],
)
def test_a_revaluation_is_refused(shop: Shop, given: dict[str, Any], status: int, fields: list[str]) -> None:
    invoice(shop)
    before = contents(shop.caller)

    refused = shop.caller.post("/v1/fx-revaluations", given)

    assert (refused.status, refused.fields) == (status, fields)
    assert contents(shop.caller) == before
