"""From schedules to what is shown of them."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal

from bigledger import money
from bigledger.access.models import User
from ledger.bodies import ScheduleBody, ScheduleRowBody
from ledger.models import Account, JournalEntry, Schedule, ScheduleRow


def schedule_bodies(schedules: Sequence[Schedule]) -> list[ScheduleBody]:
    """One query more for any number of schedules."""
    rows: dict[uuid.UUID, list[ScheduleRow]] = defaultdict(list)
    found = ScheduleRow.objects.filter(schedule_id__in=[each.id for each in schedules])
    for row in found.order_by("schedule_id", "date", "id"):
        rows[row.schedule_id].append(row)
    return [_body(each, rows[each.id]) for each in schedules]


def _body(schedule: Schedule, rows: Sequence[ScheduleRow]) -> ScheduleBody:
    currency = schedule.currency
    waiting = [row for row in rows if row.journal_entry_id is None]
    left = sum((row.amount for row in waiting), Decimal(0))
    return ScheduleBody(
        id=schedule.public_id,
        description=schedule.description,
        status=schedule.status,
        method=schedule.method,
        start_date=schedule.start_date,
        end_date=schedule.end_date,
        next_date=waiting[0].date if waiting else None,
        currency=currency,
        amount=money.to_currency(schedule.amount, currency),
        amount_left=money.to_currency(left, currency),
        debit_account_id=Account.public_id_of(schedule.debit_account_id),
        credit_account_id=Account.public_id_of(schedule.credit_account_id),
        invoice_line_id=schedule.source,
        deferral_entry_id=JournalEntry.public_id_of(schedule.deferral_entry_id),
        rows=[
            ScheduleRowBody(
                kind=row.kind,
                date=row.date,
                amount=money.to_currency(row.amount, currency),
                journal_entry_id=JournalEntry.public_id_of(row.journal_entry_id),
            )
            for row in rows
        ],
        reason=schedule.reason or None,
        failure_reason=schedule.failure_reason or None,
        created_by=User.public_id_of(schedule.created_by_id),
        metadata=schedule.metadata,
        created_at=schedule.created_at,
        updated_at=schedule.updated_at,
    )
