"""Posting journal entries: the one operation behind every change of the books.

`entries` is what services say, `rules` what is wrong with it, `closed` what a closed period makes of it, `conversion`
what its lines are worth in base, `rows` what the database takes, `emptied` what it takes off earlier revaluations,
`write` the operation. Python checks shape and names every fault; the function `ledger_post` writes entries, lines,
balances and events at once, and the database holds the invariants by itself. One entry is a batch of one.
"""

from ledger.services.posting.closed import moving_out_of_closed_periods
from ledger.services.posting.emptied import Touched
from ledger.services.posting.entries import NewEntry, NewLine, ReversedEntry, scope_of
from ledger.services.posting.rules import checked, reversal_faults
from ledger.services.posting.write import (
    post_each_journal_entry,
    post_journal_entries,
    post_journal_entry,
    withdraw_revaluations,
)

__all__ = [
    "NewEntry",
    "NewLine",
    "ReversedEntry",
    "Touched",
    "checked",
    "moving_out_of_closed_periods",
    "post_each_journal_entry",
    "post_journal_entries",
    "post_journal_entry",
    "reversal_faults",
    "scope_of",
    "withdraw_revaluations",
]
