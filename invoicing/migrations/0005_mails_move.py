from django.db import migrations

# Waiting ones wait on, with their attempts; the rest is kept as what became of it.
_MOVE = """
INSERT INTO mail_mail (id, tenant_id, kind, about_id, "to", cc, reply_to, context, subject, state, attempts,
                       next_attempt_at, last_error, sent_at, created_at)
SELECT id, tenant_id, 'invoice', invoice_id, "to", cc, '', jsonb_build_object('message', message), '',
       CASE WHEN delivered_at IS NOT NULL THEN 'sent' WHEN attempts >= 12 THEN 'failed' ELSE 'waiting' END,
       attempts, next_attempt_at, '', delivered_at, created_at
FROM invoicing_invoicemail WHERE cardinality("to") > 0
"""


class Migration(migrations.Migration):
    dependencies = [
        ("invoicing", "0004_invoice_pdf"),
        ("mail", "0001_initial"),
    ]

    operations = [
        migrations.RunSQL(_MOVE, elidable=False),
        # A table with foreign-key checks still to come cannot be dropped in the same transaction.
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE", migrations.RunSQL.noop),
        migrations.DeleteModel("InvoiceMail"),
    ]
