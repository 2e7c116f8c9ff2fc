from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0017_on_closed_period"),
        ("tenants", "0006_metadata"),
    ]

    operations = [
        migrations.AddField(
            model_name="exchangerate",
            name="metadata",
            field=models.JSONField(blank=True, db_default={}, default=dict),
        ),
        migrations.AddField(
            model_name="fxrevaluation",
            name="metadata",
            field=models.JSONField(blank=True, db_default={}, default=dict),
        ),
        migrations.AddField(
            model_name="lockexception",
            name="metadata",
            field=models.JSONField(blank=True, db_default={}, default=dict),
        ),
        *(
            migrations.RunSQL(
                f"CREATE INDEX {table}_metadata ON {table} USING gin (app_metadata_tags(tenant_id, metadata))"
                " WHERE metadata <> '{}'",
                f"DROP INDEX {table}_metadata",
            )
            for table in (
                "ledger_account",
                "ledger_document",
                "ledger_exchangerate",
                "ledger_fxrevaluation",
                "ledger_journalentry",
                "ledger_lockexception",
                "ledger_recurringentry",
                "ledger_schedule",
            )
        ),
    ]
