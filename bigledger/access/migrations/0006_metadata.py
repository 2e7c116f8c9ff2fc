from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0005_kiosk_links"),
        ("tenants", "0006_metadata"),
    ]

    operations = [
        migrations.AddField(
            model_name="apikey",
            name="metadata",
            field=models.JSONField(blank=True, db_default={}, default=dict),
        ),
        migrations.AddField(
            model_name="application",
            name="metadata",
            field=models.JSONField(blank=True, db_default={}, default=dict),
        ),
        migrations.AddField(
            model_name="invitation",
            name="metadata",
            field=models.JSONField(blank=True, db_default={}, default=dict),
        ),
        migrations.AddField(
            model_name="kiosklink",
            name="metadata",
            field=models.JSONField(blank=True, db_default={}, default=dict),
        ),
        migrations.AddField(
            model_name="signingsecret",
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
                "access_apikey",
                "access_application",
                "access_invitation",
                "access_kiosklink",
                "access_signingsecret",
            )
        ),
    ]
