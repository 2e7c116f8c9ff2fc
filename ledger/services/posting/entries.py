"""What is to be posted, as services say it."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache

from bigledger import ids
from bigledger.apps import business_apps
from bigledger.tenants.models import TenantModel
from ledger.bodies import JournalEntryBody

ZERO = Decimal(0)
REVALUATION = "fxr_"  # how the ids of revaluations begin


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
    since the document has posted to them. `requested_date` is the day that was asked for when `date` is another,
    `lock_exception_id` what allows it in a closed period, `closing_year` the fiscal year that it closes,
    `reverse_on` the day, after `date`, on which it is to be reversed (`services/reversing.py`)."""

    date: datetime.date
    lines: Sequence[NewLine]
    reference: str | None = None
    description: str = ""
    attachments: Sequence[str] = ()
    metadata: Mapping[str, str] | None = None
    reversal_of: ReversedEntry | None = None
    reversal_reason: str = ""
    source: str | None = None
    is_correction: bool = False
    exchange_rate: Decimal | None = None
    requested_date: datetime.date | None = None
    lock_exception_id: uuid.UUID | None = None
    closing_year: int | None = None
    reverse_on: datetime.date | None = None
    # A draft that is posted keeps its identity.
    id: uuid.UUID = field(default_factory=ids.new_id)
    number: str | None = None
    created_at: datetime.datetime | None = None
    created_by_id: uuid.UUID | None = None

    @property
    def is_revaluation(self) -> bool:
        """Whether its lines in base may be on accounts in other currencies, whose worth they change."""
        return bool(self.source) and str(self.source).startswith(REVALUATION)

    @property
    def scope(self) -> str | None:
        """`sales` or `purchases` for an entry of such a document: a period can be closed for one of them alone."""
        return scope_of(self.source)


def scope_of(source: str | None) -> str | None:
    """The scope of the entries of a document, by its id."""
    return _scopes().get(source.partition("_")[0]) if source else None


@cache
def _scopes() -> Mapping[str, str]:
    """The scope by the prefix of the documents' ids, as their apps declare it."""
    return {
        model.id_prefix: app.period_scope
        for app in business_apps()
        if app.period_scope
        for model in app.get_models()
        if issubclass(model, TenantModel)
    }
