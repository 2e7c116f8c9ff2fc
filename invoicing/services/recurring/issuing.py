"""The job that issues the invoices that are due."""

from __future__ import annotations

import datetime
import uuid

from django.db import transaction

from bigledger.access.models import Role
from bigledger.access.principal import Principal
from bigledger.events.changes import shown_change
from bigledger.events.record import record
from invoicing.apps import SCOPE
from invoicing.events import RECURRING_INVOICES, RECURRING_PAUSED, RECURRING_UPDATED
from invoicing.models import RecurringInvoice
from invoicing.selectors.recurring import given_lines, given_prices, recurring_body
from invoicing.services.invoices import create_invoice, send_invoice
from invoicing.services.lookup import invoice_named
from invoicing.services.recurring.rows import save_and_record
from ledger.models import OnClosedPeriod
from ledger.services.dating import first_open_day
from ledger.services.recurring.due import claim_next, is_due, make_next


def claim_next_invoice() -> uuid.UUID | None:
    """Claims one template that is due in the tenant in context; None if there is none."""
    acting = Principal.system(RECURRING_INVOICES)
    return claim_next(RecurringInvoice, lambda row: save_and_record(row, RECURRING_PAUSED, acting=acting))


def issue_claimed_invoice(recurring_id: uuid.UUID) -> None:
    """Issues the next date of a claimed template of the tenant in context.

    Invoice and calendar move in one transaction, so no date is issued twice or left out. A template that
    can no longer be invoiced is paused with the reason.
    """
    with transaction.atomic():
        row = RecurringInvoice.objects.select_for_update().get(pk=recurring_id)
        if not is_due(row):
            return
        # The invoice belongs to whoever set the template up; the events name the job.
        acting = Principal.on_behalf_of(row.created_by_id, by=RECURRING_INVOICES, role=Role.ACCOUNTANT)
        before = recurring_body(row)
        if not make_next(row, lambda date: _issue(row, date, acting=acting)):
            save_and_record(row, RECURRING_PAUSED, acting=acting)
            return
        body = shown_change(row, before, recurring_body)
        row.save()
        if body:
            record(RECURRING_UPDATED, row.id, body, acting=acting, previous=before)


def _issue(row: RecurringInvoice, date: datetime.date, *, acting: Principal) -> None:
    if row.is_sent_automatically and row.on_closed_period == OnClosedPeriod.NEXT_OPEN:
        date = first_open_day(date, SCOPE)
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
