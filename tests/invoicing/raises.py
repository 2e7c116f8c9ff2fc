"""What raises each event of sales."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.test import Client

from bigledger.tenants.context import tenant_context
from invoicing.services.overdue import raise_overdue_invoices
from tests.conftest import Caller
from tests.sales import LINE, Shop, card

PRODUCT = {"sku": "790", "name": "Consulting", "unit_price": 150}
TAX_RATE = {"code": "vat", "name": "VAT", "rate": 0}
SALE = {"customer_id": "cust_123456", "lines": [LINE]}
CURRENT = {"type": "asset", "subtype": "current_asset"}
RECURRING = SALE | {"frequency": "monthly"}
Raise = Callable[[Caller], object]


def shop_of(caller: Caller) -> Shop:
    shop = Shop(caller)
    shop.customer(number="123456")
    return shop


def made(path: str, body: Any) -> Raise:
    return lambda caller: shop_of(caller).post(path, **body)


def on(path: str, body: Any, method: str, action: str = "", change: Any = None) -> Raise:
    """What is done to an object that was just made."""
    return lambda caller: caller.request(method, f"{path}/{shop_of(caller).post(path, **body)['id']}{action}", change)


def on_sent(action: str, **body: Any) -> Raise:
    def act(caller: Caller) -> None:
        shop = shop_of(caller)
        shop.post(f"/v1/invoices/{shop.sent()['id']}/{action}", **body)

    return act


def paid(method: str = "bank_transfer", **fields: Any) -> Raise:
    """A payment of an invoice."""

    def act(caller: Caller) -> Any:
        shop = shop_of(caller)
        return shop.pay("1458.00", invoice_id=shop.sent()["id"], method=method, **fields)

    return act


def refunded(caller: Caller) -> None:
    shop = shop_of(caller)
    shop.post(f"/v1/payments/{shop.pay('1.00')['id']}/refund")


def taken_off(kind: str) -> Raise:
    """A payment or credit note that was applied to an invoice and taken off it."""

    def act(caller: Caller) -> None:
        shop = shop_of(caller)
        invoice = shop.sent()
        if kind == "payments":
            source = shop.pay("1.00", invoice_id=invoice["id"])
        else:
            source = shop.post("/v1/credit-notes", invoice_id=invoice["id"])
        shop.post(f"/v1/{kind}/{source['id']}/unapply", invoice_id=invoice["id"])

    return act


def lost_and_found(caller: Caller) -> None:
    """One bad debt is undone, another recovered."""
    shop = shop_of(caller)
    for recovered in (False, True):
        path = f"/v1/invoices/{shop.sent()['id']}"
        row = shop.post(f"{path}/write-off", kind="bad_debt", reason="Insolvent")["write_offs"][0]
        if recovered:
            shop.pay("1.00", invoice_id=path.rpartition("/")[2])
        else:
            shop.post(f"{path}/write-offs/{row['id']}/undo")


def credited(caller: Caller) -> None:
    shop = shop_of(caller)
    note = shop.post("/v1/credit-notes", **SALE)
    shop.post(f"/v1/credit-notes/{note['id']}/apply", invoice_id=shop.sent()["id"])


def viewed(caller: Caller) -> None:
    Client().get("/i/" + shop_of(caller).sent()["hosted_url"].rsplit("/", 1)[1])


def overdue(caller: Caller) -> None:
    shop_of(caller).sent(invoice_date="2024-01-15", due_date="2024-02-15")
    with tenant_context(caller.tenant):
        raise_overdue_invoices()


def resumed(caller: Caller) -> None:
    shop = shop_of(caller)
    path = f"/v1/recurring-invoices/{shop.post('/v1/recurring-invoices', **RECURRING)['id']}"
    shop.post(f"{path}/pause")
    shop.post(f"{path}/resume")


def take_over(caller: Caller) -> None:
    shop_of(caller)
    invoice = {"customer_id": "cust_123456", "number": "A-1", "invoice_date": "2023-12-01", "due_date": "2023-12-31"}
    receivable = Shop(caller).post("/v1/accounts", code="1200", name="Accounts Receivable", **CURRENT)
    equity = {"code": "3200", "name": "Retained Earnings", "type": "equity", "subtype": "equity"}
    Shop(caller).post("/v1/accounts", **equity)
    lines = [{"account_id": receivable["id"], "debit": 5}, {"account_id": "acc_3200", "credit": 5}]
    body = {"date": "2023-12-31", "trial_balance": lines, "open_invoices": [{**invoice, "amount_due": 5}]}
    Shop(caller).post("/v1/opening-balances", **body)


RAISES: dict[str, Raise] = {
    "product.created": made("/v1/products", PRODUCT),
    "product.updated": on("/v1/products", PRODUCT, "PATCH", change={"name": "Advice"}),
    "product.deleted": on("/v1/products", PRODUCT, "DELETE"),
    "tax_rate.created": made("/v1/tax-rates", TAX_RATE),
    "tax_rate.updated": on("/v1/tax-rates", TAX_RATE, "PATCH", change={"name": "Value added tax"}),
    "tax_rate.deleted": on("/v1/tax-rates", TAX_RATE, "DELETE"),
    "sales_settings.updated": lambda caller: caller.patch("/v1/sales-settings", {"tax_rounding": "line"}),
    "invoice.created": made("/v1/invoices", SALE),
    "invoice.taken_over": take_over,
    "invoice.updated": on("/v1/invoices", SALE, "PATCH", change={"notes": "Thank you"}),
    "invoice.deleted": on("/v1/invoices", SALE, "DELETE"),
    "invoice.sent": on("/v1/invoices", SALE, "POST", "/send"),
    "invoice.viewed": viewed,
    "invoice.paid": paid(),
    "invoice.overdue": overdue,
    "invoice.voided": on_sent("void", reason="Made out twice"),
    "invoice.written_off": on_sent("write-off", kind="bad_debt", reason="Insolvent"),
    "invoice.write_off_undone": lost_and_found,
    "invoice.recovered": lost_and_found,
    "credit_note.created": made("/v1/credit-notes", SALE),
    "credit_note.sent": on("/v1/credit-notes", SALE, "POST", "/send"),
    "credit_note.applied": credited,
    "credit_note.unapplied": taken_off("credit-notes"),
    "credit_note.refunded": on("/v1/credit-notes", SALE, "POST", "/refund", {}),
    "credit_note.voided": on("/v1/credit-notes", SALE, "POST", "/void", {"reason": "Made out twice"}),
    "payment.received": paid(),
    "payment.failed": paid("card", card=card("0002")),
    "payment.applied": paid(),
    "payment.unapplied": taken_off("payments"),
    "payment.refunded": refunded,
    "payment.voided": on(
        "/v1/payments",
        {"customer_id": "cust_123456", "amount": 1, "method": "check"},
        "POST",
        "/void",
        {"reason": "Bounced"},
    ),
    "recurring_invoice.created": made("/v1/recurring-invoices", RECURRING),
    "recurring_invoice.updated": on("/v1/recurring-invoices", RECURRING, "PATCH", change={"notes": "Thank you"}),
    "recurring_invoice.deleted": on("/v1/recurring-invoices", RECURRING, "DELETE"),
    "recurring_invoice.paused": on("/v1/recurring-invoices", RECURRING, "POST", "/pause"),
    "recurring_invoice.resumed": resumed,
}
