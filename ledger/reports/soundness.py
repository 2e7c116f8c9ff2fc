"""Checks of the books for operators, one tenant at a time.

The database refuses what would make them unsound; this looks whether it ever failed to, for instance after
somebody worked on the tables as their owner, or after a restore. It reads every line there is. Each check
is one statement, so that it sees one moment, whoever posts meanwhile.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping

from bigledger import ids
from bigledger.postgres.execute import fetch_all
from bigledger.soundness import Fault, Recorded
from ledger.events import ENTRY_POSTED
from ledger.models import Account, JournalEntry, JournalLine, LockException, Schedule
from ledger.resources import (
    ACCOUNTS,
    DOCUMENTS,
    EXCHANGE_RATES,
    FX_REVALUATIONS,
    JOURNAL_ENTRIES,
    LOCK_EXCEPTIONS,
    PERIODS,
    RECURRING_ENTRIES,
    SCHEDULES,
)

_MODELS: Mapping[str, type[ids.Identified]] = {
    "entry": JournalEntry,
    "line": JournalLine,
    "account": Account,
    "exception": LockException,
    "schedule": Schedule,
}
# Each gives (kind of object, id, message) per fault; %(tenant)s is the tenant, since the role sees them all.
CHECKS: Mapping[str, str] = {
    "entry_balances": """
        SELECT 'entry', e.id, format('%%s: debits %%s, credits %%s, in base %%s, %%s in %%s lines', e.number,
                                     sum(l.debit), sum(l.credit), sum(l.base_debit), sum(l.base_credit), count(l.id))
        FROM ledger_journalentry e
        LEFT JOIN ledger_journalline l ON l.tenant_id = e.tenant_id AND l.entry_id = e.id
        WHERE e.tenant_id = %(tenant)s AND e.status = 'posted' GROUP BY e.tenant_id, e.id
        HAVING (min(l.currency) = max(l.currency) AND sum(l.debit) <> sum(l.credit))
            OR sum(l.base_debit) IS DISTINCT FROM sum(l.base_credit)
            OR count(l.base_debit) NOT IN (0, count(l.id)) OR count(l.id) < 2""",
    "entry_totals": """
        SELECT 'entry', e.id, format('%%s says %%s / %%s in %%s lines, its lines say %%s / %%s in %%s', e.number,
                                  e.total_debit, e.total_credit, e.line_count, said.debit, said.credit, said.lines)
        FROM ledger_journalentry e
        CROSS JOIN LATERAL (
            SELECT CASE WHEN min(currency) = max(currency) THEN sum(debit) ELSE sum(base_debit) END AS debit,
                CASE WHEN min(currency) = max(currency) THEN sum(credit) ELSE sum(base_credit) END AS credit,
                sum(base_debit) AS base_debit, sum(base_credit) AS base_credit, count(*)::integer AS lines
            FROM ledger_journalline l WHERE l.tenant_id = e.tenant_id AND l.entry_id = e.id) said
        WHERE e.tenant_id = %(tenant)s AND e.status = 'posted'
          AND (e.total_debit, e.total_credit, e.base_total_debit, e.base_total_credit, e.line_count) IS DISTINCT FROM
              (said.debit, said.credit, said.base_debit, said.base_credit, said.lines)""",
    "line_of_entry": """
        SELECT 'line', l.id, format('dated %%s in %%s, its entry %%s is %%s, dated %%s in %%s', l.date, l.currency,
                                   e.number, COALESCE(e.status, 'missing'), e.date, e.currency)
        FROM ledger_journalline l
        LEFT JOIN ledger_journalentry e ON e.tenant_id = l.tenant_id AND e.id = l.entry_id
        WHERE l.tenant_id = %(tenant)s
          AND ((l.date, l.base_currency, 'posted') IS DISTINCT FROM (e.date, e.base_currency, e.status)
               OR l.currency <> e.currency AND e.currency <> e.base_currency)""",
    "line_of_account": r"""
        SELECT 'line', l.id, format('in %%s, as of an account in %%s, its account %%s is in %%s', l.currency,
                                   l.account_currency, COALESCE(a.code, 'missing'), a.currency)
        FROM ledger_journalline l
        LEFT JOIN ledger_account a ON a.tenant_id = l.tenant_id AND a.id = l.account_id
        WHERE l.tenant_id = %(tenant)s
          AND (l.account_currency IS DISTINCT FROM a.currency
               OR l.currency <> l.account_currency AND l.account_currency <> l.base_currency
               AND (l.currency <> l.base_currency OR NOT EXISTS (
                   SELECT FROM ledger_journalentry e WHERE e.tenant_id = l.tenant_id AND e.id = l.entry_id
                   AND e.source LIKE 'fxr\_%%')))""",
    "line_is_one_sided": """
        SELECT 'line', id, format('debit %%s, credit %%s', debit, credit)
        FROM ledger_journalline WHERE tenant_id = %(tenant)s
          AND NOT ((debit > 0 AND debit < 1e15 AND credit = 0) OR (debit = 0 AND credit > 0 AND credit < 1e15))""",
    "line_in_base": """
        SELECT 'line', l.id, format('%%s / %%s %%s at %%s is %%s / %%s %%s', l.debit, l.credit, l.currency,
                                   l.exchange_rate, l.base_debit, l.base_credit, l.base_currency)
        FROM ledger_journalline l LEFT JOIN ledger_books b ON b.tenant_id = l.tenant_id
        LEFT JOIN tenants_tenant t ON t.id = l.tenant_id
        WHERE l.tenant_id = %(tenant)s
          AND (l.base_currency IS DISTINCT FROM b.base_currency OR l.base_currency IS DISTINCT FROM t.base_currency
               OR CASE WHEN l.currency = l.base_currency
                      THEN (l.base_debit, l.base_credit, l.exchange_rate) IS DISTINCT FROM (l.debit, l.credit, 1)
                      ELSE num_nulls(l.base_debit, l.base_credit, l.exchange_rate) NOT IN (0, 3)
                          OR l.exchange_rate <= 0 OR l.base_debit < 0 OR l.base_credit < 0
                          OR l.base_debit > 0 AND l.debit = 0 OR l.base_credit > 0 AND l.credit = 0 END)""",
    "kept_balances": """
        SELECT 'account', account_id,
            format('%%s: kept %%s / %%s, in base %%s / %%s, its lines say %%s / %%s, in base %%s / %%s', day,
                   kept.debit, kept.credit, kept.base_debit, kept.base_credit, lines.debit, lines.credit,
                   lines.base_debit, lines.base_credit)
        FROM (SELECT account_id, day, sum(debit) AS debit, sum(credit) AS credit, sum(base_debit) AS base_debit,
                     sum(base_credit) AS base_credit
              FROM (SELECT tenant_id, account_id, day, debit, credit, base_debit, base_credit
                    FROM ledger_accountbalance
                    UNION ALL
                    SELECT tenant_id, account_id, day, debit, credit, base_debit, base_credit
                    FROM ledger_accountday) parts
              WHERE tenant_id = %(tenant)s GROUP BY 1, 2) kept
        FULL JOIN (SELECT account_id, date AS day,
                       sum(CASE currency WHEN account_currency THEN debit WHEN base_currency THEN 0
                       ELSE base_debit END) AS debit,
                       sum(CASE currency WHEN account_currency THEN credit WHEN base_currency THEN 0
                       ELSE base_credit END) AS credit,
                       sum(COALESCE(base_debit, 0)) AS base_debit, sum(COALESCE(base_credit, 0)) AS base_credit
                   FROM ledger_journalline WHERE tenant_id = %(tenant)s GROUP BY 1, 2) lines
        USING (account_id, day)
        WHERE (kept.debit, kept.credit, kept.base_debit, kept.base_credit) IS DISTINCT FROM
              (lines.debit, lines.credit, lines.base_debit, lines.base_credit)""",
    "kept_months": """
        SELECT 'account', account_id,
            format('%%s: the month says %%s / %%s, in base %%s / %%s, its days %%s / %%s, in base %%s / %%s',
                   to_char(month, 'YYYY-MM'), kept.debit, kept.credit, kept.base_debit, kept.base_credit, days.debit,
                   days.credit, days.base_debit, days.base_credit)
        FROM (SELECT account_id, month, debit, credit, base_debit, base_credit
              FROM ledger_accountmonth WHERE tenant_id = %(tenant)s) kept
        FULL JOIN (SELECT account_id, date_trunc('month', day)::date AS month, sum(debit) AS debit,
                       sum(credit) AS credit, sum(base_debit) AS base_debit, sum(base_credit) AS base_credit
                   FROM ledger_accountday WHERE tenant_id = %(tenant)s GROUP BY 1, 2) days
        USING (account_id, month)
        WHERE (kept.debit, kept.credit, kept.base_debit, kept.base_credit) IS DISTINCT FROM
              (days.debit, days.credit, days.base_debit, days.base_credit)""",
    "event_of_entry": """
        SELECT 'entry', e.id, format('%%s is posted, and the event log has %%s events of it', e.number, count(v.id))
        FROM ledger_journalentry e
        LEFT JOIN (SELECT tenant_id, id, object_id, type FROM events_event
                   UNION ALL SELECT tenant_id, id, object_id, type FROM events_pending) v
               ON v.tenant_id = e.tenant_id AND v.object_id = e.id AND v.type = %(posted)s
        WHERE e.tenant_id = %(tenant)s AND e.status = 'posted' GROUP BY e.tenant_id, e.id HAVING count(v.id) <> 1""",
    # The next number of a series is one that no entry has.
    "entry_numbers": """
        SELECT 'entry', e.id, format('%%s is posted, and its series goes on after %%s', e.number, COALESCE(c.last, 0))
        FROM (
            SELECT DISTINCT ON (series) id, number, substring(number FROM '[0-9]+$')::numeric AS n,
                substring(number FROM '^JE-[0-9]{4}') AS series
            FROM ledger_journalentry
            WHERE tenant_id = %(tenant)s AND number ~ '^JE-[0-9]{4}-[0-9]+$' AND reference IS NULL
            ORDER BY series, n DESC) e
        LEFT JOIN ledger_journalcounter c ON c.tenant_id = %(tenant)s AND c.series = e.series
        WHERE e.n > COALESCE(c.last, 0)
        UNION ALL
        SELECT 'entry', id, format('%%s is sorted as %%s', number, number_order)
        FROM ledger_journalentry WHERE tenant_id = %(tenant)s AND number_order <> sort_text(number)""",
    "draft_lines": """
        SELECT 'entry', e.id, format('%%s says %%s lines, it has %%s', e.number, e.line_count, l.lines)
        FROM ledger_journalentry e
        CROSS JOIN LATERAL (SELECT count(*)::integer AS lines FROM ledger_draftline
                            WHERE tenant_id = e.tenant_id AND entry_id = e.id) l
        WHERE e.tenant_id = %(tenant)s AND e.status = 'draft' AND e.line_count <> l.lines""",
    "schedule_rows": """
        SELECT 'schedule', s.id, format('spreads %%s, its rows add up to %%s', s.amount, COALESCE(sum(r.amount), 0))
        FROM ledger_schedule s
        LEFT JOIN ledger_schedulerow r ON r.tenant_id = s.tenant_id AND r.schedule_id = s.id
        WHERE s.tenant_id = %(tenant)s AND s.status <> 'void' GROUP BY s.tenant_id, s.id
        HAVING COALESCE(sum(r.amount), 0) <> s.amount""",
    "exception_members": """
        SELECT 'exception', x.id, 'is for another user than its member'
        FROM ledger_lockexception x
        LEFT JOIN access_membership m ON m.tenant_id = x.tenant_id AND m.id = x.member_id
        WHERE x.tenant_id = %(tenant)s AND (x.member_id IS NULL AND x.user_id IS NOT NULL OR m.user_id <> x.user_id)""",
    # The books are closed until the end of the last month in which anything is; each scope as far as its months go.
    "closed_months": """
        SELECT 'tenant', b.tenant_id, format(
            'closed until %%s (all %%s, sales %%s, purchases %%s), its months until %%s',
            b.closed_until, b.all_until, b.sales_until, b.purchases_until, m.closed)
        FROM ledger_books b
        CROSS JOIN LATERAL (
            SELECT max(until) AS known, max(until) FILTER (WHERE is_closed) AS all_closed,
                max(until) FILTER (WHERE is_closed OR is_sales_closed OR is_purchases_closed) AS closed
            FROM (SELECT *, (month + interval '1 month - 1 day')::date AS until
                  FROM ledger_periodstate WHERE tenant_id = b.tenant_id) s) m
        CROSS JOIN LATERAL (SELECT greatest(b.all_until, b.sales_until, b.purchases_until) AS given) g
        WHERE b.tenant_id = %(tenant)s
          AND (b.closed_until IS DISTINCT FROM CASE WHEN m.known IS NULL THEN g.given ELSE m.closed END
               OR m.known IS NOT NULL AND g.given IS DISTINCT FROM m.known
               OR m.all_closed IS NOT NULL AND (b.all_until < m.all_closed) IS NOT FALSE
               OR EXISTS (SELECT FROM unnest(ARRAY[b.all_until, b.sales_until, b.purchases_until]) AS until(day)
                          WHERE day <> (date_trunc('month', day) + interval '1 month - 1 day')::date))""",
}

# By table, the kept amounts and the check of each; and the amounts and rates that somebody gave.
_AMOUNTS = ("debit", "credit", "base_debit", "base_credit")
KEPT: Mapping[str, Mapping[str, str]] = {
    "ledger_journalentry": dict.fromkeys(
        ("total_debit", "total_credit", "base_total_debit", "base_total_credit"), "entry_totals"
    ),
    "ledger_accountbalance": dict.fromkeys(_AMOUNTS, "kept_balances"),
    "ledger_accountday": dict.fromkeys(_AMOUNTS, "kept_balances"),
    "ledger_accountmonth": dict.fromkeys(_AMOUNTS, "kept_months"),
}
FACTS: Mapping[str, frozenset[str]] = {
    "ledger_journalline": frozenset({*_AMOUNTS, "exchange_rate"}),
    "ledger_draftline": frozenset({"debit", "credit", "exchange_rate", "base_amount"}),
    "ledger_exchangerate": frozenset({"rate"}),
    "ledger_recurringentryline": frozenset({"debit", "credit"}),
    "ledger_schedule": frozenset({"amount"}),
    "ledger_schedulerow": frozenset({"amount"}),
    # What a revaluation found and posted; its entry is what counts.
    "ledger_fxrevaluationrow": frozenset({"balance", "carrying_base", "exchange_rate", "new_base", "difference"}),
}

# What the log has the bodies of. A month has no event before it is closed.
RECORDED = (
    Recorded.of(ACCOUNTS),
    Recorded.of(JOURNAL_ENTRIES),
    Recorded.of(RECURRING_ENTRIES),
    Recorded.of(SCHEDULES),
    Recorded.of(DOCUMENTS),
    Recorded.of(PERIODS, unrecorded=lambda period: period.status == "open"),
    Recorded.of(EXCHANGE_RATES),
    Recorded.of(FX_REVALUATIONS),
    Recorded.of(LOCK_EXCEPTIONS),
)


def find_faults(tenant_id: uuid.UUID) -> Iterator[Fault]:
    """Every fault in the tenant's books, read as the worker's role, which needs no tenant's context."""
    for check, sql in CHECKS.items():
        params = {"tenant": tenant_id, "posted": ENTRY_POSTED.name}
        wanted = {name: value for name, value in params.items() if f"%({name})s" in sql}
        for kind, identifier, message in fetch_all(sql, wanted, using="worker"):
            named = _MODELS[kind].public_id_of(identifier) if kind in _MODELS else str(identifier)
            yield Fault(check, named, message)
