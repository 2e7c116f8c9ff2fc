"""Schedules are created, changed, stopped and voided, and posted by the clock."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import structlog
from django.db import IntegrityError, transaction
from django.db.models import Max

from bigledger import ids, money
from bigledger.access.models import Role
from bigledger.access.principal import Principal
from bigledger.errors import ApiError, BusinessRuleViolation, ValidationFailed
from bigledger.events.changes import shown_change
from bigledger.events.record import record
from bigledger.events.registry import EventType
from bigledger.tenants.context import current_tenant
from ledger.bodies import ScheduleBody
from ledger.events import (
    SCHEDULE_CREATED,
    SCHEDULE_POSTED,
    SCHEDULE_STOPPED,
    SCHEDULE_UPDATED,
    SCHEDULE_VOIDED,
    SCHEDULES,
)
from ledger.models import (
    MAX_SCHEDULE_MONTHS,
    Schedule,
    ScheduleMethod,
    ScheduleRow,
    ScheduleRowKind,
    ScheduleStatus,
)
from ledger.rules import SCHEDULE_EXISTS, SCHEDULE_NOT_ACTIVE
from ledger.schedule_selectors import schedule_bodies
from ledger.services.dating import correction_date
from ledger.services.posting import (
    NewEntry,
    NewLine,
    checked,
    moving_out_of_closed_periods,
    post_journal_entry,
)
from ledger.services.schedules.plan import last_day, months_between
from ledger.services.schedules.rows import new_entry, post_due, spread_rest, write_plan

ZERO = Decimal(0)
WHOLE = Fraction(1)
_PATHS = {"lines[0].account_id": "debit_account_id", "lines[1].account_id": "credit_account_id"}
_AMOUNTS = {f"lines[{n}].{side}": "amount" for n in (0, 1) for side in ("debit", "credit")} | {"lines[0]": "amount"}
# By the field of an entry, the field of a schedule that it comes from.
_OF_ENTRY = _PATHS | _AMOUNTS | {"date": "start_date"}
logger = structlog.get_logger(__name__)


@transaction.atomic
def create_schedule(
    *,
    amount: Decimal,
    debit_account_id: str,
    credit_account_id: str,
    method: str,
    start_date: datetime.date,
    months: int | None = None,
    end_date: datetime.date | None = None,
    description: str = "",
    metadata: Mapping[str, str] | None = None,
    source: str | None = None,
    keeps: Fraction = WHOLE,
    acting: Principal,
) -> ScheduleBody:
    """Spreads `amount`, in the base currency, over `months`, or until `end_date`; each month debits one account and
    credits the other. What is planned for past days is posted at once.

    With `source`, the line of a document, the amount is first taken from the account that each month gives it to, on
    `start_date`; `keeps` of it is not credited yet. Raises ValidationFailed, ResourceNotFound and BusinessRuleViolation
    (`schedule_exists`, and what posting does).
    """
    end = _end(method, start_date, months, end_date)
    debit, credit = _accounts(amount, debit_account_id, credit_account_id)
    now = current_tenant().now()
    row = Schedule(
        id=ids.new_id(),
        description=description,
        method=method,
        start_date=start_date,
        end_date=end,
        amount=money.to_currency(amount, current_tenant().base_currency),
        currency=current_tenant().base_currency,
        debit_account_id=debit,
        credit_account_id=credit,
        source=source,
        metadata=dict(metadata or {}),
        created_by_id=acting.user_id,
        created_at=now,
        updated_at=now,
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as fault:
        if "ledger_schedule_source" in str(fault):
            raise BusinessRuleViolation.of(SCHEDULE_EXISTS, line=source) from None
        raise
    write_plan(row)
    try:
        if source:
            deferral = new_entry(row, start_date, -row.amount)
            post_journal_entry(entry=deferral, acting=acting)
            row.deferral_entry_id = deferral.id
            spread_rest(row, keeps=keeps, on=start_date)
        post_due(row, acting=acting)
    except ApiError as fault:
        fault.details = [replace(one, field=_OF_ENTRY.get(one.field or "", one.field)) for one in fault.details]
        raise
    row.save()
    return _recorded(row, SCHEDULE_CREATED, acting)


@transaction.atomic
def update_schedule(*, schedule: Schedule, changes: Mapping[str, Any], acting: Principal) -> ScheduleBody:
    """Changes the description of what is still to be posted, and metadata."""
    row = _locked(schedule)
    before = _shown(row)
    row.description = changes.get("description", row.description)
    row.metadata = changes.get("metadata", row.metadata)
    return _changed(row, before, acting)


@transaction.atomic
def stop_schedule(
    *, schedule: Schedule, reason: str, date: datetime.date | None = None, acting: Principal
) -> ScheduleBody:
    """Posts what is left of it on one day, dated as `correction_date` says, and nothing later.

    Raises BusinessRuleViolation (`schedule_not_active`, `date_before_source` and what posting does).
    """
    row = _active(schedule)
    day = _day(row, date)
    spread_rest(row, keeps=Fraction(0), on=day)
    row.status, row.reason = ScheduleStatus.STOPPED, reason
    post_due(row, acting=acting)
    return _saved(row, SCHEDULE_STOPPED, acting)


@transaction.atomic
def void_schedule(
    *, schedule: Schedule, reason: str, date: datetime.date | None = None, acting: Principal
) -> ScheduleBody:
    """Takes back all that it has posted, in one entry dated as `correction_date` says, and posts nothing more.

    Raises BusinessRuleViolation (`schedule_not_active` when it is stopped or void, `date_before_source`, and what
    posting does).
    """
    row = _locked(schedule)
    if row.status not in (ScheduleStatus.ACTIVE, ScheduleStatus.COMPLETED):
        raise BusinessRuleViolation.of(SCHEDULE_NOT_ACTIVE, status=row.status)
    day = _day(row, date)
    rows = ScheduleRow.objects.filter(schedule=row)
    rows.filter(journal_entry=None).delete()
    posted = sum(rows.values_list("amount", flat=True), ZERO)
    net = posted - (row.amount if row.deferral_entry_id else ZERO)
    if net:
        entry = new_entry(row, day, -net, is_correction=True, description=f"Void: {row.description}"[:1000])
        post_journal_entry(entry=entry, acting=acting)
        ScheduleRow.objects.create(
            schedule=row, kind=ScheduleRowKind.RELEASE, date=day, amount=-net, journal_entry_id=entry.id
        )
    row.status, row.reason = ScheduleStatus.VOID, reason
    return _saved(row, SCHEDULE_VOIDED, acting)


def keep_of_source(*, source: str, keeps: Fraction, on: datetime.date, acting: Principal) -> None:
    """Stops the part of a schedule that is not `keeps` of its line any more, because the line was credited; or lets it
    go on, because a credit note was voided. Nothing for a line without a schedule."""
    row = (
        Schedule.objects.select_for_update()
        .filter(source=source, status__in=(ScheduleStatus.ACTIVE, ScheduleStatus.COMPLETED))
        .first()
    )
    if row is None:
        return
    before = _shown(row)
    spread_rest(row, keeps=keeps, on=on)
    with moving_out_of_closed_periods():
        post_due(row, acting=acting, is_correction=True)
    row.failure_reason = ""
    _changed(row, before, acting)


def post_next_schedule(failed: set[uuid.UUID]) -> int:
    """Posts what is due of one schedule of the tenant in context; 0 when there is none.

    Where the day is in a closed period by now, the entry is dated on the first open day, with `requested_date`. What
    cannot be posted (an account is inactive) says why in `failure_reason` and is left for the next run.
    """
    due = ScheduleRow.objects.filter(journal_entry=None, date__lte=current_tenant().today())
    found = due.exclude(schedule__in=failed).order_by("date", "id").first()
    if found is None:
        return 0
    with transaction.atomic():
        row = Schedule.objects.select_for_update().get(pk=found.schedule_id)
        acting = Principal.on_behalf_of(row.created_by_id, by=SCHEDULES, role=Role.ACCOUNTANT)
        before = _shown(row)
        try:
            with transaction.atomic(), moving_out_of_closed_periods():
                post_due(row, acting=acting)
        except ApiError as fault:
            failed.add(row.id)
            reasons = [detail.message for detail in fault.details] or [fault.message]
            row.failure_reason = "; ".join(reasons)[:500]
            logger.warning("schedule_not_posted", schedule=row.public_id, reason=row.failure_reason)
            _changed(row, before, acting)
        else:
            row.failure_reason = ""
            _saved(row, SCHEDULE_POSTED, acting)
    return 1


def _end(method: str, start: datetime.date, months: int | None, end_date: datetime.date | None) -> datetime.date:
    """The last day. Raises ValidationFailed."""
    if (months is None) == (end_date is None):
        raise ValidationFailed.at("months", "Give either months or end_date.", "incompatible" if months else "required")
    end = end_date or last_day(start, months or 0, method)
    if end < start:
        raise ValidationFailed.at("end_date", f"Must not be before the start date, {start}.", "out_of_range")
    most = last_day(start, MAX_SCHEDULE_MONTHS, ScheduleMethod.DAYS)
    if months_between(start, end) > MAX_SCHEDULE_MONTHS and end > most:
        message = f"A schedule is over {MAX_SCHEDULE_MONTHS} months at most, here until {most}."
        raise ValidationFailed.at("end_date", message, "out_of_range")
    return end


def _accounts(amount: Decimal, debit: str, credit: str) -> tuple[uuid.UUID, uuid.UUID]:
    """Raises what posting does, with the fields of the schedule; ValidationFailed for an account in another currency
    than base, and for one account on both sides."""
    lines = [NewLine(debit, amount, ZERO), NewLine(credit, ZERO, amount)]
    try:
        _, named = checked([NewEntry(date=current_tenant().today(), lines=lines)], afresh=True)
    except ApiError as fault:
        fault.details = _named(fault.details)
        raise
    base = current_tenant().base_currency
    for field, name in (("debit_account_id", debit), ("credit_account_id", credit)):
        account = named.accounts[name]
        if account.currency != base:
            raise ValidationFailed.at(field, f"{account.code} is not in {base}, the base currency.", "wrong_currency")
    return named.accounts[debit].id, named.accounts[credit].id


def _named(details: Sequence[Any]) -> list[Any]:
    found = {_OF_ENTRY.get(one.field, "credit_account_id"): one for one in reversed(details)}
    return [replace(one, field=field) for field, one in sorted(found.items())]


def _day(row: Schedule, date: datetime.date | None) -> datetime.date:
    """Not before what stands in the books already."""
    posted = ScheduleRow.objects.filter(schedule=row, journal_entry__isnull=False)
    last = posted.aggregate(last=Max("date"))["last"]
    first = max(last, row.start_date) if last else row.start_date
    return correction_date(date, first=first, what="the last entry of the schedule, or its first day")


def _active(schedule: Schedule) -> Schedule:
    row = _locked(schedule)
    if row.status != ScheduleStatus.ACTIVE:
        raise BusinessRuleViolation.of(SCHEDULE_NOT_ACTIVE, status=row.status)
    return row


def _locked(schedule: Schedule) -> Schedule:
    return Schedule.objects.select_for_update().get(pk=schedule.pk)


def _shown(row: Schedule) -> ScheduleBody:
    return schedule_bodies([row])[0]


def _saved(row: Schedule, event: EventType, acting: Principal) -> ScheduleBody:
    row.updated_at = current_tenant().now()
    row.save()
    return _recorded(row, event, acting)


def _recorded(row: Schedule, event: EventType, acting: Principal) -> ScheduleBody:
    body = _shown(row)
    record(event, row.id, body, acting=acting)
    return body


def _changed(row: Schedule, before: ScheduleBody, acting: Principal) -> ScheduleBody:
    body = shown_change(row, before, _shown)
    if body is None:
        return before
    row.save()
    record(SCHEDULE_UPDATED, row.id, body, acting=acting, previous=before)
    return body
