"""Sales as they were known: the tables that reports read, without what came after an event.

A report's own SQL is not changed for it. Common table expressions with the names of the tables stand before it, so that
it reads those; each leaves out the rows that were made later, and takes back what became of the others.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

from bigledger.events.standing import Standing, fetch_standing

# What was made after the event has no row. The due date of an invoice is that before the first change that came later.
_KNOWN = """
later AS MATERIALIZED (SELECT change FROM events_changes_after(standing.known)),
invoicing_invoice AS NOT MATERIALIZED (
    SELECT t.tenant_id, t.id, t.customer_id, t.number, t.currency, t.invoice_date, t.taken_over_on, t.sent_at, t.total,
        COALESCE((
            SELECT d.due_date FROM public.invoicing_duedatechange d
            WHERE d.tenant_id = app_tenant() AND d.invoice_id = t.id AND d.made_in IN (SELECT change FROM later)
            ORDER BY d.id LIMIT 1), t.due_date) AS due_date,
        CASE WHEN t.voided_in IN (SELECT change FROM later) THEN NULL ELSE t.voided_on END AS voided_on
    FROM public.invoicing_invoice t
    WHERE t.tenant_id = app_tenant() AND (t.issued_in IS NULL OR t.issued_in NOT IN (SELECT change FROM later))
), invoicing_payment AS NOT MATERIALIZED (
    SELECT t.tenant_id, t.id, t.customer_id, t.number, t.reference, t.currency, t.payment_date, t.amount, t.status,
        t.is_deposit, t.amount_refunded,
        CASE WHEN t.voided_in IN (SELECT change FROM later) THEN NULL ELSE t.voided_on END AS voided_on
    FROM public.invoicing_payment t
    WHERE t.tenant_id = app_tenant() AND (t.made_in IS NULL OR t.made_in NOT IN (SELECT change FROM later))
), invoicing_creditnote AS NOT MATERIALIZED (
    SELECT t.tenant_id, t.id, t.customer_id, t.number, t.currency, t.credit_date, t.total, t.is_deposit,
        CASE WHEN t.voided_in IN (SELECT change FROM later) THEN NULL ELSE t.voided_on END AS voided_on
    FROM public.invoicing_creditnote t
    WHERE t.tenant_id = app_tenant() AND (t.made_in IS NULL OR t.made_in NOT IN (SELECT change FROM later))
), invoicing_paymentapplication AS NOT MATERIALIZED (
    SELECT t.tenant_id, t.id, t.payment_id, t.credit_note_id, t.invoice_id, t.amount, t.applied_on,
        CASE WHEN t.released_in IN (SELECT change FROM later) THEN NULL ELSE t.released_on END AS released_on
    FROM public.invoicing_paymentapplication t
    WHERE t.tenant_id = app_tenant() AND (t.made_in IS NULL OR t.made_in NOT IN (SELECT change FROM later))
), invoicing_writeoff AS NOT MATERIALIZED (
    SELECT t.* FROM public.invoicing_writeoff t
    WHERE t.tenant_id = app_tenant() AND (t.made_in IS NULL OR t.made_in NOT IN (SELECT change FROM later))
), invoicing_writeoffundo AS NOT MATERIALIZED (
    SELECT t.* FROM public.invoicing_writeoffundo t
    WHERE t.tenant_id = app_tenant() AND (t.made_in IS NULL OR t.made_in NOT IN (SELECT change FROM later))
), invoicing_refund AS NOT MATERIALIZED (
    SELECT t.* FROM public.invoicing_refund t
    WHERE t.tenant_id = app_tenant() AND (t.made_in IS NULL OR t.made_in NOT IN (SELECT change FROM later))
), invoicing_duedatechange AS NOT MATERIALIZED (
    SELECT t.* FROM public.invoicing_duedatechange t
    WHERE t.tenant_id = app_tenant() AND (t.made_in IS NULL OR t.made_in NOT IN (SELECT change FROM later))
), renamed AS (
    SELECT e.object_id, jsonb_object_agg(field.key, field.value ORDER BY e.seq DESC) AS fields
    FROM events_after(standing.known, '{customer.updated}') e, jsonb_each(e.previous::jsonb) field
    WHERE field.key IN ('name', 'number') GROUP BY 1
), customers_customer AS NOT MATERIALIZED (
    SELECT t.tenant_id, t.id, COALESCE(r.fields ->> 'number', t.number) AS number,
        COALESCE(r.fields ->> 'name', t.name) AS name
    FROM public.customers_customer t LEFT JOIN renamed r ON r.object_id = t.id
    WHERE t.tenant_id = app_tenant()
), ledger_journalline AS NOT MATERIALIZED (
    SELECT l.* FROM public.ledger_journalline l
    WHERE l.tenant_id = app_tenant() AND l.entry_id NOT IN (
        SELECT object_id FROM events_after(standing.known, '{journal_entry.posted}'))
),"""
_WITH = "WITH "


def sales_standing(
    sql: str, params: Mapping[str, Any], known_at: datetime.datetime | None
) -> tuple[Standing, list[tuple[Any, ...]]]:
    """As `fetch_standing`, of a statement on the tables of sales that begins with WITH."""
    head, _, rest = sql.partition(_WITH)
    return fetch_standing(sql, params, known_at, known_sql=f"{head}{_WITH}{_KNOWN} {rest}")
