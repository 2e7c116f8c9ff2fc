"""The resources of the ledger."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from django.db.models import Q

from bigledger.api import filters
from bigledger.api.listing import Listing
from bigledger.api.resource import Resource
from ledger.bodies import AccountBody, DocumentBody, JournalEntryBody
from ledger.models import MAX_LINES, Account, AccountSubtype, AccountType, Document, EntryStatus, JournalEntry
from ledger.selectors import account_bodies, document_bodies, journal_entry_bodies


def _parents() -> Mapping[str, Resource]:
    return {"parent": ACCOUNTS}


def _line_counts(entries: Sequence[JournalEntry]) -> list[int]:
    return [entry.line_count for entry in entries]


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
            "status": filters.choice("is_active", ("active", "inactive"), lambda value: Q(is_active=value == "active")),
            "currency": filters.text("currency"),
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
            **filters.MOMENTS,
        },
        sort=("date", "number", "total_debit", "created_at", "updated_at"),
        order="date:desc",
        search=("number", "reference", "description"),
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
# The lines of one account. A stretch of days without a hole, so that each line's balance follows from the one before.
LEDGER_LINES = Listing(
    filters={"date": replace(filters.day("date"), operators=("eq", "gt", "gte", "lt", "lte"))},
    sort=("date",),
    order="date:asc",
)
