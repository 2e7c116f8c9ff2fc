"""Output: the bodies of the ledger's objects, the same on REST, in GraphQL and in events."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Annotated

from msgspec import Struct

from bigledger.api.bodies import Body
from bigledger.closed_lists import one_of

NormalBalance = Annotated[str, one_of("AccountNormalBalance", ("debit", "credit"))]


class AccountBody(Body):
    """The reference's account. `cash_flow` is null when the subtype says it; `balance` is positive on the normal side,
    and `base_balance` what it is worth in the base currency;
    `purpose` is what the system itself posts to it for."""

    volatile = ("balance", "base_balance")

    id: str
    code: str
    name: str
    type: str
    subtype: str
    cash_flow: str | None
    currency: str
    balance: Decimal
    base_balance: Decimal
    normal_balance: NormalBalance
    description: str
    parent_id: str | None
    purpose: str | None
    is_active: bool
    is_reconcilable: bool
    metadata: dict[str, str]
    created_at: datetime.datetime
    updated_at: datetime.datetime


class ChartAccountBody(Struct):
    """An account of a template. `purpose` is what the system itself posts to it."""

    code: str
    name: str
    type: str
    subtype: str
    cash_flow: str | None
    purpose: str | None


class ChartTemplateBody(Body):
    id: str
    name: str
    description: str
    accounts: list[ChartAccountBody]


class ChartTemplateListBody(Body):
    data: list[ChartTemplateBody]


class AccountRef(Struct):
    """An account as it is shown inside another object."""

    id: str
    code: str
    name: str


class JournalLineBody(Struct):
    """`debit` and `credit` are in `currency`. `base_debit` and `base_credit` are what they are worth in the base
    currency, at `exchange_rate` base units for one unit; null in a draft that does not say it, and for a foreign line
    that was posted before there were rates."""

    id: str
    account: AccountRef
    debit: Decimal
    credit: Decimal
    currency: str
    exchange_rate: Decimal | None
    base_debit: Decimal | None
    base_credit: Decimal | None
    description: str


class JournalEntryBody(Body):
    """The reference's journal entry. `source` is the invoice, payment or other document that posted it; such an
    entry is reversed only by undoing its document. `requested_date` is the day that was asked for when the entry was
    moved out of a closed period, `lock_exception_id` the exception under which it was posted into one, `closing_year`
    the fiscal year that it closes (or, reversed, opens again), `reverse_on` the day that it is reversed by itself."""

    id: str
    number: str
    reference: str | None
    date: datetime.date
    description: str
    status: str
    currency: str
    total_debit: Decimal
    total_credit: Decimal
    is_balanced: bool
    created_by: str
    metadata: dict[str, str]
    created_at: datetime.datetime
    updated_at: datetime.datetime
    posted_at: datetime.datetime | None
    reversal_of: str | None
    reversed_by: str | None
    reversal_reason: str | None
    source: str | None
    requested_date: datetime.date | None
    lock_exception_id: str | None
    closing_year: int | None
    reverse_on: datetime.date | None
    attachments: list[str]
    lines: list[JournalLineBody]


class ExchangeRateBody(Body):
    """`rate` units of `quote_currency` for one unit of `currency`."""

    id: str
    currency: str
    quote_currency: str
    date: datetime.date
    type: str
    rate: Decimal
    source: str
    metadata: dict[str, str]
    created_at: datetime.datetime
    updated_at: datetime.datetime


class ExchangeRateImportBody(Body):
    """What the file of a central bank brought: rates for one unit of its `currency`, how many that were not there, and
    how many that differed from what was kept."""

    currency: str
    source: str
    first_date: datetime.date | None
    last_date: datetime.date | None
    created: dict[str, int]
    updated: dict[str, int]


class TemplateLineBody(Struct):
    """`debit` and `credit` are in `currency`; a foreign line is posted at the rate that is kept for its day."""

    account: AccountRef
    debit: Decimal
    credit: Decimal
    currency: str
    description: str


class EntryTemplateBody(Struct):
    description: str
    lines: list[TemplateLineBody]


class RecurringEntryBody(Body):
    """A template of journal entries and its dates. Without `auto_post` it makes drafts. With `on_closed_period`
    `next_open` a date in a closed period goes to the first open day; else the template pauses. `pause_reason` says why
    the system paused it; `latest_entry_id` is the last entry that it made."""

    id: str
    template: EntryTemplateBody
    status: str
    frequency: str
    start_date: datetime.date
    end_date: datetime.date | None
    next_date: datetime.date | None
    occurrences: int
    auto_post: bool
    on_closed_period: str
    pause_reason: str | None
    latest_entry_id: str | None
    created_by: str
    metadata: dict[str, str]
    created_at: datetime.datetime
    updated_at: datetime.datetime


class ScheduleRowBody(Struct):
    """A part of the amount. `kind` is `period` for what is planned for a month, `release` for what leaves the schedule
    on a day (negative: comes back). `journal_entry_id` is null until it is posted."""

    kind: str
    date: datetime.date
    amount: Decimal
    journal_entry_id: str | None


class ScheduleBody(Body):
    """An amount that is spread over months. The rows add up to `amount` unless it is void; `amount_left` is what is
    still to be posted. `invoice_line_id` is the line whose revenue is spread, which `deferral_entry_id` deferred.
    `reason` says why it was stopped or voided, `failure_reason` why the clock could not post a row that is due."""

    id: str
    description: str
    status: str
    method: str
    start_date: datetime.date
    end_date: datetime.date
    next_date: datetime.date | None
    currency: str
    amount: Decimal
    amount_left: Decimal
    debit_account_id: str
    credit_account_id: str
    invoice_line_id: str | None
    deferral_entry_id: str | None
    rows: list[ScheduleRowBody]
    reason: str | None
    failure_reason: str | None
    created_by: str
    metadata: dict[str, str]
    created_at: datetime.datetime
    updated_at: datetime.datetime


class FxRevaluationRowBody(Struct):
    """`balance` is debit less credit in `currency`; in base it was `carrying_base` and is `new_base` at
    `exchange_rate`."""

    account: AccountRef
    currency: str
    balance: Decimal
    carrying_base: Decimal
    exchange_rate: Decimal
    new_base: Decimal
    difference: Decimal


class FxRevaluationBody(Body):
    """`reversal_entry_id` is the mirror on the next day; `settlement_entry_id` has what was left in base on accounts
    that were empty. `difference` is the sum in base, positive when it was gained."""

    id: str
    as_of: datetime.date
    mode: str
    currency: str
    difference: Decimal
    journal_entry_id: str | None
    reversal_entry_id: str | None
    settlement_entry_id: str | None
    rows: list[FxRevaluationRowBody]
    created_by: str
    metadata: dict[str, str]
    created_at: datetime.datetime


class DocumentBody(Body):
    id: str
    reference: str | None
    name: str
    media_type: str
    size_bytes: int
    sha256: str
    created_by: str
    metadata: dict[str, str]
    created_at: datetime.datetime


class LedgerLineBody(Body):
    """A line in its account's ledger, in the currency of the account and in base; `balance` is the account's after it,
    positive on the normal side.
    `events_url` leads to the request that posted it and who made that."""

    id: str
    date: datetime.date
    journal_entry_id: str
    journal_entry_number: str
    description: str
    debit: Decimal
    credit: Decimal
    balance: Decimal
    currency: str
    base_debit: Decimal
    base_credit: Decimal
    events_url: str


class PeriodBody(Body):
    """A month of the books. `status` is `open`, `closed` or `locked`; `closed_scopes` is `["all"]` when it is closed,
    else what of it is (`sales`, `purchases`)."""

    id: str
    name: str
    start: datetime.date
    end: datetime.date
    status: str
    closed_scopes: list[str]
    closed_at: datetime.datetime | None
    closed_by: str | None
    reopened_at: datetime.datetime | None
    reopened_by: str | None
    reopen_reason: str | None
    locked_at: datetime.datetime | None
    locked_by: str | None


class LockExceptionBody(Body):
    """Until `expires_at` the member, or everybody when `member_id` is null, may post into the closed period."""

    id: str
    period_id: str
    member_id: str | None
    reason: str
    expires_at: datetime.datetime
    created_by: str
    metadata: dict[str, str]
    created_at: datetime.datetime


class FiscalYearBody(Body):
    """`year` is the one in which the fiscal year begins, `id` that after `fy_`. `net_income` is its result in the base
    currency, `closing_entry_id` the entry that moved it to retained earnings, null when there is none."""

    id: str
    year: int
    start: datetime.date
    end: datetime.date
    status: str
    currency: str
    net_income: Decimal
    closing_entry_id: str | None


class ChecklistItem(Struct):
    """Something to settle before a period is closed: `count` things, listed at `url`. A `blocking` one prevents it."""

    name: str
    message: str
    count: int
    blocking: bool
    url: str


class ChecklistBody(Body):
    period_id: str
    can_close: bool
    items: list[ChecklistItem]
