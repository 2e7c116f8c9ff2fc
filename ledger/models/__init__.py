"""The tables of the books."""

from ledger.models.accounts import DEBIT_TYPES, SUBTYPES, Account, AccountPurpose, AccountSubtype, AccountType
from ledger.models.documents import Attachment, Document
from ledger.models.entries import MAX_LINES, DraftLine, EntryStatus, JournalEntry, JournalLine

__all__ = [
    "DEBIT_TYPES",
    "MAX_LINES",
    "SUBTYPES",
    "Account",
    "AccountPurpose",
    "AccountSubtype",
    "AccountType",
    "Attachment",
    "Document",
    "DraftLine",
    "EntryStatus",
    "JournalEntry",
    "JournalLine",
]
