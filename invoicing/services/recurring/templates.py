"""Recurring invoices: the template is created, changed, paused, resumed and deleted."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from bigledger.access.principal import Principal
from bigledger.errors import BusinessRuleViolation, ValidationFailed
from bigledger.events.changes import shown_change
from bigledger.events.record import record
from bigledger.tenants.context import current_tenant
from invoicing.bodies import RecurringInvoiceBody
from invoicing.events import (
    RECURRING_CREATED,
    RECURRING_DELETED,
    RECURRING_PAUSED,
    RECURRING_RESUMED,
    RECURRING_UPDATED,
)
from invoicing.models import RecurringInvoice, RecurringInvoiceLine, RecurringStatus
from invoicing.rules import RECURRING_INVOICE_IN_USE, RECURRING_INVOICE_NOT_ACTIVE, RECURRING_INVOICE_NOT_PAUSED
from invoicing.selectors.recurring import given_lines, recurring_body
from invoicing.services.invoices import document_currency
from invoicing.services.lookup import customer_named
from invoicing.services.pricing import CONDITIONS, price, references_of
from invoicing.services.recurring.rows import locked_template, save_and_record
from invoicing.totals import ZERO
from ledger.models import OnClosedPeriod
from ledger.services.recurring.calendar import check_missed, reopen, skip_past_dates


@transaction.atomic
def create_recurring_invoice(
    *,
    customer_id: str,
    frequency: str,
    lines: Sequence[Mapping[str, Any]],
    start_date: datetime.date | None = None,
    end_date: datetime.date | None = None,
    send_automatically: bool = True,
    on_closed_period: str = OnClosedPeriod.REFUSE,
    currency: str | None = None,
    payment_terms: str | None = None,
    notes: str = "",
    metadata: Mapping[str, str] | None = None,
    acting: Principal,
    **conditions: Any,
) -> RecurringInvoiceBody:
    """A template whose first invoice is dated `start_date` (default: today); past dates are invoiced at once.

    `conditions` are those of `PricesInput`. Raises ValidationFailed when more than 60 dates have passed already, and
    what pricing does.
    """
    customer = customer_named(customer_id)
    currency = document_currency(customer, currency)
    _check_prices(lines, currency, conditions)
    start_date = start_date or current_tenant().today()
    now = current_tenant().now()
    row = RecurringInvoice(
        customer=customer,
        frequency=frequency,
        start_date=start_date,
        end_date=end_date,
        next_date=start_date,
        is_sent_automatically=send_automatically,
        on_closed_period=on_closed_period,
        currency=currency,
        payment_terms=payment_terms or customer.payment_terms,
        notes=notes,
        metadata=dict(metadata or {}),
        created_by_id=acting.user_id,
        created_at=now,
        updated_at=now,
        **conditions,
    )
    _check_dates(row)
    check_missed(row)
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
    row = locked_template(recurring)
    before = recurring_body(row)
    conditions = {name: changes[name] for name in CONDITIONS if name in changes}
    if "discount_percentage" in conditions or "discount_amount" in conditions:
        conditions = {"discount_percentage": ZERO, "discount_amount": None} | conditions
    for name, value in conditions.items():
        setattr(row, name, value)
    if conditions or "lines" in changes:
        kept = {name: getattr(row, name) for name in CONDITIONS}
        _check_prices(changes["lines"] if "lines" in changes else given_lines(row), row.currency, kept)
    if "lines" in changes:
        RecurringInvoiceLine.objects.filter(recurring_invoice=row).delete()
        _write_lines(row, changes["lines"])
    for name in ("end_date", "payment_terms", "notes", "metadata", "on_closed_period"):
        if name in changes:
            setattr(row, name, changes[name])
    row.is_sent_automatically = changes.get("send_automatically", row.is_sent_automatically)
    _check_dates(row)
    if row.status == RecurringStatus.ENDED:
        reopen(row)
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
    row = locked_template(recurring)
    if row.invoices.exists():
        raise BusinessRuleViolation.of(RECURRING_INVOICE_IN_USE)
    record(RECURRING_DELETED, row.id, recurring_body(row), acting=acting)
    row.delete()


@transaction.atomic
def pause_recurring_invoice(*, recurring: RecurringInvoice, acting: Principal) -> RecurringInvoiceBody:
    """Raises BusinessRuleViolation (`recurring_invoice_not_active`)."""
    row = locked_template(recurring)
    if row.status != RecurringStatus.ACTIVE:
        raise BusinessRuleViolation.of(RECURRING_INVOICE_NOT_ACTIVE, status=row.status)
    row.status = RecurringStatus.PAUSED
    return save_and_record(row, RECURRING_PAUSED, acting=acting)


@transaction.atomic
def resume_recurring_invoice(*, recurring: RecurringInvoice, acting: Principal) -> RecurringInvoiceBody:
    """Continues with the first date from today, since no invoices were wanted during the pause.

    After a pause by the system (`pause_reason`) it continues with the date that could not be invoiced, so that none is
    lost. Raises ValidationFailed when that makes more than 60 invoices; BusinessRuleViolation
    (`recurring_invoice_not_paused`).
    """
    row = locked_template(recurring)
    if row.status != RecurringStatus.PAUSED:
        raise BusinessRuleViolation.of(RECURRING_INVOICE_NOT_PAUSED, status=row.status)
    if row.pause_reason:
        check_missed(row)
    else:
        skip_past_dates(row)
    row.pause_reason, row.failures, row.retry_at = "", 0, None
    if row.next_date:
        row.status = RecurringStatus.ACTIVE
    return save_and_record(row, RECURRING_RESUMED, acting=acting)


def _write_lines(row: RecurringInvoice, lines: Sequence[Mapping[str, Any]]) -> None:
    given = (
        "description", "quantity", "unit_price", "discount_percentage", "discount_amount", "is_charge", "tax_rate",
    )  # fmt: skip
    RecurringInvoiceLine.objects.bulk_create(
        RecurringInvoiceLine(
            recurring_invoice=row,
            position=position,
            **references,
            **{name: line[name] for name in given if name in line},
        )
        for position, (line, references) in enumerate(zip(lines, references_of(lines), strict=True), start=1)
    )


def _check_prices(lines: Sequence[Mapping[str, Any]], currency: str, conditions: Mapping[str, Any]) -> None:
    """Raises what pricing does."""
    price(lines, currency, conditions)


def _check_dates(row: RecurringInvoice) -> None:
    if row.end_date and row.end_date < row.start_date:
        raise ValidationFailed.at("end_date", f"Must not be before the start date, {row.start_date}.", "out_of_range")
