"""Entries of another system, under the numbers that they have there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from django.db import transaction

from bigledger.access.principal import Principal
from bigledger.api.bulk import MAX_OPERATIONS, attempt
from bigledger.errors import ApiError, Conflict, Detail
from bigledger.tenants.locks import lock
from ledger.bodies import JournalEntryBody
from ledger.services.drafts import create_draft_entry
from ledger.services.numbering import taken_numbers
from ledger.services.posting import NewEntry, post_each_journal_entry

Outcome = JournalEntryBody | ApiError | None


@transaction.atomic
def import_journal_entries(*, entries: Sequence[NewEntry], drafts: Sequence[bool], acting: Principal) -> list[Outcome]:
    """Posts the entries, or keeps as drafts those that `drafts` says; for each that could not be, the error.

    The reference of an entry is its number, and an entry whose number somebody has is refused: the same file twice
    must not be in the books twice.
    """
    lock("import of journal entries")
    taken = taken_numbers({entry.reference for entry in entries if entry.reference})
    outcomes: list[Outcome] = [_taken(entry) if entry.reference in taken else None for entry in entries]
    free = [position for position, outcome in enumerate(outcomes) if outcome is None]
    for position in free:
        if drafts[position]:
            outcomes[position] = attempt(partial(create_draft_entry, entry=entries[position], acting=acting))
    posted = [position for position in free if not drafts[position]]
    done = _posted([entries[position] for position in posted], acting)
    for position, outcome in zip(posted, done, strict=True):
        outcomes[position] = outcome
    return [_under_its_number(entry, outcome) for entry, outcome in zip(entries, outcomes, strict=True)]


def _posted(entries: Sequence[NewEntry], acting: Principal) -> Iterator[Outcome]:
    for start in range(0, len(entries), MAX_OPERATIONS):
        some = entries[start : start + MAX_OPERATIONS]
        yield from post_each_journal_entry(entries=some, goes_on=True, acting=acting)


def _under_its_number(entry: NewEntry, outcome: Outcome) -> Outcome:
    """The outcome, unless somebody took the number since it was found free."""
    is_other = isinstance(outcome, JournalEntryBody) and entry.reference not in (None, outcome.number)
    return _taken(entry) if is_other else outcome


def _taken(entry: NewEntry) -> Conflict:
    message = f"There is an entry {entry.reference} already."
    return Conflict(message, [Detail(message, "reference", code="taken")])
