"""Overdue invoices: due before today, in the tenant's own time zone."""

from __future__ import annotations

from django.db import transaction
from django.db.models import F, Q

from bigledger.events.record import record
from bigledger.tenants.context import current_tenant
from invoicing.events import INVOICE_OVERDUE
from invoicing.models import Invoice, InvoiceStatus
from invoicing.models.invoices import OPEN_STATUSES
from invoicing.selectors.documents import invoice_bodies

BATCH = 200


def raise_overdue_invoices() -> int:
    """Marks a batch of the overdue invoices of the tenant in context; returns how many, 0 when none are left.

    `overdue_for` keeps the due date that was told of, so that an invoice is told of once for each. Invoices
    that others hold are left for the next run: this job never waits.
    """
    today = current_tenant().today()
    untold = Q(overdue_for=None) | ~Q(overdue_for=F("due_date"))
    with transaction.atomic():
        invoices = list(
            Invoice.objects.select_for_update(skip_locked=True)
            .filter(untold, status__in=OPEN_STATUSES, due_date__lt=today, amount_due__gt=0)
            .order_by("due_date", "id")[:BATCH]
        )
        for invoice in invoices:
            invoice.status = InvoiceStatus.OVERDUE
            invoice.overdue_for = invoice.due_date
            invoice.updated_at = current_tenant().now()
        Invoice.objects.bulk_update(invoices, ["status", "overdue_for", "updated_at"])
        for invoice, body in zip(invoices, invoice_bodies(invoices), strict=True):
            record(INVOICE_OVERDUE, invoice.id, body)
    return len(invoices)
