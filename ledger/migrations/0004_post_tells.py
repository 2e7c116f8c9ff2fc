"""`ledger_post` takes its events beside the entries and answers; the new ones are in `ledger/sql/posting.sql`."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("ledger", "0003_natural_order")]

    operations = [
        migrations.RunSQL(
            "DROP FUNCTION IF EXISTS ledger_post(jsonb);"
            "DROP FUNCTION IF EXISTS ledger_post_if_current(uuid[], text[], text[], text[], text[], boolean, jsonb);",
            migrations.RunSQL.noop,
        )
    ]
