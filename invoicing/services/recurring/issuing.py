"""The job that issues the invoices that are due."""

from __future__ import annotations

import datetime
import uuid

import structlog
from django.db import transaction
from django.db.models import Q

from bigledger.access.models import Role
from bigledger.access.principal import Principal
from bigledger.errors import ApiError
from bigledger.events.changes import shown_change
from bigledger.events.record import record
from bigledger.tenants.context import current_tenant
from invoicing.events import RECURRING_INVOICES, RECURRING_PAUSED, RECURRING_UPDATED
from invoicing.models import RecurringInvoice, RecurringStatus
from invoicing.selectors.recurring import given_lines, given_prices, recurring_body
from invoicing.services.invoices import create_invoice, send_invoice
from invoicing.services.lookup import invoice_named
from invoicing.services.recurring.calendar import advance
from invoicing.services.recurring.rows import save_and_record

MAX_FAILURES = 6
FIRST_WAIT = datetime.timedelta(minutes=15)  # doubled with each failure; about eight hours in all
logger = structlog.get_logger(__name__)


def claim_next_invoice() -> uuid.UUID | None:
    """Claims one template that is due in the tenant in context; None if there is none.

    The claim is a separate transaction and counts as a failure until the invoice exists: so an attempt
    that ends the whole process is counted and postponed as well. After MAX_FAILURES the template is paused.
    """
    today, now = current_tenant().today(), current_tenant().now()
    with transaction.atomic():
        row = (
            RecurringInvoice.objects.select_for_update(skip_locked=True)
            .filter(Q(retry_at=None) | Q(retry_at__lte=now), status=RecurringStatus.ACTIVE, next_date__lte=today)
            .order_by("next_date", "id")
            .first()
        )
        if row is None:
            return None
        if row.failures >= MAX_FAILURES:
            reason = f"It could not be issued in {row.failures} attempts, for an internal reason that is in the log."
            _pause(row, reason, acting=Principal.system(RECURRING_INVOICES))
            return row.id
        row.failures += 1
        row.retry_at = now + FIRST_WAIT * 2 ** (row.failures - 1)
        row.save(update_fields=["failures", "retry_at"])
    return row.id


def issue_claimed_invoice(recurring_id: uuid.UUID) -> None:
    """Issues the next date of a claimed template of the tenant in context.

    Invoice and calendar move in one transaction, so no date is issued twice or left out. A template that
    can no longer be invoiced is paused with the reason.
    """
    with transaction.atomic():
        row = RecurringInvoice.objects.select_for_update().get(pk=recurring_id)
        if row.status != RecurringStatus.ACTIVE or row.next_date is None or row.next_date > current_tenant().today():
            return
        # The invoice belongs to whoever set the template up; the events name the job.
        acting = Principal.on_behalf_of(row.created_by_id, by=RECURRING_INVOICES, role=Role.ACCOUNTANT)
        before = recurring_body(row)
        try:
            with transaction.atomic():
                _issue(row, row.next_date, acting=acting)
        except ApiError as fault:
            details = "; ".join(detail.message for detail in fault.details)
            _pause(row, (details or fault.message)[:500], acting=acting)
            return
        row.failures, row.retry_at = 0, None
        advance(row)
        body = shown_change(row, before, recurring_body)
        row.save()
        if body:
            record(RECURRING_UPDATED, row.id, body, acting=acting, previous=before)


def _pause(row: RecurringInvoice, reason: str, *, acting: Principal) -> None:
    row.status, row.pause_reason, row.failures, row.retry_at = RecurringStatus.PAUSED, reason, 0, None
    logger.warning("recurring_invoice_paused", recurring=row.public_id, reason=reason)
    save_and_record(row, RECURRING_PAUSED, acting=acting)


def _issue(row: RecurringInvoice, date: datetime.date, *, acting: Principal) -> None:
    body = create_invoice(
        customer_id=row.customer.public_id,
        lines=given_lines(row),
        invoice_date=date,
        payment_terms=row.payment_terms,
        notes=row.notes,
        **given_prices(row),
        recurring_invoice=row,
        acting=acting,
    )
    if row.is_sent_automatically:
        # Without an address it is issued all the same, and somebody sends it by hand.
        send_invoice(invoice=invoice_named(body.id), deliver=bool(row.customer.email), acting=acting)
