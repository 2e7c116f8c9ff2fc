from django.db import migrations

# One mail for each endpoint that was switched off and whose owners were not told yet.
_MOVE = """
INSERT INTO mail_mail (id, tenant_id, kind, about_id, "to", cc, reply_to, context, subject, state, attempts,
                       next_attempt_at, last_error, created_at)
SELECT gen_random_uuid(), e.tenant_id, 'endpoint_disabled', e.id, o.emails, '{}', '', '{}', '', 'waiting', 0, now(), '', now()
FROM webhooks_webhookendpoint e
JOIN LATERAL (
    SELECT array_agg(u.email ORDER BY u.email) AS emails
    FROM access_membership m JOIN access_user u ON u.id = m.user_id
    WHERE m.tenant_id = e.tenant_id AND m.role = 'owner'
) o ON o.emails IS NOT NULL
WHERE e.disabled_at IS NOT NULL AND e.owners_told_at IS NULL AND e.deleted_at IS NULL
"""


class Migration(migrations.Migration):
    dependencies = [
        ("webhooks", "0001_initial"),
        ("access", "0001_initial"),
        ("mail", "0001_initial"),
    ]

    operations = [
        migrations.RunSQL(_MOVE),
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE", migrations.RunSQL.noop),
        migrations.RemoveField("WebhookEndpoint", "owners_told_at"),
    ]
