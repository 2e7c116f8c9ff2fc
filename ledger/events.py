"""The events of the books, each with the object's body as it was when the event occurred."""

from bigledger.access.actors import register_actor
from bigledger.events.registry import register

REVERSING = register_actor(
    "system:reversing_entries",
    "The job that reverses journal entries on the day that they name, on behalf of the member who posted them.",
)
RECURRING_ENTRIES = register_actor(
    "system:recurring_entries",
    "The job that makes recurring journal entries, on behalf of the member who created them.",
)
SCHEDULES = register_actor(
    "system:schedules",
    "The job that posts what is due of schedules, on behalf of the member who created them.",
)

ACCOUNT_CREATED = register("account.created", "account", "New account created")
ACCOUNT_UPDATED = register("account.updated", "account", "Account details updated")
ACCOUNT_DELETED = register("account.deleted", "account", "Account deleted")

ENTRY_CREATED = register("journal_entry.created", "journal_entry", "Draft journal entry created")
ENTRY_UPDATED = register("journal_entry.updated", "journal_entry", "Draft journal entry updated")
ENTRY_DELETED = register("journal_entry.deleted", "journal_entry", "Draft journal entry deleted")
ENTRY_POSTED = register("journal_entry.posted", "journal_entry", "Journal entry posted to the books")
ENTRY_REVERSED = register("journal_entry.reversed", "journal_entry", "Journal entry reversed by another")
DOCUMENT_CREATED = register("document.created", "document", "Document uploaded")
DOCUMENT_DELETED = register("document.deleted", "document", "Document deleted")

RATE_CREATED = register("exchange_rate.created", "exchange_rate", "Exchange rate kept")
RATE_UPDATED = register("exchange_rate.updated", "exchange_rate", "Exchange rate changed")
RATE_DELETED = register("exchange_rate.deleted", "exchange_rate", "Exchange rate deleted")
RATES_IMPORTED = register("exchange_rate.imported", "exchange_rate_import", "Exchange rates of a central bank imported")

FX_REVALUED = register("fx_revaluation.created", "fx_revaluation", "Foreign accounts revalued at the rates of a day")

PERIOD_CLOSED = register("period.closed", "period", "Period closed, wholly or for one scope")
PERIOD_REOPENED = register("period.reopened", "period", "Closed period opened again")
PERIOD_LOCKED = register("period.locked", "period", "Period locked for ever")
YEAR_CLOSED = register("period.year_closed", "fiscal_year", "Fiscal year closed, its result moved to retained earnings")
YEAR_REOPENED = register("period.year_reopened", "fiscal_year", "Fiscal year opened again, its closing entry reversed")
EXCEPTION_CREATED = register(
    "lock_exception.created", "lock_exception", "Posting into a closed period allowed for a time"
)

_RECURRING = "recurring_journal_entry"
RECURRING_CREATED = register("recurring_journal_entry.created", _RECURRING, "Recurring journal entry created")
RECURRING_UPDATED = register("recurring_journal_entry.updated", _RECURRING, "Recurring journal entry updated")
RECURRING_DELETED = register("recurring_journal_entry.deleted", _RECURRING, "Recurring journal entry deleted")
RECURRING_PAUSED = register("recurring_journal_entry.paused", _RECURRING, "Recurring journal entry paused")
RECURRING_RESUMED = register("recurring_journal_entry.resumed", _RECURRING, "Recurring journal entry resumed")

SCHEDULE_CREATED = register("schedule.created", "schedule", "Amount spread over months")
SCHEDULE_UPDATED = register("schedule.updated", "schedule", "Schedule changed, or spread anew over what is left")
SCHEDULE_POSTED = register("schedule.posted", "schedule", "What was due of a schedule posted to the books")
SCHEDULE_STOPPED = register("schedule.stopped", "schedule", "Schedule stopped, what was left of it posted at once")
SCHEDULE_VOIDED = register("schedule.voided", "schedule", "Schedule voided, what it had posted taken back")
