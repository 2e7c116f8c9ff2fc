"""What each posting pays for without need: checks that others imply, and a generated column, which is computed by a plan
that PostgreSQL makes anew for each statement (sql/books.sql, sql/lines.sql)."""

from decimal import Decimal

from django.db import migrations, models
from django.db.models.lookups import Exact, GreaterThan


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0018_metadata_of_all"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    "ALTER TABLE ledger_journalentry ALTER COLUMN number_order DROP EXPRESSION; "
                    "ALTER TABLE ledger_journalentry ALTER COLUMN number_order SET DEFAULT '', "
                    "ALTER COLUMN number_order SET NOT NULL; "
                    "DROP TRIGGER IF EXISTS not_when_closed ON ledger_journalentry; "
                    "DROP FUNCTION IF EXISTS ledger_refuse_closed(); "
                    "DROP TRIGGER IF EXISTS base_is_revalued ON ledger_journalline; "
                    "DROP FUNCTION IF EXISTS ledger_check_revaluation()",
                ),
            ],
            state_operations=[
                migrations.RemoveField(model_name="journalentry", name="number_order"),
                migrations.AddField(
                    model_name="journalentry",
                    name="number_order",
                    field=models.TextField(db_collation="C", db_default="", editable=False),
                ),
            ],
        ),
        migrations.AlterField(model_name="journalentry", name="line_count", field=models.IntegerField()),
        migrations.AlterField(model_name="journalline", name="position", field=models.IntegerField()),
        migrations.RemoveConstraint(model_name="journalline", name="ledger_journalline_one_sided"),
        migrations.AddConstraint(
            model_name="journalline",
            constraint=models.CheckConstraint(
                name="ledger_journalline_one_sided",
                condition=models.Q(Exact(models.F("debit") * models.F("credit"), Decimal(0)))
                & models.Q(GreaterThan(models.F("debit") + models.F("credit"), Decimal(0))),
            ),
        ),
    ]
