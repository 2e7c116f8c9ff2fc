"""The public page of a customer: what is open, paid together by one card, and the statement."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from bigledger.mail.models import Mail
from bigledger.tenants.context import tenant_context
from invoicing.mails import RECEIPT_MAIL
from invoicing.services import customer_page
from tests.conftest import Caller
from tests.sales import NUMBERS, Shop

GOOD = {"number": NUMBERS["4242"], "expiry": "12/30", "cvc": "123"}
DECLINED = GOOD | {"number": NUMBERS["0002"]}


@pytest.fixture
def page() -> Client:
    """A customer's browser: it has no credential."""
    return Client()


def path_of(shop: Shop, customer: str = "cust_123456") -> str:
    found: str = shop.read(f"/v1/customers/{customer}")["hosted_url"]
    return "/c/" + found.rsplit("/", 1)[1]


def choice(invoice: Any) -> str:
    return f"{invoice['id']} {invoice['amount_due']}"


def text_of(answer: Any) -> str:
    text: str = answer.content.decode()
    return text


def test_it_lists_what_is_open_and_the_statement(shop: Shop, page: Client) -> None:
    first, second = shop.sent("100.00"), shop.sent("250.50")
    shop.pay("40.00", invoice_id=first["id"])
    shop.invoice("999.00")

    opened = page.get(path_of(shop))
    text = text_of(opened)

    assert opened.status_code == 200
    assert opened["Referrer-Policy"] == "same-origin" and opened["X-Robots-Tag"] == "noindex, nofollow"
    assert '<span class="figure" id="due">$310.50</span>' in text, "100.00 - 40.00 + 250.50"
    for shown in (
        first["number"],
        second["number"],
        "$60.00",
        "of $100.00",
        "$250.50",
        "Acme Corporation",
        "Statement",
    ):
        assert shown in text
    assert "999.00" not in text, "a draft is nothing to be paid"
    assert f'href="/i/{first["hosted_url"].rsplit("/", 1)[1]}"' in text


def test_one_card_pays_several_invoices(shop: Shop, page: Client) -> None:
    first, second, third = shop.sent("100.00"), shop.sent("250.50"), shop.sent("7.00")
    path = path_of(shop)

    paid = page.post(path, GOOD | {"invoice": [choice(first), choice(second)]})

    assert paid.status_code == 302
    (payment,) = shop.read("/v1/payments")["data"]
    assert (payment["amount"], payment["amount_applied"]) == (Decimal("350.50"), Decimal("350.50"))
    assert paid["Location"] == f"{path}?paid={payment['id']}"
    assert payment["reference"] == f"{first['number']}, {second['number']}"
    assert [shop.again(invoice)["status"] for invoice in (first, second, third)] == ["paid", "paid", "sent"]
    assert shop.balance() == Decimal("7.00")
    assert {(row["invoice_id"], row["amount"]) for row in payment["applications"]} == {
        (first["id"], Decimal("100.00")), (second["id"], Decimal("250.50")),
    }  # fmt: skip
    books = shop.books()
    assert books["Accounts Receivable"] == Decimal("7.00")
    assert "Customer Deposits" not in books or books["Customer Deposits"] == 0

    thanks = text_of(page.get(paid["Location"]))
    assert "Your payment of $350.50 was received" in thanks and f"Receipt {payment['number']}" in thanks
    receipt = page.get(f"{path}/receipts/{payment['id']}")
    assert (receipt.status_code, receipt["Content-Type"]) == (200, "application/pdf")
    with tenant_context(shop.caller.tenant):
        assert [mail.to for mail in Mail.objects.filter(kind=RECEIPT_MAIL.name)] == [["accounts@acme.com"]]


def test_what_is_paid_in_time_is_paid_less_its_discount(shop: Shop, page: Client, at: Callable[[str], None]) -> None:
    """1,000.00 at 2_10_net_30 and 50.00 without: 980.00 + 50.00 settle both within ten days, 1,050.00 after them."""
    at("2024-03-05T12:00:00Z")
    first = shop.sent("1000.00", payment_terms="2_10_net_30", invoice_date="2024-03-01")
    second = shop.sent("50.00", invoice_date="2024-03-01")
    path = path_of(shop)
    text = text_of(page.get(path))
    assert '<span class="figure" id="due">$1,050.00</span>' in text
    assert "Paid today: <strong>$1,030.00</strong>, after discounts for early payment of $20.00" in text
    assert '$980.00<div class="muted">until 11 March 2024, then $1,000.00</div>' in text

    both = [f"{first['id']} 980.00", f"{second['id']} 50.00"]
    at("2024-03-12T12:00:00Z")
    assert page.post(path, GOOD | {"invoice": both}).status_code == 402, "it is too late, and no card is charged"
    assert "early payment" not in text_of(page.get(path))
    assert shop.read("/v1/payments")["data"] == []

    at("2024-03-11T12:00:00Z")
    assert page.post(path, GOOD | {"invoice": both}).status_code == 302
    assert [shop.again(invoice)["status"] for invoice in (first, second)] == ["paid", "paid"]
    assert shop.books() == {"Cash": Decimal("1030.00"), "Sales Revenue": Decimal("-1050.00"),
                            "Sales Discounts": Decimal("20.00")}  # fmt: skip


def test_one_entry_is_posted_for_all(shop: Shop, page: Client) -> None:
    invoices = [shop.sent("10.00") for _ in range(3)]
    before = shop.read("/v1/journal-entries")["meta"]["total"]
    page.post(path_of(shop), GOOD | {"invoice": [choice(invoice) for invoice in invoices]})
    assert shop.read("/v1/journal-entries")["meta"]["total"] == before + 1
    entry = shop.read("/v1/journal-entries?sort=created_at:desc&limit=1")["data"][0]
    assert [(line["account"]["name"], line["debit"], line["credit"]) for line in entry["lines"]] == [
        ("Cash", Decimal("30.00"), Decimal("0.00")), ("Accounts Receivable", Decimal("0.00"), Decimal("30.00")),
    ]  # fmt: skip


def test_a_declined_card_pays_nothing(shop: Shop, page: Client) -> None:
    invoices = [shop.sent("100.00"), shop.sent("250.50")]
    refused = page.post(path_of(shop), DECLINED | {"invoice": [choice(invoices[1])]})

    assert refused.status_code == 402
    text = text_of(refused)
    assert "The card was declined." in text
    assert text.count(" checked>") == 1, "what was chosen is still chosen"
    assert [shop.again(invoice)["amount_due"] for invoice in invoices] == [Decimal("100.00"), Decimal("250.50")]
    assert shop.balance() == Decimal("350.50")


def test_another_amount_than_the_one_shown_is_not_charged(shop: Shop, page: Client) -> None:
    first, second = shop.sent("100.00"), shop.sent("250.50")
    chosen = {"invoice": [choice(first), choice(second)]}
    shop.pay("40.00", invoice_id=first["id"])
    before = shop.read("/v1/payments")["meta"]["total"]

    refused = page.post(path_of(shop), GOOD | chosen)

    assert (refused.status_code, "has changed since this page was opened" in text_of(refused)) == (402, True)
    assert shop.read("/v1/payments")["meta"]["total"] == before
    assert shop.again(second)["status"] == "sent"


@pytest.mark.parametrize(
    ("chosen", "says"),
    [
        ([], "Choose at least one invoice."),
        (["x"], "from the list on this page"),
        (["inv_00000000000000000000000000 1"], "has changed"),
        (["{id} NaN"], "from the list"),
        (["{id} 1e9"], "from the list"),
        (["{id} -10.00"], "from the list"),
        (["{id} 0.01"], "has changed"),
        (["{id} 10.00\x00"], "from the list"),
        (["{id} 10.00"] * 2, ""),
    ],
)
def test_every_choice_is_checked(shop: Shop, page: Client, chosen: list[str], says: str) -> None:
    invoice = shop.sent("10.00")
    answer = page.post(path_of(shop), GOOD | {"invoice": [each.format(id=invoice["id"]) for each in chosen]})
    assert answer.status_code == (402 if says else 302)
    assert says in text_of(answer)
    assert shop.read("/v1/payments")["meta"]["total"] == (0 if says else 1)


def test_an_invoice_of_another_customer_cannot_be_paid_here(shop: Shop, page: Client) -> None:
    shop.customer(number="other")
    invoice = shop.sent("10.00", customer="cust_other")
    assert page.post(path_of(shop), GOOD | {"invoice": [choice(invoice)]}).status_code == 402
    assert shop.again(invoice)["status"] == "sent"


def test_more_than_may_be_paid_at_once(shop: Shop, page: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("invoicing.views.customer_page.MAX_PAID", 2)
    invoices = [shop.sent("10.00") for _ in range(3)]
    path = path_of(shop)
    shown = text_of(page.get(path))
    assert shown.count('name="invoice"') == 2 and "The 2 that are due first are shown" in shown
    assert "$30.00" in shown
    refused = page.post(path, GOOD | {"invoice": [choice(invoice) for invoice in invoices]})
    assert "At most 2 invoices can be paid at once." in text_of(refused)
    assert shop.read("/v1/payments")["meta"]["total"] == 0


def test_a_credit_is_shown_and_not_taken_from_what_is_due(shop: Shop, page: Client) -> None:
    shop.sent("100.00")
    shop.pay("30.00")
    text = text_of(page.get(path_of(shop)))
    assert '<span class="figure" id="due">$100.00</span>' in text
    assert "<td>\N{MINUS SIGN}$30.00</td>" in text and "<td>$70.00</td>" in text


def test_a_customer_who_owes_nothing(shop: Shop, page: Client) -> None:
    text = text_of(page.get(path_of(shop)))
    assert "No invoice is open." in text and "cc-number" not in text
    refused = page.post(path_of(shop), GOOD)
    assert "Choose at least one invoice." in text_of(refused)


def test_a_receipt_of_another_customer_is_not_found(shop: Shop, page: Client) -> None:
    shop.customer(number="other")
    payment = shop.pay("1.00", customer="cust_other")
    for name in (payment["id"], "pay_x", payment["id"][4:], "%00"):
        assert page.get(f"{path_of(shop)}/receipts/{name}").status_code == 404
    assert "Your payment of" not in text_of(page.get(f"{path_of(shop)}?paid={payment['id']}"))


def test_a_long_list_of_numbers_fits_the_reference() -> None:
    invoices: Any = [f"INV-2024-{n:03}" for n in range(1, 30)]
    text = customer_page._numbers_of(invoices)
    assert (len(text), text[:14], text[-1]) == (100, "INV-2024-001, ", "\N{HORIZONTAL ELLIPSIS}")


@pytest.mark.parametrize("token", ["x", "A" * 43, "é" * 43, "A" * 44])
def test_an_invalid_link_is_not_found(shop: Shop, page: Client, token: str) -> None:
    assert [page.get(f"/c/{token}{part}").status_code for part in ("", "/logo", "/receipts/pay_x")] == [404] * 3
    assert page.get(f"/c/{shop.sent()['hosted_url'].rsplit('/', 1)[1]}").status_code == 404, "an invoice's link"


def test_the_link_of_another_tenant_opens_its_own_page(shop: Shop, globex: Caller, page: Client) -> None:
    other = Shop(globex)
    other.customer(number="123456", name="Globex Buyer")
    other.sent("1.00")
    invoice = shop.sent("5.00")
    assert "Acme Corporation" not in text_of(page.get(path_of(other)))
    assert page.post(path_of(other), GOOD | {"invoice": [choice(invoice)]}).status_code == 402
    assert shop.again(invoice)["status"] == "sent"


def test_a_post_without_the_csrf_token_is_refused(shop: Shop) -> None:
    careful = Client(enforce_csrf_checks=True)
    invoice = shop.sent("10.00")
    assert careful.post(path_of(shop), GOOD | {"invoice": [choice(invoice)]}).status_code == 403
    assert shop.again(invoice)["status"] == "sent"


def test_nothing_of_it_is_markup(shop: Shop, page: Client) -> None:
    shop.customer(number="evil", name="<script>alert(1)</script>")
    text = text_of(page.get(path_of(shop, "cust_evil")))
    assert "<script>alert" not in text and "&lt;script&gt;alert(1)" in text
