"""Many operations on invoices in one transaction; one that fails is rolled back and does not stop the others."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from django.db import transaction

from bigledger.access.principal import Principal
from bigledger.api.bulk import Item, attempt
from bigledger.api.lookup import condition
from bigledger.errors import ApiError
from bigledger.tenants.context import current_tenant
from customers.models import Customer
from invoicing.bodies import InvoiceBody
from invoicing.models import Invoice
from invoicing.selectors.catalogue import sales_settings
from invoicing.services.invoices import create_invoice, send_invoice, void_invoice
from invoicing.services.lookup import invoice_named
from invoicing.services.series import lock_invoice_series


@transaction.atomic
def create_invoices(*, items: Sequence[Item], acting: Principal) -> list[InvoiceBody | ApiError]:
    """Drafts from the fields of `create_invoice`; for each one that could not be created, the error instead."""

    def create(item: Item) -> InvoiceBody:
        return create_invoice(**item.data, acting=acting)

    if sales_settings().number_drafts:
        today = current_tenant().today()
        lock_invoice_series([item.data.get("invoice_date", today) for item in items])
    return [attempt(partial(create, item)) for item in items]


@transaction.atomic
def send_invoices(*, items: Sequence[Item], acting: Principal) -> list[InvoiceBody | ApiError]:
    """Each item names its `invoice_id`, beside the fields of `send_invoice`."""

    def send(item: Item) -> InvoiceBody:
        return send_invoice(**_with_invoice(item), acting=acting)

    _lock_customers(items)
    named = Invoice.objects.filter(condition(Invoice, [item.data["invoice_id"] for item in items]), number=None)
    lock_invoice_series(list(named.values_list("invoice_date", flat=True)))
    return [attempt(partial(send, item)) for item in items]


@transaction.atomic
def void_invoices(*, items: Sequence[Item], acting: Principal) -> list[InvoiceBody | ApiError]:
    """Each item names its `invoice_id`, beside the fields of `void_invoice`."""

    def void(item: Item) -> InvoiceBody:
        return void_invoice(**_with_invoice(item), acting=acting)

    _lock_customers(items)
    return [attempt(partial(void, item)) for item in items]


def _with_invoice(item: Item) -> dict[str, Any]:
    fields = dict(item.data)
    return {"invoice": invoice_named(fields.pop("invoice_id")), **fields}


def _lock_customers(items: Sequence[Item]) -> None:
    """All of them first and in order, so that two bulk requests cannot deadlock."""
    named = Invoice.objects.filter(condition(Invoice, [item.data["invoice_id"] for item in items]))
    customers = Customer.objects.filter(id__in=named.values("customer_id"))
    list(customers.order_by("id").select_for_update(no_key=True).values_list("id"))
