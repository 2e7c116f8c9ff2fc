"""The books in the admin."""

from ledger.admin.accounts import AccountAdmin
from ledger.admin.documents import DocumentAdmin
from ledger.admin.entries import JournalEntryAdmin
from ledger.admin.periods import LockExceptionAdmin, PeriodAdmin

__all__ = [
    "AccountAdmin",
    "DocumentAdmin",
    "JournalEntryAdmin",
    "LockExceptionAdmin",
    "PeriodAdmin",
]
