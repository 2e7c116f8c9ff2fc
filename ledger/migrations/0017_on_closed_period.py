from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0016_schedules"),
    ]

    operations = [
        migrations.AddField(
            model_name="recurringentry",
            name="on_closed_period",
            field=models.CharField(
                choices=[("refuse", "Refuse"), ("next_open", "Next Open")],
                db_default="refuse",
                default="refuse",
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="recurringentryline",
            name="currency",
            field=models.CharField(max_length=3, null=True),
        ),
    ]
