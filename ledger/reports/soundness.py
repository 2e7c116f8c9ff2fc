"""Checks of the books for operators, one tenant at a time.

The database refuses what would make them unsound; this looks whether it ever failed to, for instance after
somebody worked on the tables as their owner, or after a restore. It reads every line there is. Each check
is one statement, so that it sees one moment, whoever posts meanwhile.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bigledger import ids
from bigledger.postgres.execute import fetch_all
from ledger.events import ENTRY_POSTED


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with which object: `check` is the name of the check, `object_id` a public id."""

    check: str
    object_id: str
    message: str


# Each gives (prefix of the id, id, message) per fault; %(tenant)s is the tenant, since the role sees them all.
CHECKS: Mapping[str, str] = {
    "entry_balances": """
        SELECT 'je', e.id, format('%%s: debits %%s, credits %%s in %%s lines', e.number, sum(l.debit), sum(l.credit),
                                  count(l.id))
        FROM ledger_journalentry e
        LEFT JOIN ledger_journalline l ON l.tenant_id = e.tenant_id AND l.entry_id = e.id
        WHERE e.tenant_id = %(tenant)s AND e.status = 'posted' GROUP BY e.tenant_id, e.id
        HAVING sum(l.debit) IS DISTINCT FROM sum(l.credit) OR count(l.id) < 2""",
    "entry_totals": """
        SELECT 'je', e.id, format('%%s says %%s / %%s in %%s lines, its lines say %%s / %%s in %%s', e.number,
                                  e.total_debit, e.total_credit, e.line_count, sum(l.debit), sum(l.credit), count(l.id))
        FROM ledger_journalentry e
        LEFT JOIN ledger_journalline l ON l.tenant_id = e.tenant_id AND l.entry_id = e.id
        WHERE e.tenant_id = %(tenant)s AND e.status = 'posted' GROUP BY e.tenant_id, e.id
        HAVING (e.total_debit, e.total_credit, e.line_count) IS DISTINCT FROM
               (COALESCE(sum(l.debit), 0), COALESCE(sum(l.credit), 0), count(l.id)::integer)""",
    "line_of_entry": """
        SELECT 'jel', l.id, format('dated %%s in %%s, its entry %%s is %%s, dated %%s in %%s', l.date, l.currency,
                                   e.number, COALESCE(e.status, 'missing'), e.date, e.currency)
        FROM ledger_journalline l
        LEFT JOIN ledger_journalentry e ON e.tenant_id = l.tenant_id AND e.id = l.entry_id
        WHERE l.tenant_id = %(tenant)s
          AND (l.date, l.currency, 'posted') IS DISTINCT FROM (e.date, e.currency, e.status)""",
    "line_of_account": """
        SELECT 'jel', l.id, format('in %%s, its account %%s is in %%s', l.currency, COALESCE(a.code, 'missing'),
                                   a.currency)
        FROM ledger_journalline l
        LEFT JOIN ledger_account a ON a.tenant_id = l.tenant_id AND a.id = l.account_id
        WHERE l.tenant_id = %(tenant)s AND l.currency IS DISTINCT FROM a.currency""",
    "line_is_one_sided": """
        SELECT 'jel', id, format('debit %%s, credit %%s', debit, credit)
        FROM ledger_journalline WHERE tenant_id = %(tenant)s
          AND NOT ((debit > 0 AND debit < 1e15 AND credit = 0) OR (debit = 0 AND credit > 0 AND credit < 1e15))""",
    "kept_balances": """
        SELECT 'acc', account_id, format('%%s: kept %%s / %%s, its lines say %%s / %%s', to_char(month, 'YYYY-MM'),
                                         kept.debit, kept.credit, lines.debit, lines.credit)
        FROM (SELECT account_id, month, sum(debit) AS debit, sum(credit) AS credit FROM ledger_accountbalance
              WHERE tenant_id = %(tenant)s GROUP BY 1, 2) kept
        FULL JOIN (SELECT account_id, date_trunc('month', date)::date AS month, sum(debit) AS debit,
                          sum(credit) AS credit
                   FROM ledger_journalline WHERE tenant_id = %(tenant)s GROUP BY 1, 2) lines
        USING (account_id, month)
        WHERE (kept.debit, kept.credit) IS DISTINCT FROM (lines.debit, lines.credit)""",
    "event_of_entry": """
        SELECT 'je', e.id, format('%%s is posted, and the event log has %%s events of it', e.number, count(v.id))
        FROM ledger_journalentry e
        LEFT JOIN (SELECT tenant_id, id, object_id, type FROM events_event
                   UNION ALL SELECT tenant_id, id, object_id, type FROM events_pending) v
               ON v.tenant_id = e.tenant_id AND v.object_id = e.id AND v.type = %(posted)s
        WHERE e.tenant_id = %(tenant)s AND e.status = 'posted' GROUP BY e.tenant_id, e.id HAVING count(v.id) <> 1""",
}


def find_faults(tenant_id: uuid.UUID) -> Iterator[Fault]:
    """Every fault in the tenant's books, read as the worker's role, which needs no tenant's context."""
    for check, sql in CHECKS.items():
        params = {"tenant": tenant_id, "posted": ENTRY_POSTED.name}
        wanted = {name: value for name, value in params.items() if f"%({name})s" in sql}
        for prefix, identifier, message in fetch_all(sql, wanted, using="worker"):
            yield Fault(check, ids.encode(prefix, identifier), message)
