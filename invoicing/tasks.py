"""Jobs of the clock. Each finds the tenants with work, then works tenant by tenant in its context."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from typing import Any

import structlog
from celery import shared_task
from django.db.models import QuerySet

from bigledger.tenants.context import tenant_context
from bigledger.tenants.models import Tenant
from invoicing.models import Invoice, InvoiceMail, Payment, PaymentStatus, RecurringInvoice, RecurringStatus, Refund
from invoicing.models.invoices import OPEN_STATUSES
from invoicing.services.mails import MAX_ATTEMPTS, deliver_next_mail
from invoicing.services.overdue import raise_overdue_invoices as raise_overdue
from invoicing.services.recurring import issue_next_invoice
from invoicing.services.settlement import settle_with_gateway as settle

MAX_STEPS = 1000  # of one tenant in one run; the rest waits for the next
logger = structlog.get_logger(__name__)


@shared_task(name="invoicing.raise_overdue_invoices")
def raise_overdue_invoices() -> int:
    """Raises `invoice.overdue` for what is due before today where each tenant is; returns how many."""
    rows = Invoice.objects.using("worker").filter(status__in=OPEN_STATUSES, amount_due__gt=0)
    return _step_through(_tenants(rows), raise_overdue)


@shared_task(name="invoicing.issue_recurring_invoices")
def issue_recurring_invoices() -> int:
    """Issues the recurring invoices that are due, those of days missed as well; returns how many."""
    rows = RecurringInvoice.objects.using("worker").filter(status=RecurringStatus.ACTIVE)
    return _step_through(_tenants(rows), issue_next_invoice)


@shared_task(name="invoicing.deliver_mails")
def deliver_mails() -> int:
    """Delivers the invoice mails that wait; returns how many were tried."""
    rows = InvoiceMail.objects.using("worker").filter(delivered_at=None, attempts__lt=MAX_ATTEMPTS)
    return _step_through(_tenants(rows), deliver_next_mail)


@shared_task(name="invoicing.settle_with_gateway")
def settle_with_gateway() -> int:
    """Captures and refunds what the card gateway was not yet told; returns how many."""
    payments = Payment.objects.using("worker").filter(captured_at=None).exclude(gateway="")
    refunds = Refund.objects.using("worker").filter(settled_at=None)
    tenants = _tenants(payments.exclude(status=PaymentStatus.FAILED)) | _tenants(refunds)
    return _step_through(tenants, settle, max_steps=1)


def _tenants(rows: QuerySet[Any]) -> set[uuid.UUID]:
    return set(rows.values_list("tenant_id", flat=True).distinct())


def _step_through(tenants: Iterable[uuid.UUID], step: Callable[[], int], max_steps: int = MAX_STEPS) -> int:
    """Repeats `step`, each in a transaction of its own, until it has nothing left to do in any tenant.

    A fault in one tenant's books must not keep the others waiting.
    """
    total = 0
    for tenant in Tenant.objects.using("worker").filter(pk__in=tenants):
        try:
            for _ in range(max_steps):
                with tenant_context(tenant):
                    count = step()
                total += count
                if not count:
                    break
        except Exception:
            logger.exception("job_failed", tenant=str(tenant.id), step=step.__name__)
    return total
