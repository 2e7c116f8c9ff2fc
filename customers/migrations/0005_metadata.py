from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0004_balances"),
    ]

    operations = [
        migrations.AddField(
            model_name="customer",
            name="metadata",
            field=models.JSONField(blank=True, db_default={}, default=dict),
        ),
    ]
