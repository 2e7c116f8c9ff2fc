from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0014_revaluations"),
    ]

    operations = [
        migrations.AddField(
            model_name="account",
            name="metadata",
            field=models.JSONField(blank=True, db_default={}, default=dict),
        ),
        migrations.AddField(
            model_name="document",
            name="metadata",
            field=models.JSONField(blank=True, db_default={}, default=dict),
        ),
        migrations.AddField(
            model_name="journalentry",
            name="metadata",
            field=models.JSONField(blank=True, db_default={}, default=dict),
        ),
        migrations.AddField(
            model_name="recurringentry",
            name="metadata",
            field=models.JSONField(blank=True, db_default={}, default=dict),
        ),
    ]
