"""Functions that have another name now; the new ones are in `ledger/sql/posting.sql`."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial")]

    operations = [
        migrations.RunSQL(
            "DROP FUNCTION IF EXISTS ledger_propose(uuid[], text[], text[], jsonb);"
            "DROP FUNCTION IF EXISTS ledger_lock_numbers(text[]);",
            migrations.RunSQL.noop,
        )
    ]
