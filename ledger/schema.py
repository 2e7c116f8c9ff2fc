"""The ledger in GraphQL."""

from __future__ import annotations

from dataclasses import replace

from bigledger.api.resource import Resource
from bigledger.graphql.declared import Below, Declaration, Node, Subscription, act, by, create, delete, update
from ledger.bodies import LedgerLineBody
from ledger.models import JournalLine
from ledger.resources import (
    ACCOUNTS,
    DOCUMENTS,
    EXCHANGE_RATES,
    FX_REVALUATIONS,
    JOURNAL_ENTRIES,
    LEDGER_LINES,
    LOCK_EXCEPTIONS,
    PERIODS,
    RECURRING_ENTRIES,
    SCHEDULES,
)
from ledger.selectors import ledger_line_bodies
from ledger.serializers import (
    AccountInput,
    ExchangeRateChanges,
    ExchangeRateInput,
    NewAccountInput,
    RecurringEntryChanges,
    RecurringEntryInput,
    recurring_entry,
)
from ledger.services.accounts import create_account, delete_account, update_account
from ledger.services.exchange_rates import create_exchange_rate, delete_exchange_rate, update_exchange_rate
from ledger.services.recurring.entries import (
    create_recurring_entry,
    delete_recurring_entry,
    pause_recurring_entry,
    resume_recurring_entry,
    update_recurring_entry,
)

_LINES = Resource(
    name=ACCOUNTS.name,
    model=JournalLine,
    body=LedgerLineBody,
    bodies=ledger_line_bodies,
    rows=lambda: JournalLine.objects.select_related("entry", "account"),
    listing=LEDGER_LINES,
)

FIELDS: tuple[Declaration, ...] = (
    Node(ACCOUNTS),
    Node(JOURNAL_ENTRIES),
    Node(RECURRING_ENTRIES, name="RecurringJournalEntry"),
    Node(SCHEDULES),
    Node(DOCUMENTS),
    Node(PERIODS),
    Node(EXCHANGE_RATES),
    Node(FX_REVALUATIONS),
    Node(LOCK_EXCEPTIONS),
    Node(_LINES, is_root=False),
    Below(ACCOUNTS, "ledger", _LINES, by(_LINES, "account_id")),
    create(ACCOUNTS, NewAccountInput, create_account),
    update(ACCOUNTS, AccountInput, update_account),
    delete(ACCOUNTS, delete_account),
    create(EXCHANGE_RATES, ExchangeRateInput, create_exchange_rate),
    update(EXCHANGE_RATES, ExchangeRateChanges, update_exchange_rate),
    delete(EXCHANGE_RATES, delete_exchange_rate),
    create(RECURRING_ENTRIES, RecurringEntryInput, create_recurring_entry, prepare=recurring_entry),
    *(
        replace(write, row_name="recurring")
        for write in (
            update(RECURRING_ENTRIES, RecurringEntryChanges, update_recurring_entry, prepare=recurring_entry),
            delete(RECURRING_ENTRIES, delete_recurring_entry),
            act("pause_*", RECURRING_ENTRIES, None, pause_recurring_entry),
            act("resume_*", RECURRING_ENTRIES, None, resume_recurring_entry),
        )
    ),
    Subscription("account_updated", ACCOUNTS, "account.updated", by_id=True),
)
