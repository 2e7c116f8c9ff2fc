"""The business rules of the books."""

from bigledger.rules import register

ACCOUNT_INACTIVE = register(
    "account_inactive",
    "Account {code} is inactive and cannot be posted to.",
    "Post to another account, or activate this one.",
)
ACCOUNT_IN_USE = register(
    "account_in_use",
    "Account {code} is used by {uses}; deactivate it instead.",
    "Deactivate the account, and open a new one for what comes next.",
)
ACCOUNT_FIXED = ACCOUNT_IN_USE.worded("{fields} of account {code} cannot change: it is used by {uses}.")
ACCOUNT_HAS_PURPOSE = ACCOUNT_IN_USE.worded("Account {code} is used by {uses} and stays active.")
CONTROL_ACCOUNT = register(
    "control_account",
    "Account {code} takes postings of documents only.",
    "Make the document that changes it: an invoice, a credit note, a payment, a refund or a write-off.",
)
CONTROL_HAS_ENTRIES = CONTROL_ACCOUNT.worded(
    "Account {code} has entries that no document posted, so it cannot become a control account."
)
DATE_BEFORE_SOURCE = register(
    "date_before_source",
    "{date} is too early: the first day for this is {first}, because of {what}.",
    "Give that day or a later one, or no date.",
)
ACCOUNTS_EXIST = register(
    "accounts_exist",
    "There are {count} accounts already; a template is for books without any.",
    "Create or import the accounts that are missing.",
)
ENTRY_POSTED = register(
    "entry_posted",
    "{number} is posted and cannot be {participle}; reverse it instead.",
    "Reverse the entry, and post the right one.",
)
ENTRY_NOT_POSTED = register(
    "entry_not_posted",
    "{number} is a draft; delete it instead.",
    "Delete the draft, or post it first.",
)
ENTRY_ALREADY_REVERSED = register(
    "entry_already_reversed",
    "{number} has already been reversed.",
    "Read `reversed_by` of the entry; reverse that entry to restore this one.",
)
ENTRY_OF_DOCUMENT = register(
    "entry_of_document",
    "{number} belongs to {source}; void or refund that instead.",
    "Void or refund the document that `source` names; it reverses its entry itself.",
)
DOCUMENT_IN_USE = register(
    "document_in_use",
    "{name} is attached to a journal entry.",
    "Detach the document while the entry is a draft. A posted entry keeps its documents.",
)
DOCUMENT_QUOTA = register(
    "document_quota",
    "The plan keeps {most:,} documents of {megabytes:,} MB in total; delete some first.",
    "Delete documents that no entry has, or change to a larger plan.",
)
RATE_MISSING = register(
    "rate_missing",
    "There is no rate of {currency} in {base} for {date}, nor for any of the 7 days before it.",
    "Give `exchange_rate`, or keep a rate first (`POST /v1/exchange-rates`), or import those of a central bank.",
)
PERIOD_CLOSED = register(
    "period_closed",
    "The period {period} is closed; the first open day is {first_open}.",
    "Date it on an open day, or ask an owner to reopen the period or to make an exception.",
)
PERIOD_ALREADY_CLOSED = register(
    "period_already_closed",
    "The period {period} is closed already.",
    "Nothing has to be done.",
)
PERIOD_NOT_CLOSED = register(
    "period_not_closed",
    "The period {period} is not closed.",
    "Close the period first.",
)
PERIOD_LOCKED = register(
    "period_locked",
    "The period {period} is locked for ever.",
    "Post a correction on an open day; it links back to what it corrects.",
)
PERIOD_NOT_OVER = register(
    "period_not_over",
    "{period} is not over; its last day is {end}.",
    "Close it when it is over.",
)
CHECKLIST_OPEN = register(
    "checklist_open",
    "The period {period} cannot be closed: {reason}.",
    "Read the checklist of the period, follow its links, and settle what blocks.",
)
YEAR_ALREADY_CLOSED = register(
    "year_already_closed",
    "The fiscal year {year} is closed already.",
    "Reopen the year to close it again.",
)
YEAR_NOT_CLOSED = register(
    "year_not_closed",
    "The fiscal year {year} is not closed.",
    "Close the year first.",
)
CLOSING_ENTRY = register(
    "closing_entry",
    "{number} closes the fiscal year {year} and is reversed only by reopening that year.",
    "Reopen the year: `POST /v1/periods/reopen-year`.",
)

# What any operation that posts an entry may break.
POSTING = (ACCOUNT_INACTIVE, CONTROL_ACCOUNT, PERIOD_CLOSED, RATE_MISSING)
# What a correction may break too.
CORRECTING = (DATE_BEFORE_SOURCE, *POSTING)
RECURRING_ENTRY_IN_USE = register(
    "recurring_entry_in_use",
    "This recurring journal entry has already made entries; pause it instead.",
    "Pause the recurring journal entry, or set its `end_date`.",
)
RECURRING_ENTRY_NOT_ACTIVE = register(
    "recurring_entry_not_active",
    "The recurring journal entry is {status}, not active.",
    "Read `status` of the recurring journal entry: only an active one can be paused.",
)
RECURRING_ENTRY_NOT_PAUSED = register(
    "recurring_entry_not_paused",
    "The recurring journal entry is {status}, not paused.",
    "Read `status` of the recurring journal entry: only a paused one can be resumed.",
)
SCHEDULE_NOT_ACTIVE = register(
    "schedule_not_active",
    "The schedule is {status}.",
    "Read `status` of the schedule: an active one can be stopped, an active or completed one voided.",
)
SCHEDULE_EXISTS = register(
    "schedule_exists",
    "The line {line} has a schedule already.",
    "Void that schedule first: `GET /v1/schedules?invoice_line_id=…` finds it.",
)
