from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("webhooks", "0002_notices_move"),
    ]

    operations = [
        migrations.AddField(
            model_name="webhookendpoint",
            name="metadata",
            field=models.JSONField(blank=True, db_default={}, default=dict),
        ),
    ]
