"""The resources of the ledger."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from django.db.models import Count, Exists, OuterRef, Q

from bigledger.api import filters
from bigledger.api.listing import Listing
from bigledger.api.resource import Resource
from bigledger.tenants.context import current_tenant
from ledger.bodies import (
    AccountBody,
    DocumentBody,
    ExchangeRateBody,
    FxRevaluationBody,
    JournalEntryBody,
    LockExceptionBody,
    PeriodBody,
    RecurringEntryBody,
    ScheduleBody,
)
from ledger.models import (
    CASH_FLOWS,
    MAX_LINES,
    MAX_SCHEDULE_MONTHS,
    Account,
    AccountPurpose,
    AccountSubtype,
    AccountType,
    CashFlow,
    Document,
    EntryStatus,
    ExchangeRate,
    Frequency,
    FxRevaluation,
    JournalEntry,
    JournalLine,
    LockException,
    Period,
    RateType,
    RecurringEntry,
    RecurringEntryLine,
    RecurringStatus,
    RevaluationMode,
    Schedule,
    ScheduleMethod,
    ScheduleRow,
    ScheduleStatus,
)
from ledger.period_selectors import lock_exception_bodies, period_bodies
from ledger.schedule_selectors import schedule_bodies
from ledger.selectors import (
    account_bodies,
    document_bodies,
    exchange_rate_bodies,
    fx_revaluation_bodies,
    journal_entry_bodies,
    recurring_entry_bodies,
)


def _parents() -> Mapping[str, Resource]:
    return {"parent": ACCOUNTS}


def _is_without_cash(wanted: bool) -> Q:  # noqa: FBT001
    """Lines of entries that have lines on accounts of investing and financing only (ledger/sql/figures.sql)."""
    kinds = (CashFlow.INVESTING, CashFlow.FINANCING)
    subtypes = [subtype for subtype, flow in CASH_FLOWS.items() if flow in kinds]
    of_kinds = Q(account__cash_flow__in=kinds) | Q(account__cash_flow=None, account__subtype__in=subtypes)
    others = Q(Exists(JournalLine.objects.filter(~of_kinds, entry_id=OuterRef("entry_id"))))
    return ~others if wanted else others


def _with_closing(wanted: bool) -> Q:  # noqa: FBT001
    """Entries that close a year too, or not: then the lines of a year add up to its income statement."""
    return Q() if wanted else Q(entry__closing_year=None)


def _line_counts(entries: Sequence[JournalEntry]) -> list[int]:
    return [entry.line_count for entry in entries]


def _template_line_counts(rows: Sequence[RecurringEntry]) -> list[int]:
    counted = RecurringEntryLine.objects.filter(recurring__in=rows).values_list("recurring_id").annotate(Count("pk"))
    counts = dict(counted.order_by())
    return [counts.get(row.id, 0) for row in rows]


def _row_counts(schedules: Sequence[Schedule]) -> list[int]:
    counted = ScheduleRow.objects.filter(schedule__in=schedules).values_list("schedule_id").annotate(Count("pk"))
    counts = dict(counted.order_by())
    return [counts.get(schedule.id, 0) for schedule in schedules]


ACCOUNTS = Resource(
    name="accounts",
    model=Account,
    body=AccountBody,
    bodies=account_bodies,
    expansions=_parents,
    listing=Listing(
        filters={
            "code": filters.text("code"),
            "name": filters.text("name"),
            "type": filters.choice("type", AccountType.values),
            "subtype": filters.choice("subtype", AccountSubtype.values),
            "cash_flow": filters.choice("cash_flow", CashFlow.values),
            "status": filters.choice("is_active", ("active", "inactive"), lambda value: Q(is_active=value == "active")),
            "currency": filters.text("currency"),
            "purpose": filters.choice("purpose", AccountPurpose.values),
            "is_active": filters.flag("is_active"),
            "is_reconcilable": filters.flag("is_reconcilable"),
            "parent_id": filters.reference("parent_id", Account),
            **filters.MOMENTS,
        },
        sort=("code", "name", "type", "created_at", "updated_at"),
        order="code:asc",
        search=("name", "code"),
    ),
)
JOURNAL_ENTRIES = Resource(
    name="journal_entries",
    model=JournalEntry,
    body=JournalEntryBody,
    bodies=journal_entry_bodies,
    expansions=lambda: {"lines.account": ACCOUNTS},
    line_counts=_line_counts,
    most_lines=MAX_LINES,
    listing=Listing(
        filters={
            "number": filters.text("number"),
            "reference": filters.text("reference"),
            "date": filters.day("date"),
            "status": filters.choice("status", EntryStatus.values),
            "currency": filters.text("currency"),
            "description": filters.text("description"),
            "total_debit": filters.amount("total_debit"),
            "account_id": filters.reference("lines__account_id", Account),
            "closing_year": filters.year("closing_year"),
            "reverse_on": filters.day("reverse_on"),
            **filters.MOMENTS,
        },
        sort=("date", "number", "total_debit", "created_at", "updated_at"),
        order="date:desc",
        search=("number", "reference", "description"),
    ),
)
RECURRING_ENTRIES = Resource(
    name="recurring_journal_entries",
    model=RecurringEntry,
    body=RecurringEntryBody,
    bodies=recurring_entry_bodies,
    expansions=lambda: {"template.lines.account": ACCOUNTS},
    line_counts=_template_line_counts,
    most_lines=MAX_LINES,
    listing=Listing(
        filters={
            "status": filters.choice("status", RecurringStatus.values),
            "frequency": filters.choice("frequency", Frequency.values),
            "next_date": filters.day("next_date"),
            "auto_post": filters.flag("is_posted"),
            **filters.MOMENTS,
        },
        sort=("next_date", "created_at", "updated_at"),
        order="created_at:asc",
        search=("description",),
    ),
)
SCHEDULES = Resource(
    name="schedules",
    model=Schedule,
    body=ScheduleBody,
    bodies=schedule_bodies,
    expansions=lambda: {"debit_account": ACCOUNTS, "credit_account": ACCOUNTS},
    line_counts=_row_counts,
    most_lines=MAX_SCHEDULE_MONTHS + 1,
    listing=Listing(
        filters={
            "status": filters.choice("status", ScheduleStatus.values),
            "method": filters.choice("method", ScheduleMethod.values),
            "start_date": filters.day("start_date"),
            "end_date": filters.day("end_date"),
            "amount": filters.amount("amount"),
            "debit_account_id": filters.reference("debit_account_id", Account),
            "credit_account_id": filters.reference("credit_account_id", Account),
            "invoice_line_id": filters.text("source"),
            **filters.MOMENTS,
        },
        sort=("start_date", "end_date", "amount", "created_at", "updated_at"),
        order="created_at:asc",
        search=("description",),
    ),
)
DOCUMENTS = Resource(
    name="documents",
    model=Document,
    body=DocumentBody,
    bodies=document_bodies,
    listing=Listing(
        filters={
            "reference": filters.text("reference"),
            "name": filters.text("name"),
            "media_type": filters.text("media_type"),
            "sha256": filters.text("sha256"),
            "created_at": filters.moment("created_at"),
        },
        sort=("created_at", "name"),
        order="created_at:desc",
        search=("name", "reference"),
    ),
)
EXCHANGE_RATES = Resource(
    name="exchange_rates",
    model=ExchangeRate,
    body=ExchangeRateBody,
    bodies=exchange_rate_bodies,
    listing=Listing(
        filters={
            "currency": filters.text("currency"),
            "quote_currency": filters.text("quote_currency"),
            "date": filters.day("date"),
            "type": filters.choice("type", RateType.values),
            "source": filters.text("source"),
            **filters.MOMENTS,
        },
        sort=("date", "currency", "created_at", "updated_at"),
        order="date:desc",
        search=("currency", "quote_currency", "source"),
    ),
)
FX_REVALUATIONS = Resource(
    name="fx_revaluations",
    model=FxRevaluation,
    body=FxRevaluationBody,
    bodies=fx_revaluation_bodies,
    expansions=lambda: {"rows.account": ACCOUNTS},
    listing=Listing(
        filters={
            "as_of": filters.day("as_of"),
            "mode": filters.choice("mode", RevaluationMode.values),
            "created_at": filters.moment("created_at"),
        },
        sort=("as_of", "created_at"),
        order="as_of:desc",
    ),
)
# From the first posting to the present.
PERIODS = Resource(
    name="periods",
    model=Period,
    body=PeriodBody,
    bodies=period_bodies,
    rows=lambda: Period.objects.filter(start__lte=current_tenant().today()),
    listing=Listing(
        filters={
            "name": filters.text("name"),
            "status": filters.choice("status", ("open", "closed", "locked")),
            "start": filters.day("start"),
            "end": filters.day("end"),
        },
        sort=("start",),
        order="start:asc",
    ),
)
LOCK_EXCEPTIONS = Resource(
    name="lock_exceptions",
    model=LockException,
    body=LockExceptionBody,
    bodies=lock_exception_bodies,
    listing=Listing(
        filters={"expires_at": filters.moment("expires_at"), "created_at": filters.moment("created_at")},
        sort=("created_at", "expires_at"),
        order="created_at:desc",
    ),
)
# The lines of one account.
LEDGER_LINES = Listing(
    filters={
        "date": replace(filters.day("date"), operators=("eq", "gt", "gte", "lt", "lte")),
        "without_cash": replace(filters.flag("without_cash"), operators=("eq",), special=_is_without_cash),
        "include_closing": replace(filters.flag("entry"), operators=("eq",), special=_with_closing),
    },
    sort=("date",),
    order="date:asc",
)
