"""The operation: entries are proposed until the database takes them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from operator import itemgetter
from typing import Any, cast

import msgspec
from django.db import transaction

from bigledger import exact_json
from bigledger.access.principal import Principal
from bigledger.api.bulk import attempt
from bigledger.dry_run import current_dry_run
from bigledger.errors import ApiError, combined
from bigledger.events.numbering import MANY_EVENTS, number_on_commit
from bigledger.events.record import announce, build
from bigledger.postgres.execute import array, call, call_and_commit
from bigledger.postgres.statement import Call
from ledger.bodies import JournalEntryBody
from ledger.events import ENTRY_POSTED, ENTRY_REVERSED
from ledger.services.numbering import JournalNumbers
from ledger.services.posting.closed import admitted
from ledger.services.posting.emptied import Touched, mirrors, touched, withdrawals
from ledger.services.posting.entries import NewEntry, ReversedEntry
from ledger.services.posting.rows import written
from ledger.services.posting.rules import checked, judged
from ledger.services.references import References

_STALE, _CLOSED = "stale", "closed"
_POST = Call("ledger_post_if_current({0}, {1}, {2}, {3}, {4}, {5}, {6})")

_refusals = msgspec.json.Decoder(list[str] | str)


def post_journal_entry(*, entry: NewEntry, acting: Principal, is_all: bool = False) -> JournalEntryBody:
    """Posts one entry. See `post_journal_entries`. `is_all` of what the request writes: it may be committed at once."""
    with_it = call if current_dry_run() or not is_all else call_and_commit
    return _post(*checked([entry]), acting, with_it)[0]


def post_journal_entries(*, entries: Sequence[NewEntry], acting: Principal) -> list[JournalEntryBody]:
    """Posts all of the entries or none, in one call for any number of them, in two when accounts have to be found.

    Raises ValidationFailed with every fault of every entry; ResourceNotFound when all that is wrong is
    that accounts or documents do not exist; BusinessRuleViolation (`account_inactive`, `period_closed`,
    `rate_missing`).
    """
    return _post(*checked(entries), acting)


@transaction.atomic
def post_each_journal_entry(
    *, entries: Sequence[NewEntry], goes_on: bool, acting: Principal
) -> list[JournalEntryBody | ApiError | None]:
    """Posts the entries that are in order, in one call for any number of them; for each other one, the reason.

    Unless it `goes_on`, nothing is posted (None) when an entry has a fault.
    """
    entries, references, faults = judged(entries)
    if faults and not goes_on:
        return [faults.get(position) for position in range(len(entries))]
    good = [entry for position, entry in enumerate(entries) if position not in faults]
    outcomes = iter(_posted_together_or_each(good, references, acting))
    return [faults.get(position) or next(outcomes) for position in range(len(entries))]


def _posted_together_or_each(
    entries: Sequence[NewEntry], references: References, acting: Principal
) -> Sequence[JournalEntryBody | ApiError]:
    """One by one only when the database refuses them together, which no check foresees."""
    if not entries:
        return []
    outcome: object = attempt(transaction.atomic(lambda: _posted(entries, references, acting)))
    if isinstance(outcome, ApiError):
        alone = transaction.atomic(post_journal_entry)
        return [attempt(partial(alone, entry=entry, acting=acting)) for entry in entries]
    if outcome is None:
        found = admitted(entries, acting)
        good = [entry for entry in found if isinstance(entry, NewEntry)]
        posted = iter(_posted_together_or_each(good, references, acting))
        return [next(posted) if isinstance(entry, NewEntry) else entry for entry in found]
    return cast(list[JournalEntryBody], outcome)


def _post(
    entries: Sequence[NewEntry], references: References, acting: Principal, with_it: Callable[..., bytes] = call
) -> list[JournalEntryBody]:
    while (posted := _posted(entries, references, acting, with_it)) is None:
        found = admitted(entries, acting)
        if refused := [fault for fault in found if not isinstance(fault, NewEntry)]:
            raise combined(refused)
        entries = cast(list[NewEntry], found)
    return posted


def _posted(
    entries: Sequence[NewEntry], references: References, acting: Principal, with_it: Callable[..., bytes] = call
) -> list[JournalEntryBody] | None:
    """Proposes what the entries would be until nobody has their numbers and their accounts are as remembered.

    None, and nothing is posted, when an entry is dated in a period that is closed to it.
    """
    foreign = touched(entries, references)
    with_it = call if foreign else with_it  # what may follow belongs to the same transaction
    numbers = JournalNumbers([(e.reference, e.date.year) for e in entries if e.number is None])
    while True:
        bodies, rows = written(entries, iter(numbers.proposed), references, acting)
        events = [event for entry, body in zip(entries, bodies, strict=True) for event in _events(entry, body, acting)]
        refusal = _refusal(with_it(_POST, *_arguments(references, numbers, rows, events)))
        if refusal is None:
            break
        if refusal == _CLOSED:
            return None
        if refusal == _STALE:
            entries, references = checked(entries, afresh=True)
        else:
            numbers.replace(refusal)
    if len(events) >= MANY_EVENTS:
        number_on_commit()
    for entry, body in zip(entries, bodies, strict=True):
        announce(ENTRY_POSTED, body)
        if entry.reversal_of:
            announce(ENTRY_REVERSED, _reversed(entry.reversal_of, body))
    if rehearsed := current_dry_run():
        rehearsed.journal_lines += [line for body in bodies for line in body.lines]
    if foreign:
        withdraw_revaluations(foreign, acting=acting)
    return bodies


def withdraw_revaluations(of: Touched, *, acting: Principal) -> None:
    """Posts what takes earlier revaluations off accounts that are empty on their day, and brings it back on the next.

    Raises BusinessRuleViolation (`period_closed`) when such a day is in a closed period.
    """
    if entries := withdrawals(of):
        bodies = post_journal_entries(entries=entries, acting=acting)
        post_journal_entries(entries=mirrors(entries, bodies), acting=acting)


def _arguments(
    references: References, numbers: JournalNumbers, rows: list[dict[str, Any]], events: list[dict[str, Any]]
) -> tuple[bytes, ...]:
    # Pairs: one account in two versions, remembered under its id and its code, is stale.
    accounts = {(account.id, account.version) for account in references.accounts.values()}
    return (
        array(str(identifier) for identifier, _ in accounts),
        array(version for _, version in accounts),
        array(numbers.series),
        array(numbers.claimed_series),
        array(numbers.proposed),
        exact_json.encode(sorted(rows, key=itemgetter("number"))),
        exact_json.encode(events),
    )


def _refusal(answer: bytes) -> list[str] | str | None:
    """Why nothing was posted: the numbers that are taken, `_STALE` or `_CLOSED`; None when it was."""
    return _refusals.decode(answer) if answer else None


def _reversed(original: ReversedEntry, reversal: JournalEntryBody) -> JournalEntryBody:
    return msgspec.structs.replace(original.body, reversed_by=reversal.id)


def _events(entry: NewEntry, body: JournalEntryBody, acting: Principal) -> Iterator[dict[str, Any]]:
    yield build(ENTRY_POSTED, entry.id, body, acting=acting)
    if entry.reversal_of:
        yield build(ENTRY_REVERSED, entry.reversal_of.id, _reversed(entry.reversal_of, body), acting=acting)
