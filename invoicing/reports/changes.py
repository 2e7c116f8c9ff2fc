"""The checks of the changes in which documents came (`made_in`, `issued_in`, `released_in`, `voided_in`), against those
of the events that report it (`bigledger/events/sql/changes.sql`).

Reports of an earlier moment read these columns. What was there before they were kept has none, and neither have its
events.
"""

from __future__ import annotations

from collections.abc import Mapping

# Of which row which column, whose event it is, and of which types: (kind of object, its id, column, change, types).
_MARKS = """
            SELECT 'invoice' AS kind, id, 'issued_in' AS name, issued_in AS change,
                ARRAY['invoice.sent', 'invoice.taken_over'] AS types
            FROM invoicing_invoice WHERE tenant_id = %(tenant)s AND (sent_at IS NOT NULL OR issued_in IS NOT NULL)
            UNION ALL
            SELECT 'invoice', id, 'voided_in', voided_in, ARRAY['invoice.voided']
            FROM invoicing_invoice WHERE tenant_id = %(tenant)s AND (voided_on IS NOT NULL OR voided_in IS NOT NULL)
            UNION ALL
            SELECT 'payment', id, 'made_in', made_in, ARRAY['payment.received', 'payment.failed']
            FROM invoicing_payment WHERE tenant_id = %(tenant)s
            UNION ALL
            SELECT 'payment', id, 'voided_in', voided_in, ARRAY['payment.voided']
            FROM invoicing_payment WHERE tenant_id = %(tenant)s AND (voided_on IS NOT NULL OR voided_in IS NOT NULL)
            UNION ALL
            SELECT 'credit_note', id, 'made_in', made_in, ARRAY['credit_note.created']
            FROM invoicing_creditnote WHERE tenant_id = %(tenant)s
            UNION ALL
            SELECT 'credit_note', id, 'voided_in', voided_in, ARRAY['credit_note.voided']
            FROM invoicing_creditnote WHERE tenant_id = %(tenant)s AND (voided_on IS NOT NULL OR voided_in IS NOT NULL)
            UNION ALL
            SELECT 'application', id, 'made_in', made_in, ARRAY['payment.applied', 'credit_note.applied']
            FROM invoicing_paymentapplication a WHERE tenant_id = %(tenant)s AND NOT @rest
            UNION ALL
            SELECT CASE WHEN payment_id IS NULL THEN 'credit_note' ELSE 'payment' END,
                COALESCE(payment_id, credit_note_id), 'made_in of an application', made_in,
                ARRAY['payment.%%', 'credit_note.%%']
            FROM invoicing_paymentapplication a WHERE tenant_id = %(tenant)s AND @rest
            UNION ALL
            SELECT CASE WHEN payment_id IS NULL THEN 'credit_note' ELSE 'payment' END,
                COALESCE(payment_id, credit_note_id), 'released_in', released_in, ARRAY['payment.%%', 'credit_note.%%']
            FROM invoicing_paymentapplication
            WHERE tenant_id = %(tenant)s AND (released_on IS NOT NULL OR released_in IS NOT NULL)
            UNION ALL
            SELECT CASE WHEN payment_id IS NULL THEN 'credit_note' ELSE 'payment' END,
                COALESCE(payment_id, credit_note_id), 'made_in of a refund', made_in,
                ARRAY['payment.refunded', 'credit_note.refunded']
            FROM invoicing_refund WHERE tenant_id = %(tenant)s
            UNION ALL
            SELECT 'invoice', invoice_id, 'made_in of a write-off', made_in, ARRAY['invoice.written_off']
            FROM invoicing_writeoff WHERE tenant_id = %(tenant)s
            UNION ALL
            SELECT 'invoice', w.invoice_id, 'made_in of what undid a write-off', u.made_in,
                ARRAY['invoice.write_off_undone', 'invoice.recovered']
            FROM invoicing_writeoffundo u
            JOIN invoicing_writeoff w ON w.tenant_id = u.tenant_id AND w.id = u.write_off_id
            WHERE u.tenant_id = %(tenant)s
            UNION ALL
            SELECT 'invoice', invoice_id, 'made_in of a due date', made_in, ARRAY['invoice.updated']
            FROM invoicing_duedatechange WHERE tenant_id = %(tenant)s"""
# What is left of an application that was released in part; it came with the event of the payment or credit note.
_IS_REST = """EXISTS (
                SELECT FROM invoicing_paymentapplication o
                WHERE o.tenant_id = a.tenant_id AND o.invoice_id = a.invoice_id
                  AND COALESCE(o.payment_id, o.credit_note_id) = COALESCE(a.payment_id, a.credit_note_id)
                  AND o.released_on = a.applied_on AND o.amount > a.amount
                  AND o.released_in IS NOT DISTINCT FROM a.made_in)"""

CHECKS: Mapping[str, str] = {
    "document_changes": """
        WITH known AS MATERIALIZED (
            SELECT object_id, type, change FROM events_event WHERE tenant_id = %(tenant)s
            UNION ALL
            SELECT object_id, type, change FROM events_pending WHERE tenant_id = %(tenant)s
        ), marks AS (@marks
        )
        SELECT m.kind, m.id, format('%%s says %%s, no event of it does', m.name, COALESCE(m.change::text, 'nothing'))
        FROM marks m
        WHERE NOT EXISTS (SELECT FROM known k WHERE k.object_id = m.id AND k.type LIKE ANY (m.types)
                          AND k.change IS NOT DISTINCT FROM m.change)""".replace(
        "@marks", _MARKS.replace("@rest", _IS_REST)
    ),
    # A change is one transaction, and that is of one request or one run of a job.
    "change_of_one_request": """
        SELECT 'event', max(id::text)::uuid, 'events of other requests have its change too'
        FROM events_event WHERE tenant_id = %(tenant)s AND change IS NOT NULL
        GROUP BY change HAVING count(DISTINCT request_id) > 1""",
}
