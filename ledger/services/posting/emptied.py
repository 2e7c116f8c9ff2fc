"""Accounts in other currencies that an entry empties on a day whose revaluation is posted already.

A revaluation counts at the end of its day and is reversed on the next. An entry that is posted later and dated on or
before that day can leave nothing on an account; what the revaluation said that its content had gained or lost would
stay on it for that day. So that part is withdrawn, and comes back on the next day, where the reversal takes it off.
"""

from __future__ import annotations

import datetime
import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from bigledger import ids, money
from bigledger.postgres.execute import fetch_all
from bigledger.tenants.context import current_tenant
from bigledger.tenants.locks import lock
from ledger.bodies import JournalEntryBody
from ledger.models import Account, FxRevaluation, RevaluationMode
from ledger.services.posting.entries import ZERO, NewEntry, NewLine, ReversedEntry
from ledger.services.references import References

# What revaluations of a day still add to accounts that hold nothing at its end, with the account on the other side,
# whose line follows. What was settled is realised, and stays.
_EMPTIED = """
WITH revalued AS (
    SELECT * FROM unnest(%(sources)s::text[], %(days)s::date[], %(settlements)s::uuid[]) AS r(source, day, settlement))
SELECT d.day, max(e.source), b.account, o.account_id, sum(l.base_debit - l.base_credit)
FROM (SELECT DISTINCT day FROM revalued) d
CROSS JOIN LATERAL ledger_balances_on(%(accounts)s, d.day) b
JOIN ledger_journalline l ON l.tenant_id = app_tenant() AND l.account_id = b.account AND l.date = d.day
    AND l.currency = l.base_currency AND l.account_currency <> l.base_currency
JOIN ledger_journalentry e ON e.tenant_id = l.tenant_id AND e.id = l.entry_id
JOIN revalued r ON r.source = e.source AND r.day = d.day AND r.settlement IS DISTINCT FROM e.id
JOIN ledger_journalline o ON o.tenant_id = l.tenant_id AND o.entry_id = l.entry_id AND o.position = l.position + 1
WHERE b.net = 0
GROUP BY d.day, b.account, o.account_id HAVING sum(l.base_debit - l.base_credit) <> 0
ORDER BY d.day, b.account, o.account_id
"""


@dataclass(frozen=True, slots=True)
class Touched:
    """Accounts in other currencies than base, and the first day on which they are posted to."""

    accounts: frozenset[uuid.UUID]
    since: datetime.date


def touched(entries: Sequence[NewEntry], references: References) -> Touched | None:
    """What the entries put on accounts in other currencies or take off them; None when that is nothing, as with a
    revaluation, which is in base alone."""
    base = current_tenant().base_currency
    found: set[uuid.UUID] = set()
    days = []
    for entry in entries:
        if entry.is_revaluation:
            continue
        foreign = {
            account.id
            for account in (references.accounts[line.account] for line in entry.lines)
            if account.currency != base
        }
        if foreign:
            found |= foreign
            days.append(entry.date)
    return Touched(frozenset(found), min(days)) if days else None


def withdrawals(of: Touched) -> list[NewEntry]:
    """An entry for each day, on or after the first, whose revaluation says something of accounts that are empty.

    Whoever posts these waits for others that do, so that of two entries that empty an account together the later one
    sees the other; a revaluation in progress has been waited for by `ledger_post`.
    """
    revaluations = list(_reversing(of.since))
    if not revaluations:
        return []
    lock("emptied_accounts")
    wanted = {
        "sources": [row.public_id for row in revaluations],
        "days": [row.as_of for row in revaluations],
        "settlements": [row.settlement_entry_id for row in revaluations],
        "accounts": list(of.accounts),
    }
    lines: defaultdict[tuple[datetime.date, str], list[NewLine]] = defaultdict(list)
    sources: dict[datetime.date, str] = {}
    for day, source, account, other, worth in fetch_all(_EMPTIED, wanted):
        key = (day, sources.setdefault(day, source))
        lines[key] += [_line(account, -worth), _line(other, worth)]
    return [
        NewEntry(
            date=day,
            description=f"Revaluation of {day}: accounts that are empty by now",
            source=source,
            is_correction=True,
            lines=found,
        )
        for (day, source), found in lines.items()
    ]


def mirrors(entries: Iterable[NewEntry], bodies: Iterable[JournalEntryBody]) -> list[NewEntry]:
    """What reverses the entries, once they are posted, on the next day."""
    return [
        replace(
            entry,
            id=ids.new_id(),
            date=entry.date + datetime.timedelta(days=1),
            description=f"Reversal of {body.number}",
            reversal_of=ReversedEntry(entry.id, body),
            reversal_reason=entry.description,
            lines=[replace(line, debit=line.credit, credit=line.debit) for line in entry.lines],
        )
        for entry, body in zip(entries, bodies, strict=True)
    ]


def _reversing(since: datetime.date) -> Iterator[FxRevaluation]:
    found = FxRevaluation.objects.filter(as_of__gte=since, mode=RevaluationMode.AUTO_REVERSE)
    yield from found.exclude(journal_entry=None).only("id", "as_of", "settlement_entry_id")


def _line(account: uuid.UUID, net: Decimal) -> NewLine:
    base = current_tenant().base_currency
    amount = money.to_currency(abs(net), base)
    debit, credit = (amount, ZERO) if net > 0 else (ZERO, amount)
    return NewLine(Account.public_id_of(account), debit, credit, currency=base)
