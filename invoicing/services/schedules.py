"""Schedules that spread the revenue of an invoice line, and what credit notes leave of them.

The revenue is deferred on the first day and comes back month by month. A credit note over a part of the line stops that
part of what is still to come: the credit note itself takes revenue back, so the same part of what is deferred is
released to it.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db import transaction

from bigledger.access.principal import Principal
from bigledger.api.lookup import find_named
from bigledger.errors import BusinessRuleViolation, Detail, ValidationFailed
from bigledger.tenants.context import current_tenant
from invoicing.models import CreditNoteLine, Invoice, InvoiceLine
from invoicing.models.documents import DocumentLine
from invoicing.models.invoices import ISSUED_STATUSES
from invoicing.rules import CREDIT_EXCEEDS_LINE, NOT_CREDITABLE
from invoicing.services.worth import worth
from ledger.bodies import ScheduleBody
from ledger.models import Account, AccountPurpose, Schedule, ScheduleMethod
from ledger.services.accounts import ensure_purpose_account
from ledger.services.schedules.schedules import create_schedule, keep_of_source

_REQUIRED = ("amount", "credit_account_id", "start_date")
_OF_LINE = ("amount", "credit_account_id")


@transaction.atomic
def create_schedule_of(
    *, invoice_line_id: str | None = None, method: str = ScheduleMethod.MONTHS, acting: Principal, **given: Any
) -> ScheduleBody:
    """A schedule of a given amount, or of the revenue of an issued invoice line from the day of its invoice on.

    Raises what `create_schedule` does; ValidationFailed; BusinessRuleViolation (`invoice_not_issued`,
    `credit_exceeds_line` when all of the line is credited).
    """
    if invoice_line_id is None:
        _refuse([name for name in _REQUIRED if name not in given], "This field is required.", "required")
        return create_schedule(**given, method=method, acting=acting)
    taken = [name for name in _OF_LINE if name in given]
    _refuse(taken, "The invoice line says it.", "incompatible")
    line = find_named(InvoiceLine.objects.all(), invoice_line_id, "invoice_line_id")
    invoice = Invoice.objects.select_for_update().get(pk=line.invoice_id)
    if invoice.status not in ISSUED_STATUSES or invoice.exchange_rate is None:
        raise BusinessRuleViolation.of(NOT_CREDITABLE, "invoice_line_id", number=invoice.words, status=invoice.status)
    revenue = _net(line)
    if revenue <= 0:
        raise ValidationFailed.at("invoice_line_id", "The line has no revenue to spread.", "too_small")
    keeps = _keeps([line])[line.id]
    if not keeps:
        raise BusinessRuleViolation.of(
            CREDIT_EXCEEDS_LINE, "invoice_line_id", left=0, line=line.position, number=invoice.words
        )
    start = given.pop("start_date", None) or invoice.invoice_date
    if start < invoice.invoice_date:
        message = f"Must not be before the date of the invoice, {invoice.invoice_date}."
        raise ValidationFailed.at("start_date", message, "out_of_range")
    account = line.revenue_account_id or _sales_revenue(acting)
    given.setdefault("description", f"{invoice.number} {line.description}"[:1000])
    return create_schedule(
        **given,
        amount=worth(revenue, invoice.exchange_rate),
        credit_account_id=str(Account.public_id_of(account)),
        method=method,
        start_date=start,
        source=line.public_id,
        keeps=keeps,
        acting=acting,
    )


def spread_credited(*, lines: Iterable[uuid.UUID | None], on: datetime.date, acting: Principal) -> None:
    """After a credit note, or voiding one: the schedules of these invoice lines spread what is left of them."""
    keys = [InvoiceLine.public_id_of(key) for key in lines if key]
    sources = Schedule.objects.filter(source__in=keys).values_list("source", flat=True) if keys else ()
    wanted = {key for source in sources if source and (key := InvoiceLine.id_in(source))}
    if not wanted:
        return
    rows = list(InvoiceLine.objects.filter(pk__in=wanted).order_by("pk"))
    keeps = _keeps(rows)
    for row in rows:
        keep_of_source(source=row.public_id, keeps=keeps[row.id], on=on, acting=acting)


def spread_voided(*, lines: Iterable[uuid.UUID], on: datetime.date, acting: Principal) -> None:
    """After an invoice was voided: nothing is left of its lines."""
    keys = [InvoiceLine.public_id_of(key) for key in lines]
    for source in Schedule.objects.filter(source__in=keys).order_by("id").values_list("source", flat=True).distinct():
        if source:
            keep_of_source(source=source, keeps=Fraction(0), on=on, acting=acting)


def _keeps(lines: Collection[InvoiceLine]) -> Mapping[uuid.UUID, Fraction]:
    """Which part of the revenue of each line is not credited."""
    credited: dict[uuid.UUID, Decimal] = {line.id: Decimal(0) for line in lines}
    for row in CreditNoteLine.objects.filter(invoice_line__in=list(lines), credit_note__voided_on=None):
        if row.invoice_line_id:
            credited[row.invoice_line_id] += _net(row)
    return {line.id: 1 - min(Fraction(credited[line.id]) / Fraction(_net(line)), Fraction(1)) for line in lines}


def _net(line: DocumentLine) -> Decimal:
    net: Decimal = line.total - line.tax_amount
    return net


def _sales_revenue(acting: Principal) -> uuid.UUID:
    base = current_tenant().base_currency
    return ensure_purpose_account(AccountPurpose.SALES_REVENUE, base, acting=acting).id


def _refuse(names: Collection[str], message: str, code: Any) -> None:
    if names:
        raise ValidationFailed(details=[Detail(message, field=name, code=code) for name in names])
