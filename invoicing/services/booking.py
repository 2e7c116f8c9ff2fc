"""What an operation on documents posts: amounts by day and account, one entry for each day."""

from __future__ import annotations

import datetime
import uuid
from dataclasses import dataclass
from decimal import Decimal

from bigledger import ids, money
from bigledger.access.principal import Principal
from bigledger.tenants.context import current_tenant
from invoicing.models import CreditNote, Payment
from invoicing.totals import ZERO
from ledger.models import CONTROL_PURPOSES, AccountPurpose
from ledger.services.accounts import ensure_purpose_account
from ledger.services.posting import NewEntry, NewLine, post_journal_entries

_DIFFERENCE = "Exchange difference"


@dataclass(slots=True)
class _Sides:
    """What an account is debited and credited on a day, in the currency of the booking and in base; a base of None is
    left to the posting, which takes it from the rate."""

    debit: Decimal = ZERO
    credit: Decimal = ZERO
    base_debit: Decimal = ZERO
    base_credit: Decimal = ZERO
    is_valued: bool = True
    rate: Decimal | None = None


class Booking:
    """Collects debits and credits in one currency. Those of one account on one day are set off against each other, so
    that a payment which is applied at once is one entry, from cash to the receivable.

    In a foreign currency each amount is given with what it is worth in base, or takes `rate`; `gain` is in base alone.

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
        rate: Decimal | None = None,
    ) -> None:
        self.currency = currency
        self._rate = rate
        self._base = current_tenant().base_currency
        self._gains: dict[datetime.date, Decimal] = {}
        self.acting = acting
        self._source = source
        self._description = description[:1000]
        self._entry_id = entry_id or ids.new_id()
        self._reference = reference
        self._is_correction = is_correction
        self._lines: dict[datetime.date, dict[str, _Sides]] = {}
        self._texts: dict[str, str] = {}
        self._purposes: dict[str, str] = {}

    def purpose(self, purpose: AccountPurpose) -> str:
        """The account that serves the purpose: one that holds what is owed in this currency, others in base."""
        if purpose not in self._purposes:
            currency = self.currency if purpose in CONTROL_PURPOSES else self._base
            account = ensure_purpose_account(purpose, currency, acting=self.acting)
            self._purposes[purpose] = account.public_id
        return self._purposes[purpose]

    @property
    def receivable(self) -> str:
        return self.purpose(AccountPurpose.ACCOUNTS_RECEIVABLE)

    def credit_of(self, source: Payment | CreditNote) -> str:
        """The account on which what is left of a payment or credit note stands."""
        return self.purpose(AccountPurpose.CUSTOMER_DEPOSITS) if source.is_deposit else self.receivable

    def debit(
        self,
        day: datetime.date,
        account: str,
        amount: Decimal,
        text: str = "",
        *,
        base: Decimal | None = None,
        rate: Decimal | None = None,
    ) -> None:
        """`amount`, negative on the other side, which is worth `base` at `rate`, the booking's when None."""
        sides = self._lines.setdefault(day, {}).setdefault(account, _Sides())
        sides.is_valued = sides.is_valued and base is not None
        sides.rate = rate or sides.rate
        if amount > 0:
            sides.debit += amount
            sides.base_debit += base or ZERO
        else:
            sides.credit -= amount
            sides.base_credit -= base or ZERO
        if text:
            self._texts[account] = text

    def credit(
        self,
        day: datetime.date,
        account: str,
        amount: Decimal,
        text: str = "",
        *,
        base: Decimal | None = None,
        rate: Decimal | None = None,
    ) -> None:
        self.debit(day, account, -amount, text, base=None if base is None else -base, rate=rate)

    def gain(self, day: datetime.date, amount: Decimal) -> None:
        """What was gained in base by a difference of rates; negative, what was lost."""
        if amount:
            self._gains[day] = self._gains.get(day, ZERO) + amount

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
        for account, sides in self._lines[day].items():
            text = self._texts.get(account, self._description)
            net, base = sides.debit - sides.credit, sides.base_debit - sides.base_credit
            has_both = self._is_foreign and sides.is_valued and sides.debit and sides.credit
            if has_both and (net or base) and net * base <= 0:  # at two rates: one line cannot say what is left
                found.append(self._line(account, sides.debit, sides.base_debit, text, None))
                found.append(self._line(account, -sides.credit, -sides.base_credit, text, None))
            elif net:
                found.append(self._line(account, net, base if sides.is_valued else None, text, sides.rate))
        if gain := self._gains.get(day):
            account = self.purpose(AccountPurpose.REALISED_FX)
            amount = money.to_currency(abs(gain), self._base)
            debit, credit = (ZERO, amount) if gain > 0 else (amount, ZERO)
            found.append(NewLine(account, debit, credit, _DIFFERENCE))
        return found

    @property
    def _is_foreign(self) -> bool:
        return self.currency != self._base

    def _line(self, account: str, net: Decimal, base: Decimal | None, text: str, rate: Decimal | None) -> NewLine:
        amount = money.to_currency(abs(net), self.currency)
        debit, credit = (amount, ZERO) if net > 0 else (ZERO, amount)
        if not self._is_foreign:
            return NewLine(account, debit, credit, text)
        worth = None if base is None else money.to_currency(abs(base), self._base)
        return NewLine(account, debit, credit, text, self.currency, rate or self._rate, worth)
