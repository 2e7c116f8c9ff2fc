"""Many operations on invoices in one transaction, each fault under its own path."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from django.db import transaction

from bigledger.access.principal import Principal
from bigledger.api.bulk import Item
from bigledger.api.lookup import condition
from bigledger.errors import ApiError, Detail
from customers.models import Customer
from invoicing.bodies import InvoiceBody
from invoicing.models import Invoice
from invoicing.services.invoices import create_invoice, send_invoice, void_invoice
from invoicing.services.references import invoice_named


@transaction.atomic
def create_invoices(*, items: Sequence[Item], acting: Principal) -> list[InvoiceBody]:
    """Drafts from the fields of `create_invoice`, all or none."""
    return _each(items, lambda data: create_invoice(**data, acting=acting))


@transaction.atomic
def send_invoices(*, items: Sequence[Item], acting: Principal) -> list[InvoiceBody]:
    """Each item names its `invoice_id`, beside the fields of `send_invoice`."""
    _lock_customers(items)
    return _each(items, lambda data: send_invoice(**_with_invoice(data), acting=acting))


@transaction.atomic
def void_invoices(*, items: Sequence[Item], acting: Principal) -> list[InvoiceBody]:
    """Each item names its `invoice_id`, beside the fields of `void_invoice`."""
    _lock_customers(items)
    return _each(items, lambda data: void_invoice(**_with_invoice(data), acting=acting))


def _each(items: Sequence[Item], work: Callable[[dict[str, Any]], InvoiceBody]) -> list[InvoiceBody]:
    bodies = []
    for item in items:
        try:
            bodies.append(work(dict(item.data)))
        except ApiError as fault:
            details = fault.details or [Detail(fault.message)]
            whole = item.path.rstrip(".")
            fault.details = [replace(d, field=f"{item.path}{d.field}" if d.field else whole) for d in details]
            raise
    return bodies


def _with_invoice(data: dict[str, Any]) -> dict[str, Any]:
    return {"invoice": invoice_named(data.pop("invoice_id")), **data}


def _lock_customers(items: Sequence[Item]) -> None:
    """All of them first and in order, so that two bulk requests never wait for each other in a ring."""
    named = Invoice.objects.filter(condition("inv", "number", [item.data["invoice_id"] for item in items]))
    customers = Customer.objects.filter(id__in=named.values("customer_id"))
    list(customers.order_by("id").select_for_update(no_key=True).values_list("id"))
