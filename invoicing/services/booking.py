"""What an operation on documents posts: amounts by day and account, one entry for each day."""

from __future__ import annotations

import datetime
import uuid
from decimal import Decimal

from bigledger import ids, money
from bigledger.access.principal import Principal
from invoicing.models import CreditNote, Payment
from invoicing.totals import ZERO
from ledger.models import AccountPurpose
from ledger.services.accounts import ensure_purpose_account
from ledger.services.posting import NewEntry, NewLine, post_journal_entries


class Booking:
    """Collects debits and credits in one currency. Those of one account on one day are set off against each other, so
    that a payment which is applied at once is one entry, from cash to the receivable.

    `source` is the document that posts, `entry_id` and `reference` are those of the entry on its first day.
    """

    def __init__(
        self,
        currency: str,
        *,
        source: str,
        description: str,
        acting: Principal,
        entry_id: uuid.UUID | None = None,
        reference: str | None = None,
        is_correction: bool = False,
    ) -> None:
        self.currency = currency
        self.acting = acting
        self._source = source
        self._description = description[:1000]
        self._entry_id = entry_id or ids.new_id()
        self._reference = reference
        self._is_correction = is_correction
        self._lines: dict[datetime.date, dict[str, Decimal]] = {}
        self._texts: dict[str, str] = {}
        self._purposes: dict[str, str] = {}

    def purpose(self, purpose: AccountPurpose) -> str:
        """The account that serves the purpose in this currency."""
        if purpose not in self._purposes:
            account = ensure_purpose_account(purpose, self.currency, acting=self.acting)
            self._purposes[purpose] = account.public_id
        return self._purposes[purpose]

    @property
    def receivable(self) -> str:
        return self.purpose(AccountPurpose.ACCOUNTS_RECEIVABLE)

    def credit_of(self, source: Payment | CreditNote) -> str:
        """The account on which what is left of a payment or credit note stands."""
        return self.purpose(AccountPurpose.CUSTOMER_DEPOSITS) if source.is_deposit else self.receivable

    def debit(self, day: datetime.date, account: str, amount: Decimal, text: str = "") -> None:
        lines = self._lines.setdefault(day, {})
        lines[account] = lines.get(account, ZERO) + amount
        if text:
            self._texts[account] = text

    def credit(self, day: datetime.date, account: str, amount: Decimal, text: str = "") -> None:
        self.debit(day, account, -amount, text)

    def post(self) -> uuid.UUID | None:
        """Posts an entry for each day on which anything is left. The id of the first, None when there is none."""
        days = [(day, lines) for day, lines in ((day, self._lines_of(day)) for day in sorted(self._lines)) if lines]
        entries = [
            NewEntry(
                id=self._entry_id if position == 0 else ids.new_id(),
                date=day,
                reference=self._reference if position == 0 else None,
                description=self._description,
                source=self._source,
                is_correction=self._is_correction,
                lines=lines,
            )
            for position, (day, lines) in enumerate(days)
        ]
        if not entries:
            return None
        post_journal_entries(entries=entries, acting=self.acting)
        return self._entry_id

    def _lines_of(self, day: datetime.date) -> list[NewLine]:
        found = []
        for account, net in self._lines[day].items():
            amount, text = money.to_currency(abs(net), self.currency), self._texts.get(account, self._description)
            if net > 0:
                found.append(NewLine(account, debit=amount, description=text))
            elif net < 0:
                found.append(NewLine(account, credit=amount, description=text))
        return found
