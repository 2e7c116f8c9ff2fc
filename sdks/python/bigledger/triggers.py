"""What causes each type of event that `bigledger trigger` knows: real requests, for a sandbox."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from bigledger import types as t

_CARD = {"exp_month": 12, "exp_year": 2030, "cvc": "123"}


def _customer(client: Any) -> t.Customer:
    return client.customers.create(name="Triggered customer", email="triggered@example.com")  # type: ignore[no-any-return]


def _account(client: Any) -> t.Account:
    return client.accounts.create(  # type: ignore[no-any-return]
        code=f"T{uuid.uuid4().hex[:8]}", name="Triggered account", type="asset", subtype="current_asset"
    )


def _invoice(client: Any) -> t.Invoice:
    lines = [{"description": "Triggered line", "quantity": 1, "unit_price": Decimal("100.00")}]
    return client.invoices.create(customer_id=_customer(client).id, lines=lines)  # type: ignore[no-any-return]


def _sent(client: Any) -> t.Invoice:
    return client.invoices.send(_invoice(client).id, deliver=False)  # type: ignore[no-any-return]


def _paid(client: Any, number: str = "4242 4242 4242 4242") -> t.Payment:
    invoice = _sent(client)
    return client.payments.create(  # type: ignore[no-any-return]
        customer_id=invoice.customer_id, invoice_id=invoice.id, amount=invoice.amount_due, currency=invoice.currency,
        method="card", card={"number": number, **_CARD},
    )  # fmt: skip


def _failed(client: Any) -> str:
    from bigledger.errors import BigLedgerError

    try:
        return str(_paid(client, "4000 0000 0000 0002"))
    except BigLedgerError as declined:
        return f"The card was declined: {declined}"


TRIGGERS: Mapping[str, Callable[[Any], Any]] = {
    "account.created": _account,
    "customer.created": _customer,
    "customer.updated": lambda client: client.customers.update(_customer(client).id, phone="+1-555-0100"),
    "invoice.created": _invoice,
    "invoice.paid": _paid,
    "invoice.sent": _sent,
    "invoice.voided": lambda client: client.invoices.void(_sent(client).id, reason="Triggered"),
    "payment.failed": _failed,
    "payment.received": _paid,
    "payment.refunded": lambda client: client.payments.refund(_paid(client).id),
}
