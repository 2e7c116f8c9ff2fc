"""The books in the admin."""

from ledger.admin.accounts import AccountAdmin
from ledger.admin.documents import DocumentAdmin
from ledger.admin.entries import JournalEntryAdmin
from ledger.admin.periods import LockExceptionAdmin, PeriodAdmin
from ledger.admin.rates import ExchangeRateAdmin, FxRevaluationAdmin
from ledger.admin.recurring import RecurringEntryAdmin
from ledger.admin.schedules import ScheduleAdmin

__all__ = [
    "AccountAdmin",
    "DocumentAdmin",
    "ExchangeRateAdmin",
    "FxRevaluationAdmin",
    "JournalEntryAdmin",
    "LockExceptionAdmin",
    "PeriodAdmin",
    "RecurringEntryAdmin",
    "ScheduleAdmin",
]
