"""`ledger_post` answers with the reason why nothing is posted; the new ones are in `ledger/sql/posting.sql`."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("ledger", "0005_base_currency")]

    operations = [
        migrations.RunSQL(
            "DROP FUNCTION IF EXISTS ledger_post(jsonb, jsonb);"
            "DROP FUNCTION IF EXISTS"
            " ledger_post_if_current(uuid[], text[], text[], text[], text[], date, jsonb, jsonb);",
            migrations.RunSQL.noop,
        )
    ]
