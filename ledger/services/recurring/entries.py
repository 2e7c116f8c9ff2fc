"""Recurring journal entries: the template is created, changed, paused, resumed and deleted, and makes what is due."""

from __future__ import annotations

import datetime
import re
import uuid
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import replace
from typing import Any

from django.db import transaction

from bigledger.access.models import Role
from bigledger.access.principal import Principal
from bigledger.errors import ApiError, BusinessRuleViolation, ValidationFailed
from bigledger.events.changes import shown_change
from bigledger.events.record import record
from bigledger.events.registry import EventType
from bigledger.tenants.context import current_tenant
from ledger.bodies import RecurringEntryBody
from ledger.events import (
    RECURRING_CREATED,
    RECURRING_DELETED,
    RECURRING_ENTRIES,
    RECURRING_PAUSED,
    RECURRING_RESUMED,
    RECURRING_UPDATED,
)
from ledger.models import JournalEntry, OnClosedPeriod, RecurringEntry, RecurringEntryLine, RecurringStatus
from ledger.rules import RECURRING_ENTRY_IN_USE, RECURRING_ENTRY_NOT_ACTIVE, RECURRING_ENTRY_NOT_PAUSED
from ledger.selectors import recurring_entry_bodies
from ledger.services.drafts import create_draft_entry
from ledger.services.posting import NewEntry, NewLine, checked, moving_out_of_closed_periods, post_journal_entry
from ledger.services.recurring.calendar import check_missed, reopen, skip_past_dates
from ledger.services.recurring.due import claim_next, is_due, make_next

_TEMPLATE = "template."
_RATE_OF_LINE = re.compile(r"lines\[(\d+)\]\.exchange_rate")


@transaction.atomic
def create_recurring_entry(
    *,
    template: Mapping[str, Any],
    frequency: str,
    start_date: datetime.date | None = None,
    end_date: datetime.date | None = None,
    auto_post: bool = True,
    on_closed_period: str = OnClosedPeriod.REFUSE,
    metadata: Mapping[str, str] | None = None,
    acting: Principal,
) -> RecurringEntryBody:
    """A template `{description, lines}` whose first entry is dated `start_date` (default: today). The clock makes up
    for past dates.

    Raises ValidationFailed for a template that could not be posted, and when more than 60 dates have passed already;
    ResourceNotFound; BusinessRuleViolation (`account_inactive`, `control_account`).
    """
    start_date = start_date or current_tenant().today()
    now = current_tenant().now()
    row = RecurringEntry(
        description=template.get("description", ""),
        frequency=frequency,
        start_date=start_date,
        end_date=end_date,
        next_date=start_date,
        is_posted=auto_post,
        on_closed_period=on_closed_period,
        metadata=dict(metadata or {}),
        created_by_id=acting.user_id,
        created_at=now,
        updated_at=now,
    )
    _check_dates(row)
    check_missed(row)
    _check_lines(template["lines"])
    row.save(force_insert=True)
    _write_lines(row, template["lines"])
    return _recorded(row, RECURRING_CREATED, acting)


@transaction.atomic
def update_recurring_entry(
    *, recurring: RecurringEntry, changes: Mapping[str, Any], acting: Principal
) -> RecurringEntryBody:
    """Changes future entries: template, end date, whether they are posted.

    An end date before the next date ends the template; a later one, or none, lets an ended template go on with its
    first date from today.
    """
    row = _locked(recurring)
    before = _shown(row)
    template = changes.get("template", {})
    row.description = template.get("description", row.description)
    if "lines" in template:
        _check_lines(template["lines"])
        RecurringEntryLine.objects.filter(recurring=row).delete()
        _write_lines(row, template["lines"])
    row.end_date = changes.get("end_date", row.end_date)
    row.is_posted = changes.get("auto_post", row.is_posted)
    row.on_closed_period = changes.get("on_closed_period", row.on_closed_period)
    row.metadata = changes.get("metadata", row.metadata)
    _check_dates(row)
    if row.status == RecurringStatus.ENDED:
        reopen(row)
    elif row.end_date and row.next_date and row.next_date > row.end_date:
        row.status, row.next_date = RecurringStatus.ENDED, None
    return _changed(row, before, acting)


@transaction.atomic
def delete_recurring_entry(*, recurring: RecurringEntry, acting: Principal) -> None:
    """Raises BusinessRuleViolation (`recurring_entry_in_use`) when it has made entries: pause it instead."""
    row = _locked(recurring)
    if row.latest_entry_id:
        raise BusinessRuleViolation.of(RECURRING_ENTRY_IN_USE)
    record(RECURRING_DELETED, row.id, _shown(row), acting=acting)
    row.delete()


@transaction.atomic
def pause_recurring_entry(*, recurring: RecurringEntry, acting: Principal) -> RecurringEntryBody:
    """Raises BusinessRuleViolation (`recurring_entry_not_active`)."""
    row = _locked(recurring)
    if row.status != RecurringStatus.ACTIVE:
        raise BusinessRuleViolation.of(RECURRING_ENTRY_NOT_ACTIVE, status=row.status)
    row.status = RecurringStatus.PAUSED
    return _saved(row, RECURRING_PAUSED, acting)


@transaction.atomic
def resume_recurring_entry(*, recurring: RecurringEntry, acting: Principal) -> RecurringEntryBody:
    """Continues with the first date from today; after a pause by the system with the date that could not be made.

    Raises ValidationFailed when that makes more than 60 entries; BusinessRuleViolation (`recurring_entry_not_paused`).
    """
    row = _locked(recurring)
    if row.status != RecurringStatus.PAUSED:
        raise BusinessRuleViolation.of(RECURRING_ENTRY_NOT_PAUSED, status=row.status)
    if row.pause_reason:
        check_missed(row)
    else:
        skip_past_dates(row)
    row.pause_reason, row.failures, row.retry_at = "", 0, None
    if row.next_date:
        row.status = RecurringStatus.ACTIVE
    return _saved(row, RECURRING_RESUMED, acting)


def claim_next_entry() -> uuid.UUID | None:
    """Claims one template that is due in the tenant in context; None if there is none."""
    acting = Principal.system(RECURRING_ENTRIES)
    return claim_next(RecurringEntry, lambda row: _saved(row, RECURRING_PAUSED, acting))


def make_claimed_entry(recurring_id: uuid.UUID) -> None:
    """Makes the entry of the next date of a claimed template of the tenant in context.

    Entry and calendar move in one transaction, so no date is made twice or left out. A template whose entry cannot be
    posted (its period is closed, an account inactive) is paused with the reason.
    """
    with transaction.atomic():
        row = RecurringEntry.objects.select_for_update().get(pk=recurring_id)
        if not is_due(row):
            return
        # The entry belongs to whoever set the template up; the events name the job.
        acting = Principal.on_behalf_of(row.created_by_id, by=RECURRING_ENTRIES, role=Role.ACCOUNTANT)
        before = _shown(row)
        if make_next(row, lambda date: _make(row, date, acting)):
            _changed(row, before, acting)
        else:
            _saved(row, RECURRING_PAUSED, acting)


def _make(row: RecurringEntry, date: datetime.date, acting: Principal) -> None:
    template = _shown(row).template
    lines = [
        NewLine(line.account.id, line.debit, line.credit, line.description, line.currency) for line in template.lines
    ]
    entry = NewEntry(date=date, lines=lines, description=row.description)
    moves = moving_out_of_closed_periods() if row.on_closed_period == OnClosedPeriod.NEXT_OPEN else nullcontext()
    with moves:
        body = (post_journal_entry if row.is_posted else create_draft_entry)(entry=entry, acting=acting)
    row.latest_entry_id = JournalEntry.id_in(body.id)


def _check_lines(lines: Sequence[NewLine]) -> None:
    """What could not be posted today cannot be a template. Raises what posting does, with paths in the template."""
    try:
        checked([NewEntry(date=current_tenant().today(), lines=lines)], afresh=True)
    except ApiError as fault:
        fault.details = [replace(one, field=_own_field(one.field, lines)) for one in fault.details]
        raise


def _own_field(field: str | None, lines: Sequence[NewLine]) -> str | None:
    """Where the template has what a fault of the entry is at. A line has no rate: its currency has none, which it names
    or has from its account."""
    if field is None:
        return None
    if found := _RATE_OF_LINE.fullmatch(field):
        named = "currency" if lines[int(found[1])].currency else "account_id"
        field = f"lines[{found[1]}].{named}"
    return _TEMPLATE + field


def _write_lines(row: RecurringEntry, lines: Sequence[NewLine]) -> None:
    _, named = checked([NewEntry(date=current_tenant().today(), lines=lines)])
    RecurringEntryLine.objects.bulk_create(
        RecurringEntryLine(
            recurring=row,
            position=position,
            account_id=named.accounts[line.account].id,
            debit=line.debit,
            credit=line.credit,
            currency=line.currency,
            description=line.description,
        )
        for position, line in enumerate(lines, start=1)
    )


def _check_dates(row: RecurringEntry) -> None:
    if row.end_date and row.end_date < row.start_date:
        raise ValidationFailed.at("end_date", f"Must not be before the start date, {row.start_date}.", "out_of_range")


def _locked(recurring: RecurringEntry) -> RecurringEntry:
    return RecurringEntry.objects.select_for_update().get(pk=recurring.pk)


def _shown(row: RecurringEntry) -> RecurringEntryBody:
    return recurring_entry_bodies([row])[0]


def _saved(row: RecurringEntry, event: EventType, acting: Principal) -> RecurringEntryBody:
    row.updated_at = current_tenant().now()
    row.save()
    return _recorded(row, event, acting)


def _recorded(row: RecurringEntry, event: EventType, acting: Principal) -> RecurringEntryBody:
    body = _shown(row)
    record(event, row.id, body, acting=acting)
    return body


def _changed(row: RecurringEntry, before: RecurringEntryBody, acting: Principal) -> RecurringEntryBody:
    body = shown_change(row, before, _shown)
    if body is None:
        return before
    row.save()
    record(RECURRING_UPDATED, row.id, body, acting=acting, previous=before)
    return body
