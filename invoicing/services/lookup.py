"""Finds the rows that a request names by ids and natural keys, and reports all faults at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet

from bigledger.api.lookup import by_reference, condition, find_named
from bigledger.errors import Detail
from customers.models import Customer
from invoicing.models import Invoice, InvoiceStatus


def customer_named(reference: str) -> Customer:
    """The customer that `reference` names. Raises ResourceNotFound."""
    return find_named(Customer.objects.all(), reference, "customer_id")


def invoice_named(reference: str) -> Invoice:
    """The invoice that `reference` names, unless it is a deleted draft. Raises ResourceNotFound."""
    return find_named(Invoice.objects.exclude(status=InvoiceStatus.DELETED), reference, "invoice_id")


def all_named(
    rows: QuerySet[Any],
    wanted: Sequence[tuple[str, str | None]],
    missing: list[Detail],
) -> dict[str, Any]:
    """The rows, by the references that name them. `wanted` holds pairs of (field, reference).

    References that do not exist are added to `missing`.
    """
    references = [reference for _, reference in wanted if reference]
    if not references:
        return {}
    found = by_reference(rows.filter(condition(rows.model, references)))
    missing += [
        Detail(f"There is no {reference}.", field=field, code="not_found")
        for field, reference in wanted
        if reference and reference not in found
    ]
    return found
