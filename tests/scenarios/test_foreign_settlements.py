"""An invoice in euros that is settled for less than its total, in books that are kept in dollars.

The customer owes what the invoice was worth at 1.10. Whatever takes the receivable off, takes it off at that rate; what
comes in, or is allowed, is worth the rate of its own day. The difference is realised.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.conftest import Caller
from tests.rates import keep_rate
from tests.sales import Shop
from tests.scenarios.test_currencies import balances, is_sound

D = Decimal
ISSUED, SOON, LATE = "2024-01-15", "2024-01-20", "2024-03-05"
RECEIVABLE, SALES, TAX, DISCOUNTS, BAD_DEBT, SMALL, REALISED, BANK = (
    "1200-EUR", "4000", "2200", "4910", "6700", "8040", "8050", "1000-EUR",
)  # fmt: skip


@pytest.fixture
def shop(acme: Caller) -> Shop:
    acme.post("/v1/chart-templates/us/apply")
    for day, rate in ((ISSUED, "1.10"), (SOON, "1.12"), (LATE, "1.05")):
        keep_rate(acme, "EUR", rate, day)
    found = Shop(acme)
    found.customer(number="E", currency="EUR")
    return found


def invoice(shop: Shop, total: str = "1000.00", tax: str = "0", **fields: Any) -> Any:
    line = {"description": "Work", "quantity": 1, "unit_price": D(total), "tax_rate": D(tax)}
    return shop.sent(customer="cust_E", invoice_date=ISSUED, lines=[line], **fields)


def test_who_pays_early_in_euros_pays_less(shop: Shop) -> None:
    """980.00 EUR come in at 1.12, 1,097.60 USD, and take 1,078.00 off the receivable: 19.60 gained. The discount of
    20.00 EUR is allowed on the same day, 22.40 USD, and takes the last 22.00 off: 0.40 gained. Together that is what
    1,000.00 EUR have gained since they were invoiced: 1,000 x 0.02."""
    made = invoice(shop, payment_terms="2_10_net_30")
    shop.pay("980.00", customer="cust_E", invoice_id=made["id"], date=SOON)

    assert balances(shop) == {
        BANK: D("1097.60"), SALES: D("-1100.00"), DISCOUNTS: D("22.40"), REALISED: D("-20.00"),
    }  # fmt: skip
    (note,) = shop.read("/v1/credit-notes")["data"]
    assert (note["currency"], note["total"], note["exchange_rate"], note["base_total"]) == (
        "EUR", D("20.00"), D("1.12"), D("22.40"),
    )  # fmt: skip
    assert is_sound(shop)


def test_an_early_payment_taken_off_leaves_the_invoice_as_it_was(shop: Shop) -> None:
    made = invoice(shop, payment_terms="2_10_net_30")
    paid = shop.pay("980.00", customer="cust_E", invoice_id=made["id"], date=SOON)
    shop.post(f"/v1/payments/{paid['id']}/unapply", invoice_id=made["id"], date=SOON)

    after = balances(shop)
    assert (after[RECEIVABLE], after[SALES], after[DISCOUNTS], after[REALISED]) == (D("1100.00"), D("-1100.00"), 0, 0)
    assert shop.again(made)["amount_due"] == D("1000.00")
    assert is_sound(shop)


def test_a_small_difference_is_written_off_at_the_rate_of_the_invoice(shop: Shop) -> None:
    """999.50 EUR at 1.12 are 1,119.44, off the receivable 1,099.45: 19.99 gained. 0.50 EUR are left, 0.55 USD."""
    shop.done(shop.caller.patch("/v1/sales-settings", {"small_difference_limit": {"EUR": D("1.00")}}))
    made = invoice(shop)
    shop.pay("999.50", customer="cust_E", invoice_id=made["id"], date=SOON)
    lost = shop.post(f"/v1/invoices/{made['id']}/write-off", kind="small_difference", reason="Bank fee", date=SOON)

    assert lost["amount_due"] == 0
    assert balances(shop) == {
        BANK: D("1119.44"), SALES: D("-1100.00"), SMALL: D("0.55"), REALISED: D("-19.99"),
    }  # fmt: skip
    shop.post(f"/v1/invoices/{made['id']}/write-offs/{lost['write_offs'][0]['id']}/undo", reason="It came")
    after = balances(shop)
    assert (after[RECEIVABLE], after[SMALL]) == (D("0.55"), 0)
    assert is_sound(shop)


def test_a_bad_debt_with_its_tax_is_recovered_in_part_at_another_rate(shop: Shop) -> None:
    """1,000.00 EUR and 20 % tax are 1,320.00 USD. All of it is lost: 1,100.00, and 220.00 of tax are not owed any more.
    600.00 EUR come in at 1.05, 630.00 USD for what was worth 660.00: 30.00 lost. 550.00 of the loss and 110.00 of the
    tax are back."""
    made = invoice(shop, tax="0.20")
    shop.post(
        f"/v1/invoices/{made['id']}/write-off", kind="bad_debt", reason="Gone", date=SOON, tax_relief=True
    )  # fmt: skip
    assert balances(shop) == {SALES: D("-1100.00"), BAD_DEBT: D("1100.00")}

    shop.pay("600.00", customer="cust_E", invoice_id=made["id"], date=LATE)
    assert balances(shop) == {
        BANK: D("630.00"), SALES: D("-1100.00"), TAX: D("-110.00"), BAD_DEBT: D("550.00"), REALISED: D("30.00"),
    }  # fmt: skip
    assert is_sound(shop)


def test_a_revaluation_between_write_off_and_recovery_changes_neither(shop: Shop) -> None:
    """400.00 of 1,000.00 EUR are written off at 1.10, 440.00. On 20 January the other 600.00 are worth 672.00, 12.00
    more than on the books, until the next day. Paid on 5 March at 1.05, they have lost 30.00."""
    made = invoice(shop)
    shop.post(
        f"/v1/invoices/{made['id']}/write-off",
        kind="bad_debt", reason="Agreed", date=SOON, amount=D("400.00"),
    )  # fmt: skip
    done = shop.post("/v1/fx-revaluations", as_of=SOON)
    assert (done["difference"], balances(shop, SOON)[RECEIVABLE]) == (D("12.00"), D("672.00"))
    shop.pay("600.00", customer="cust_E", invoice_id=made["id"], date=LATE)

    assert balances(shop) == {
        BANK: D("630.00"), SALES: D("-1100.00"), BAD_DEBT: D("440.00"), REALISED: D("30.00"),
    }  # fmt: skip
    assert is_sound(shop)
