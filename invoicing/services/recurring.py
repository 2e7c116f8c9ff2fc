"""Recurring invoices: the template, its calendar, and issuing what is due."""

from __future__ import annotations

import calendar
import datetime
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

import structlog
from django.db import transaction
from django.db.models import Q

from bigledger.access.models import Role
from bigledger.access.principal import Principal
from bigledger.errors import ApiError, BusinessRuleViolation, ValidationFailed
from bigledger.events.changes import shown_change
from bigledger.events.record import record
from bigledger.events.registry import EventType
from bigledger.tenants.context import current_tenant
from invoicing.bodies import RecurringInvoiceBody
from invoicing.events import (
    RECURRING_CREATED,
    RECURRING_DELETED,
    RECURRING_INVOICES,
    RECURRING_PAUSED,
    RECURRING_RESUMED,
    RECURRING_UPDATED,
)
from invoicing.models import Frequency, Invoice, RecurringInvoice, RecurringInvoiceLine, RecurringStatus
from invoicing.rules import RECURRING_INVOICE_IN_USE, RECURRING_INVOICE_NOT_ACTIVE, RECURRING_INVOICE_NOT_PAUSED
from invoicing.selectors.recurring import given_lines, recurring_body
from invoicing.services.invoices import create_invoice, document_currency, send_invoice
from invoicing.services.pricing import price, references_of
from invoicing.services.references import customer_named

_MONTHS = {Frequency.MONTHLY: 1, Frequency.QUARTERLY: 3, Frequency.YEARLY: 12}
_LAST_YEAR = 2199
# As many invoices as a template may owe at once: five years of months, more than a year of weeks.
MAX_MISSED = 60
MAX_FAILURES = 6
FIRST_WAIT = datetime.timedelta(minutes=15)  # doubled with each failure; about eight hours in all
logger = structlog.get_logger(__name__)


@transaction.atomic
def create_recurring_invoice(
    *,
    customer_id: str,
    frequency: str,
    lines: Sequence[Mapping[str, Any]],
    start_date: datetime.date | None = None,
    end_date: datetime.date | None = None,
    send_automatically: bool = True,
    currency: str | None = None,
    payment_terms: str | None = None,
    notes: str = "",
    acting: Principal,
) -> RecurringInvoiceBody:
    """A template whose first invoice is dated `start_date` (default: today); past dates are invoiced at once.

    Raises ValidationFailed when more than 60 dates have passed already, and what pricing does.
    """
    customer = customer_named(customer_id)
    currency = document_currency(customer, currency)
    price(lines, currency)
    start_date = start_date or current_tenant().today()
    now = current_tenant().now()
    row = RecurringInvoice(
        customer=customer,
        frequency=frequency,
        start_date=start_date,
        end_date=end_date,
        next_date=start_date,
        is_sent_automatically=send_automatically,
        currency=currency,
        payment_terms=payment_terms or customer.payment_terms,
        notes=notes,
        created_by_id=acting.user_id,
        created_at=now,
        updated_at=now,
    )
    _check_dates(row)
    _check_missed(row)
    row.save(force_insert=True)
    _write_lines(row, lines)
    body = recurring_body(row)
    record(RECURRING_CREATED, row.id, body, acting=acting)
    return body


@transaction.atomic
def update_recurring_invoice(
    *, recurring: RecurringInvoice, changes: Mapping[str, Any], acting: Principal
) -> RecurringInvoiceBody:
    """Changes future invoices: lines, end date, terms, notes, whether they are sent.

    An end date before the next date ends the template; a later one, or none, lets an ended template go on with its
    first date from today.
    """
    row = _locked(recurring)
    before = recurring_body(row)
    if "lines" in changes:
        price(changes["lines"], row.currency)
        RecurringInvoiceLine.objects.filter(recurring_invoice=row).delete()
        _write_lines(row, changes["lines"])
    for name in ("end_date", "payment_terms", "notes"):
        if name in changes:
            setattr(row, name, changes[name])
    row.is_sent_automatically = changes.get("send_automatically", row.is_sent_automatically)
    _check_dates(row)
    if row.status == RecurringStatus.ENDED:
        _reopen(row)
    elif row.end_date and row.next_date and row.next_date > row.end_date:
        row.status, row.next_date = RecurringStatus.ENDED, None
    body = shown_change(row, before, recurring_body)
    if body is None:
        return before
    row.save()
    record(RECURRING_UPDATED, row.id, body, acting=acting, previous=before)
    return body


@transaction.atomic
def delete_recurring_invoice(*, recurring: RecurringInvoice, acting: Principal) -> None:
    """Raises BusinessRuleViolation (`recurring_invoice_in_use`) when it has made invoices: pause it instead."""
    row = _locked(recurring)
    if row.invoices.exists():
        raise BusinessRuleViolation.of(RECURRING_INVOICE_IN_USE)
    record(RECURRING_DELETED, row.id, recurring_body(row), acting=acting)
    row.delete()


@transaction.atomic
def pause_recurring_invoice(*, recurring: RecurringInvoice, acting: Principal) -> RecurringInvoiceBody:
    """Raises BusinessRuleViolation (`recurring_invoice_not_active`)."""
    row = _locked(recurring)
    if row.status != RecurringStatus.ACTIVE:
        raise BusinessRuleViolation.of(RECURRING_INVOICE_NOT_ACTIVE, status=row.status)
    row.status = RecurringStatus.PAUSED
    return _keep(row, RECURRING_PAUSED, acting=acting)


@transaction.atomic
def resume_recurring_invoice(*, recurring: RecurringInvoice, acting: Principal) -> RecurringInvoiceBody:
    """Continues with the first date from today, since no invoices were wanted during the pause.

    After a pause by the system (`pause_reason`) it continues with the date that could not be invoiced, so that none is
    lost. Raises ValidationFailed when that makes more than 60 invoices; BusinessRuleViolation
    (`recurring_invoice_not_paused`).
    """
    row = _locked(recurring)
    if row.status != RecurringStatus.PAUSED:
        raise BusinessRuleViolation.of(RECURRING_INVOICE_NOT_PAUSED, status=row.status)
    if row.pause_reason:
        _check_missed(row)
    else:
        _skip_past_dates(row)
    row.pause_reason, row.failures, row.retry_at = "", 0, None
    if row.next_date:
        row.status = RecurringStatus.ACTIVE
    return _keep(row, RECURRING_RESUMED, acting=acting)


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
        _advance(row)
        body = shown_change(row, before, recurring_body)
        row.save()
        if body:
            record(RECURRING_UPDATED, row.id, body, acting=acting, previous=before)


def _pause(row: RecurringInvoice, reason: str, *, acting: Principal) -> None:
    row.status, row.pause_reason, row.failures, row.retry_at = RecurringStatus.PAUSED, reason, 0, None
    logger.warning("recurring_invoice_paused", recurring=row.public_id, reason=reason)
    _keep(row, RECURRING_PAUSED, acting=acting)


def date_of(start: datetime.date, frequency: str, occurrence: int) -> datetime.date:
    """The date of an occurrence, counted from the start: a 31st falls on the last day of shorter months."""
    if frequency == Frequency.WEEKLY:
        return start + datetime.timedelta(weeks=occurrence)
    months = start.month - 1 + _MONTHS[Frequency(frequency)] * occurrence
    year, month = start.year + months // 12, months % 12 + 1
    return datetime.date(year, month, min(start.day, calendar.monthrange(year, month)[1]))


def _issue(row: RecurringInvoice, date: datetime.date, *, acting: Principal) -> None:
    body = create_invoice(
        customer_id=row.customer.public_id,
        lines=given_lines(row),
        invoice_date=date,
        payment_terms=row.payment_terms,
        notes=row.notes,
        recurring_invoice=row,
        acting=acting,
    )
    if row.is_sent_automatically:
        send_invoice(invoice=Invoice.objects.get(number=body.number), acting=acting)


def _write_lines(row: RecurringInvoice, lines: Sequence[Mapping[str, Any]]) -> None:
    given = ("description", "quantity", "unit_price", "discount_percentage", "tax_rate")
    RecurringInvoiceLine.objects.bulk_create(
        RecurringInvoiceLine(
            recurring_invoice=row,
            position=position,
            **references,
            **{name: line[name] for name in given if name in line},
        )
        for position, (line, references) in enumerate(zip(lines, references_of(lines), strict=True), start=1)
    )


def _reopen(row: RecurringInvoice) -> None:
    following = date_of(row.start_date, row.frequency, row.occurrences)
    if following.year <= _LAST_YEAR and not (row.end_date and following > row.end_date):
        row.status, row.next_date = RecurringStatus.ACTIVE, following
        _skip_past_dates(row)


def _skip_past_dates(row: RecurringInvoice) -> None:
    while row.next_date and row.next_date < current_tenant().today():
        _advance(row)


def _check_missed(row: RecurringInvoice) -> None:
    """Refuses a calendar that would create more than MAX_MISSED invoices at once."""
    limit = date_of(row.start_date, row.frequency, row.occurrences + MAX_MISSED)
    if limit <= min(current_tenant().today(), row.end_date or current_tenant().today()):
        first = date_of(row.start_date, row.frequency, row.occurrences)
        message = f"From {first} until today more than {MAX_MISSED} invoices would be made; start later."
        raise ValidationFailed.at("start_date", message, "too_small")


def _advance(row: RecurringInvoice) -> None:
    row.occurrences += 1
    following = date_of(row.start_date, row.frequency, row.occurrences)
    if following.year > _LAST_YEAR or (row.end_date and following > row.end_date):
        row.status, row.next_date = RecurringStatus.ENDED, None
    else:
        row.next_date = following


def _locked(recurring: RecurringInvoice) -> RecurringInvoice:
    return RecurringInvoice.objects.select_for_update().get(pk=recurring.pk)


def _keep(row: RecurringInvoice, event: EventType, *, acting: Principal) -> RecurringInvoiceBody:
    row.updated_at = current_tenant().now()
    row.save()
    body = recurring_body(row)
    record(event, row.id, body, acting=acting)
    return body


def _check_dates(row: RecurringInvoice) -> None:
    if row.end_date and row.end_date < row.start_date:
        raise ValidationFailed.at("end_date", f"Must not be before the start date, {row.start_date}.", "out_of_range")
