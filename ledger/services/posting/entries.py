"""What is to be posted, as services say it."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from bigledger import ids
from ledger.bodies import JournalEntryBody

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class NewLine:
    """`account` is an id or natural key (`acc_1000`). Amounts are in `currency`, the account's own when None; another
    one only on an account in the base currency.

    A line in a foreign currency has an `exchange_rate` (base units for one unit), or its entry has, unless the whole
    entry is in that currency and has none. `base_amount` is what the line is worth in base, on its side; amount times
    rate when None, give or take the smallest unit that the entry needs to balance.
    """

    account: str
    debit: Decimal = ZERO
    credit: Decimal = ZERO
    description: str = ""
    currency: str | None = None
    exchange_rate: Decimal | None = None
    base_amount: Decimal | None = None

    @property
    def amount(self) -> Decimal:
        """The side that is not 0."""
        return self.debit or self.credit


@dataclass(frozen=True, slots=True)
class ReversedEntry:
    """The entry that a new one reverses: its id, and its body once it is reversed."""

    id: uuid.UUID
    body: JournalEntryBody


@dataclass(frozen=True, slots=True)
class NewEntry:
    """An entry to be posted. `source` is the public id of the document that posts it; `exchange_rate` counts for its
    foreign lines that have none of their own. A correction of a document may post to accounts that are inactive by now,
    since the document has posted to them."""

    date: datetime.date
    lines: Sequence[NewLine]
    reference: str | None = None
    description: str = ""
    attachments: Sequence[str] = ()
    reversal_of: ReversedEntry | None = None
    reversal_reason: str = ""
    source: str | None = None
    is_correction: bool = False
    exchange_rate: Decimal | None = None
    # A draft that is posted keeps its identity.
    id: uuid.UUID = field(default_factory=ids.new_id)
    number: str | None = None
    created_at: datetime.datetime | None = None
    created_by_id: uuid.UUID | None = None
