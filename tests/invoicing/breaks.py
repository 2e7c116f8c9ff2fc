"""What breaks each rule of sales."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.conf import settings

from bigledger.rules import Rule
from bigledger.tenants.context import tenant_context
from bigledger.tenants.models import Tenant
from invoicing import rules
from invoicing.services.recurring import claim_next_invoice, issue_claimed_invoice
from tests.breaking import Ask, Prepare, asking
from tests.conftest import Caller
from tests.invoicing.raises import PRODUCT, RECURRING, TAX_RATE, shop_of
from tests.sales import LINE, Shop, card

Patch = pytest.MonkeyPatch
CUSTOMER = "cust_123456"


def on(thing: Callable[[Shop], str], method: str, action: str = "", **body: Any) -> Prepare:
    """A request on what `thing` makes and gives the path of."""

    def prepare(caller: Caller, patch: Patch) -> Ask:
        return asking(caller, method, f"{thing(shop_of(caller))}{action}", body or None)

    return prepare


def draft(shop: Shop) -> str:
    return f"/v1/invoices/{shop.invoice('10.00', invoice_date='2026-01-15')['id']}"


def numbered_draft(shop: Shop) -> str:
    return draft(shop.numbers_drafts())


def sent(shop: Shop) -> str:
    return f"/v1/invoices/{shop.sent('10.00')['id']}"


def paid(shop: Shop) -> str:
    path = sent(shop)
    shop.pay("10.00", invoice_id=path.rpartition("/")[2])
    return path


def voided(shop: Shop) -> str:
    path = sent(shop)
    shop.post(f"{path}/void", reason="Made out twice")
    return path


def declined(shop: Shop) -> str:
    return f"/v1/payments/{shop.pay('1.00', method='card', card=card('0002'))['id']}"


def received(shop: Shop) -> str:
    return f"/v1/payments/{shop.pay('1.00')['id']}"


def refunded(shop: Shop) -> str:
    path = received(shop)
    shop.post(f"{path}/refund")
    return path


def noted(shop: Shop) -> str:
    """A credit note over 10."""
    line = {"description": "Work", "quantity": 1, "unit_price": 10}
    return f"/v1/credit-notes/{shop.post('/v1/credit-notes', customer_id=CUSTOMER, lines=[line])['id']}"


def discounted(shop: Shop) -> str:
    """The credit note of a discount for early payment, taken off its invoice."""
    invoice = shop.sent("100.00", payment_terms="2_10_net_30")
    shop.pay("98.00", invoice_id=invoice["id"], date=invoice["invoice_date"])
    path = f"/v1/credit-notes/{shop.read('/v1/credit-notes')['data'][0]['id']}"
    shop.post(f"{path}/unapply", invoice_id=invoice["id"])
    return path


def after(make: Callable[[Shop], str], action: str, **body: Any) -> Callable[[Shop], str]:
    """What `make` makes, after an action on it."""

    def act(shop: Shop) -> str:
        path = make(shop)
        shop.post(f"{path}/{action}", **body)
        return path

    return act


def credited(shop: Shop) -> str:
    path = sent(shop)
    shop.post("/v1/credit-notes", invoice_id=path.rpartition("/")[2])
    return path


def undone(shop: Shop) -> str:
    """A write-off that was undone."""
    path = sent(shop)
    lost = shop.post(f"{path}/write-off", kind="bad_debt", reason="Insolvent")["write_offs"][0]
    shop.post(f"{path}/write-offs/{lost['id']}/undo")
    return f"{path}/write-offs/{lost['id']}"


def unapplying(caller: Caller, patch: Patch) -> Ask:
    shop = shop_of(caller)
    body = {"invoice_id": sent(shop).rpartition("/")[2]}
    return asking(caller, "POST", f"{received(shop)}/unapply", body)


def recurring(shop: Shop) -> str:
    return f"/v1/recurring-invoices/{shop.post('/v1/recurring-invoices', **RECURRING)['id']}"


def paused(shop: Shop) -> str:
    path = recurring(shop)
    shop.post(f"{path}/pause")
    return path


def product_on_a_line(shop: Shop) -> str:
    made = shop.post("/v1/products", **PRODUCT)
    shop.post("/v1/invoices", customer_id=CUSTOMER, lines=[{"product_id": made["id"], "quantity": 1}])
    return f"/v1/products/{made['id']}"


def tax_rate_on_a_line(shop: Shop) -> str:
    made = shop.post("/v1/tax-rates", **TAX_RATE)
    line = {"description": "Work", "quantity": 1, "unit_price": 1, "tax_rate_id": made["id"]}
    shop.post("/v1/invoices", customer_id=CUSTOMER, lines=[line])
    return f"/v1/tax-rates/{made['id']}"


def blocked(caller: Caller, patch: Patch) -> Ask:
    shop_of(caller).done(caller.patch(f"/v1/customers/{CUSTOMER}", {"status": "blocked"}))
    return asking(caller, "POST", "/v1/invoices", {"customer_id": CUSTOMER, "lines": [LINE]})


def without_tax_id(caller: Caller, patch: Patch) -> Ask:
    shop = shop_of(caller)
    tax = shop.post("/v1/tax-rates", code="rc", name="Reverse charge", kind="reverse_charge")
    line = {"description": "Work", "quantity": 1, "unit_price": 100, "tax_rate_id": tax["id"]}
    made = shop.post("/v1/invoices", customer_id=CUSTOMER, lines=[line])
    return asking(caller, "POST", f"/v1/invoices/{made['id']}/send")


def applying(invoice: Callable[[Shop], str], amount: int | None = None, customer: str = CUSTOMER) -> Prepare:
    """A payment of 20 set against an invoice of 10."""

    def prepare(caller: Caller, patch: Patch) -> Ask:
        shop = shop_of(caller)
        shop.customer(number="other")
        body: dict[str, Any] = {"invoice_id": invoice(shop).rpartition("/")[2]}
        payment = shop.pay("20.00", customer=customer)
        return asking(
            caller, "POST", f"/v1/payments/{payment['id']}/apply", body | ({"amount": amount} if amount else {})
        )

    return prepare


def crediting_void(caller: Caller, patch: Patch) -> Ask:
    body = {"invoice_id": voided(shop_of(caller)).rpartition("/")[2]}
    return asking(caller, "POST", "/v1/credit-notes", body)


def too_much_of_a_line(caller: Caller, patch: Patch) -> Ask:
    line = shop_of(caller).sent()["lines"][0]
    body = {"lines": [{"invoice_line_id": line["id"], "quantity": 11}]}
    return asking(caller, "POST", "/v1/credit-notes", body)


def credited_twice(caller: Caller, patch: Patch) -> Ask:
    body = {"invoice_id": sent(shop_of(caller)).rpartition("/")[2]}
    caller.post("/v1/credit-notes", body)
    return asking(caller, "POST", "/v1/credit-notes", body)


def difference(**customer: str) -> Prepare:
    def prepare(caller: Caller, patch: Patch) -> Ask:
        shop = Shop(caller)
        shop.customer(number="123456", **customer)
        return asking(caller, "POST", f"{sent(shop)}/write-off", {"kind": "small_difference", "reason": "Rounding"})

    return prepare


def issued_by_template(caller: Caller, patch: Patch) -> Ask:
    path = recurring(shop_of(caller))
    with tenant_context(caller.tenant):
        claimed = claim_next_invoice()
        assert claimed
        issue_claimed_invoice(claimed)
    return asking(caller, "DELETE", path)


def to_strangers(caller: Caller, patch: Patch) -> Ask:
    path = draft(shop_of(caller))
    patch.setattr("invoicing.services.mails.current_tenant", lambda: Tenant(plan="free"))
    return asking(caller, "POST", f"{path}/send", {"to": [f"{n}@other.example" for n in range(6)]})


def without_address(caller: Caller, patch: Patch) -> Ask:
    shop = shop_of(caller)
    shop.customer(number="silent", email="")
    return asking(caller, "POST", f"/v1/invoices/{shop.invoice('10.00', customer='cust_silent')['id']}/send", None)


def by_card(gateway: str, given: dict[str, Any], amount: str = "5.00", currency: str = "USD") -> Prepare:
    def prepare(caller: Caller, patch: Patch) -> Ask:
        Shop(caller).customer(number="123456", currency=currency)
        patch.setattr(settings, "PAYMENT_GATEWAY", gateway)
        patch.setattr(settings, "STRIPE_SECRET_KEY", "sk_test")
        body = {"customer_id": CUSTOMER, "amount": Decimal(amount), "method": "card", "card": given}
        return asking(caller, "POST", "/v1/payments", body)

    return prepare


TOKEN = {"token": "pm_card_visa"}
BREAKS: dict[Rule, Prepare] = {
    rules.CUSTOMER_BLOCKED: blocked,
    rules.TAX_ID_REQUIRED: without_tax_id,
    rules.INVOICE_ISSUED: on(sent, "DELETE"),
    rules.CONTENT_FIXED: on(sent, "PATCH", lines=[LINE]),
    rules.INVOICE_NOT_ISSUED: applying(draft),
    rules.NOT_CREDITABLE: crediting_void,
    rules.NO_LINK: on(draft, "POST", "/rotate-link"),
    rules.INVOICE_CLOSED: on(voided, "PATCH", notes="Thank you"),
    rules.NOTHING_DUE: applying(paid),
    rules.INVOICE_HAS_PAYMENTS: on(paid, "POST", "/void", reason="Made out twice"),
    rules.INVOICE_CREDITED: on(credited, "POST", "/void", reason="Made out twice"),
    rules.INVOICE_WRITTEN_OFF_IN_PART: on(
        after(sent, "write-off", kind="bad_debt", amount=1, reason="x"), "POST", "/void", reason="Made out twice"
    ),
    rules.INVOICE_YEAR_FIXED: on(numbered_draft, "PATCH", invoice_date="2025-12-31"),
    rules.OTHER_CUSTOMER: applying(sent, customer="cust_other"),
    rules.OVER_APPLICATION: applying(sent, 21),
    rules.OVER_DUE: applying(sent, 11),
    rules.OVER_REFUND: on(received, "POST", "/refund", amount=2),
    rules.CREDIT_OVER_REFUND: on(noted, "POST", "/refund", amount=11),
    rules.OVER_WRITE_OFF: on(sent, "POST", "/write-off", kind="bad_debt", amount=11, reason="Insolvent"),
    rules.WRITE_OFF_UNDONE: on(undone, "POST", "/undo"),
    rules.NOT_APPLIED: unapplying,
    rules.PAYMENT_VOID: on(after(received, "void", reason="Bounced"), "POST", "/refund"),
    rules.CREDIT_NOTE_VOID: on(after(noted, "void", reason="x"), "POST", "/refund"),
    rules.CREDIT_REFUNDED: on(after(noted, "refund", amount=1), "POST", "/void", reason="x"),
    rules.DISCOUNT_NOT_REFUNDABLE: on(discounted, "POST", "/refund"),
    rules.PAYMENT_FAILED: on(declined, "POST", "/refund"),
    rules.PAYMENT_REFUNDED: on(refunded, "POST", "/refund"),
    rules.CREDIT_EXCEEDS_INVOICE: credited_twice,
    rules.CREDIT_EXCEEDS_LINE: too_much_of_a_line,
    rules.DIFFERENCE_NOT_SMALL: difference(),
    rules.PRODUCT_IN_USE: on(product_on_a_line, "DELETE"),
    rules.TAX_RATE_IN_USE: on(tax_rate_on_a_line, "DELETE"),
    rules.RECURRING_INVOICE_IN_USE: issued_by_template,
    rules.RECURRING_INVOICE_NOT_ACTIVE: on(paused, "POST", "/pause"),
    rules.RECURRING_INVOICE_NOT_PAUSED: on(recurring, "POST", "/resume"),
    rules.TOO_MANY_RECIPIENTS: to_strangers,
    rules.NO_RECIPIENT: without_address,
    rules.CARDS_NOT_TAKEN: by_card("none", TOKEN),
    rules.CARD_NUMBER_REFUSED: by_card("stripe", card("4242")),
    rules.CURRENCY_NOT_TAKEN: by_card("stripe", TOKEN, currency="IQD"),
    rules.AMOUNT_NOT_CHARGEABLE: by_card("stripe", TOKEN, amount="1.001", currency="KWD"),
}
