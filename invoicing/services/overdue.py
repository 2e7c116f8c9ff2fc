"""Overdue invoices: due before today, in the tenant's own time zone.

An invoice's status says whether it is overdue. The due dates for which `invoice.overdue` was recorded are stored in
`overdue_told`, so that it is recorded once for each, however often the due date changes.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence

import structlog
from django.db import transaction

from bigledger.access.principal import Principal
from bigledger.events.record import record
from bigledger.tenants.context import current_tenant
from invoicing.bodies import InvoiceBody
from invoicing.events import INVOICE_OVERDUE, OVERDUE
from invoicing.models import Invoice, InvoiceStatus
from invoicing.selectors.documents import invoice_bodies

BATCH = 200
logger = structlog.get_logger(__name__)


def standing_of(invoice: Invoice) -> InvoiceStatus:
    """SENT or OVERDUE: the status of an issued invoice with an amount due."""
    return InvoiceStatus.OVERDUE if invoice.due_date < current_tenant().today() else InvoiceStatus.SENT


def record_overdue(invoices: Sequence[Invoice], bodies: Sequence[InvoiceBody], *, acting: Principal) -> None:
    """Records `invoice.overdue` for overdue invoices, unless it was recorded for that due date before."""
    recorded = []
    for invoice, body in zip(invoices, bodies, strict=True):
        if invoice.status == InvoiceStatus.OVERDUE and invoice.due_date not in invoice.overdue_told:
            invoice.overdue_told.append(invoice.due_date)
            record(INVOICE_OVERDUE, invoice.id, body, acting=acting)
            recorded.append(invoice)
    Invoice.objects.bulk_update(recorded, ["overdue_told"])


def raise_overdue_invoices(failed: set[uuid.UUID] | None = None) -> int:
    """Marks a batch of the overdue invoices of the tenant in context; returns its size, 0 when none are left.

    Invoices locked by others are left for the next run, so this job never waits. An invoice whose event fails is
    logged, added to `failed` and skipped; without `failed` its error is raised.
    """
    with transaction.atomic():
        invoices = list(
            Invoice.objects.select_for_update(skip_locked=True)
            .filter(status=InvoiceStatus.SENT, due_date__lt=current_tenant().today(), amount_due__gt=0)
            .exclude(pk__in=failed or ())
            .order_by("due_date", "id")[:BATCH]
        )
        try:
            with transaction.atomic():
                _mark(invoices)
                return len(invoices)
        except Exception:
            if failed is None:
                raise
        for invoice in invoices:
            _mark_alone(invoice, failed)
        return len(invoices)


def _mark(invoices: Sequence[Invoice]) -> None:
    for invoice in invoices:
        invoice.status = InvoiceStatus.OVERDUE
        invoice.updated_at = current_tenant().now()
    Invoice.objects.bulk_update(invoices, ["status", "updated_at"])
    record_overdue(invoices, invoice_bodies(invoices), acting=Principal.system(OVERDUE))


def _mark_alone(invoice: Invoice, failed: set[uuid.UUID]) -> None:
    try:
        with transaction.atomic():
            _mark([invoice])
    except Exception:
        failed.add(invoice.id)
        logger.exception("overdue_failed", tenant=str(current_tenant().id), invoice=invoice.public_id)
