"""Scheduled jobs. Each finds the tenants that have work, then works on one tenant at a time, in its context."""

from __future__ import annotations

import uuid
from typing import Any

from celery import shared_task
from django.db.models import QuerySet
from django.utils import timezone

from bigledger.heartbeat import beat
from bigledger.tenants.jobs import for_each_claim, for_each_tenant, in_turns
from bigledger.tenants.models import Tenant
from invoicing.models import DocumentVersion, Invoice, Payment, PaymentStatus, RecurringInvoice, RecurringStatus, Refund
from invoicing.models.invoices import OPEN_STATUSES
from invoicing.pdf.stored import MAX_ATTEMPTS as MAX_PDF_ATTEMPTS
from invoicing.pdf.stored import make_next_pdf
from invoicing.services.overdue import raise_overdue_invoices as raise_overdue
from invoicing.services.recurring import claim_next_invoice, issue_claimed_invoice
from invoicing.services.settlement import settle_with_gateway as settle


@shared_task(name="invoicing.raise_overdue_invoices")
def raise_overdue_invoices() -> int:
    """Records `invoice.overdue` for invoices due before today in the tenant's time zone; returns how many."""
    rows = Invoice.objects.using("worker").filter(status__in=OPEN_STATUSES, amount_due__gt=0)
    # What failed is not tried again in this run, so that it keeps nothing behind it waiting.
    failed: set[uuid.UUID] = set()
    return for_each_tenant(_tenants(rows), lambda: raise_overdue(failed), job="invoicing.raise_overdue_invoices")


@shared_task(name="invoicing.issue_recurring_invoices")
def issue_recurring_invoices() -> int:
    """Issues the recurring invoices that are due, including those of missed days; returns how many."""
    rows = RecurringInvoice.objects.using("worker").filter(status=RecurringStatus.ACTIVE)
    return for_each_claim(
        _tenants(rows), claim_next_invoice, issue_claimed_invoice, job="invoicing.issue_recurring_invoices"
    )


@shared_task(name="invoicing.make_pdfs")
def make_pdfs() -> int:
    """Creates the requested PDFs, one of each tenant in turn, until none is left; returns how many."""
    total = 0
    while made := in_turns(_waiting_for_pdfs(), _make_pdf, job="invoicing.make_pdfs", turn_seconds=0):
        total += made
    return total


def _make_pdf(tenant: Tenant) -> int:
    beat()
    return make_next_pdf(tenant.id)


def _waiting_for_pdfs() -> list[uuid.UUID]:
    due = {"file": None, "attempts__lt": MAX_PDF_ATTEMPTS, "next_attempt_at__lte": timezone.now()}
    return sorted(_tenants(DocumentVersion.objects.using("worker").filter(**due)))


@shared_task(name="invoicing.settle_with_gateway")
def settle_with_gateway() -> int:
    """Sends captures and refunds to the card gateway that it has not received yet; returns how many."""
    payments = Payment.objects.using("worker").filter(captured_at=None).exclude(gateway="")
    refunds = Refund.objects.using("worker").filter(settled_at=None)
    tenants = _tenants(payments.exclude(status=PaymentStatus.FAILED)) | _tenants(refunds)
    return for_each_tenant(tenants, settle, job="invoicing.settle_with_gateway", repeat=False)


def _tenants(rows: QuerySet[Any]) -> set[uuid.UUID]:
    return set(rows.values_list("tenant_id", flat=True).distinct())
