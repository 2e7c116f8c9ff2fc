"""The reference's customer, invoice, webhook payload and test-card sections, letter for letter."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from bigledger import exact_json
from bigledger.events.registry import event_types
from tests.sales import Shop

CUSTOMER = exact_json.decode(b"""{
  "name": "Acme Corporation",
  "email": "accounts@acme.com",
  "phone": "+1-555-0100",
  "website": "https://acme.com",
  "tax_id": "12-3456789",
  "currency": "USD",
  "payment_terms": "net_30",
  "credit_limit": 50000.00,
  "status": "active",
  "billing_address": {
    "line1": "123 Main Street",
    "line2": "Suite 100",
    "city": "San Francisco",
    "state": "CA",
    "postal_code": "94105",
    "country": "US"
  },
  "custom_fields": {
    "industry": "Technology",
    "employee_count": "100-500"
  }
}""")
INVOICE = b"""{
  "customer_id": "cust_123456",
  "invoice_date": "2024-01-15",
  "due_date": "2024-02-15",
  "currency": "USD",
  "lines": [
    {
      "product_id": "prod_789",
      "description": "Consulting Services",
      "quantity": 10,
      "unit_price": 150.00,
      "tax_rate": 0.08,
      "discount_percentage": 10
    }
  ],
  "payment_terms": "net_30",
  "notes": "Thank you for your business"
}"""
CARDS = [
    ("4242 4242 4242 4242", "received", None),
    ("4000 0000 0000 0002", "failed", "card_declined"),
    ("4000 0000 0000 9995", "failed", "insufficient_funds"),
]


@pytest.fixture
def shop(shop: Shop) -> Shop:
    shop.post("/v1/products", sku="789", name="Consulting", unit_price=Decimal("120.00"))
    return shop


def test_the_customer_object(shop: Shop) -> None:
    created = shop.caller.post("/api/v1/customers", {**CUSTOMER, "number": "654321"})

    assert created.status == 201
    assert created.body | CUSTOMER == created.body
    assert set(created.body) >= {"id", "balance", "shipping_addresses", "contacts"}
    assert '"credit_limit":50000.00,"balance":0.00' in created.text
    assert shop.read("/api/v1/customers/cust_654321") == created.body


def test_the_invoice_example(shop: Shop) -> None:
    """As in the demo, which numbers drafts."""
    shop.numbers_drafts()
    created = shop.caller.post("/api/v1/invoices", INVOICE)

    assert created.status == 201
    assert (
        created.body
        | {
            "number": "INV-2024-001",
            "status": "draft",
            "invoice_date": "2024-01-15",
            "due_date": "2024-02-15",
            "currency": "USD",
            "payment_terms": "net_30",
            "notes": "Thank you for your business",
        }
        == created.body
    )
    assert '"subtotal":1500.00,"discount_total":150.00,"tax_total":108.00,"total":1458.00' in created.text
    assert '"quantity":10,"unit_price":150.00,"discount_percentage":10,' in created.text
    assert '"tax_rate":0.08,' in created.text


def test_create_and_send(shop: Shop) -> None:
    """What the reference's SDK does: a customer, an invoice with one plain line, sent."""
    customer = shop.post("/v1/customers", name="New Customer", email="customer@example.com")
    line = {"description": "Service", "quantity": 1, "unit_price": Decimal("100.00")}
    invoice = shop.post("/v1/invoices", customer_id=customer["id"], lines=[line])
    sent = shop.send(invoice)

    assert (sent["status"], sent["total"]) == ("sent", Decimal("100.00"))
    assert sent["sent_at"].endswith("Z")


def test_the_webhook_payload_of_invoice_paid(shop: Shop) -> None:
    invoice = shop.send(shop.done(shop.caller.post("/v1/invoices", INVOICE)))
    shop.pay("1458.00", invoice_id=invoice["id"])
    (data,) = shop.payloads("invoice.paid")

    payload = json.loads(data)["invoice"]
    assert set(payload) >= {"id", "number", "customer_id", "total", "amount_paid", "paid_at"}
    assert (payload["id"], payload["number"]) == (invoice["id"], "INV-2024-001")
    assert '"tax_total":108.00,"total":1458.00,' in data
    assert '"amount_paid":1458.00,' in data
    assert payload["paid_at"].endswith("Z")


@pytest.mark.parametrize(("number", "status", "failure_code"), CARDS)
def test_the_test_cards(shop: Shop, number: str, status: str, failure_code: str | None) -> None:
    card = {"number": number, "exp_month": 12, "exp_year": 2030, "cvc": "123"}
    payment = shop.pay("25.00", currency="USD", method="card", card=card)

    assert (payment["status"], payment["failure_code"]) == (status, failure_code)


def test_the_error_example(shop: Shop) -> None:
    refused = shop.caller.post("/v1/customers", {"name": "New Customer", "email": "not an address"})

    assert (refused.status, refused.error["code"]) == (400, "VALIDATION_ERROR")
    assert refused.error["details"] == [{"field": "email", "code": "invalid", "message": "Invalid email format"}]


def test_every_event_of_the_reference_about_sales_is_registered() -> None:
    described = {event.name: event.description for event in event_types()}
    reference = {
        "invoice.created": "New invoice created",
        "invoice.sent": "Invoice sent to customer",
        "invoice.paid": "Invoice fully paid",
        "invoice.overdue": "Invoice is overdue",
        "payment.received": "Payment received",
        "payment.failed": "Payment failed",
        "payment.refunded": "Payment refunded",
        "customer.created": "New customer created",
        "customer.updated": "Customer details updated",
        "customer.credit_limit_exceeded": "Customer exceeded credit limit",
    }
    assert described | reference == described
