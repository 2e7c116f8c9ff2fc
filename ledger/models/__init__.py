"""The tables of the books."""

from ledger.models.accounts import (
    CASH_FLOWS,
    CONTROL_PURPOSES,
    DEBIT_TYPES,
    SUBTYPES,
    Account,
    AccountPurpose,
    AccountSubtype,
    AccountType,
    CashFlow,
)
from ledger.models.documents import Attachment, Document
from ledger.models.entries import MAX_LINES, DraftLine, EntryStatus, JournalEntry, JournalLine
from ledger.models.periods import LockException, Period, PeriodState
from ledger.models.rates import MAX_RATE, MAX_RATE_DECIMAL_PLACES, ExchangeRate, RateType
from ledger.models.recurring import (
    Frequency,
    OnClosedPeriod,
    Recurring,
    RecurringEntry,
    RecurringEntryLine,
    RecurringStatus,
)
from ledger.models.revaluations import FxRevaluation, FxRevaluationRow, RevaluationMode
from ledger.models.schedules import (
    MAX_SCHEDULE_MONTHS,
    Schedule,
    ScheduleMethod,
    ScheduleRow,
    ScheduleRowKind,
    ScheduleStatus,
)

__all__ = [
    "CASH_FLOWS",
    "CONTROL_PURPOSES",
    "DEBIT_TYPES",
    "MAX_LINES",
    "MAX_RATE",
    "MAX_RATE_DECIMAL_PLACES",
    "MAX_SCHEDULE_MONTHS",
    "SUBTYPES",
    "Account",
    "AccountPurpose",
    "AccountSubtype",
    "AccountType",
    "Attachment",
    "CashFlow",
    "Document",
    "DraftLine",
    "EntryStatus",
    "ExchangeRate",
    "Frequency",
    "FxRevaluation",
    "FxRevaluationRow",
    "JournalEntry",
    "JournalLine",
    "LockException",
    "OnClosedPeriod",
    "Period",
    "PeriodState",
    "RateType",
    "Recurring",
    "RecurringEntry",
    "RecurringEntryLine",
    "RecurringStatus",
    "RevaluationMode",
    "Schedule",
    "ScheduleMethod",
    "ScheduleRow",
    "ScheduleRowKind",
    "ScheduleStatus",
]
