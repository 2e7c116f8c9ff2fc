"""The months of the books: closing, reopening and locking them, exceptions, the checklist, and the year's end."""

from ledger.services.periods.closing import close_period, lock_period, reopen_period
from ledger.services.periods.exceptions import create_lock_exception
from ledger.services.periods.years import close_year, reopen_year

__all__ = [
    "close_period",
    "close_year",
    "create_lock_exception",
    "lock_period",
    "reopen_period",
    "reopen_year",
]
