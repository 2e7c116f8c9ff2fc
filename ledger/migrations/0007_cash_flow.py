from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("ledger", "0006_post_answers")]

    operations = [
        migrations.AddField(
            model_name="account",
            name="cash_flow",
            field=models.CharField(
                blank=True,
                choices=[
                    ("cash", "Cash"),
                    ("operating", "Operating"),
                    ("investing", "Investing"),
                    ("financing", "Financing"),
                ],
                max_length=10,
                null=True,
            ),
        ),
        migrations.RunSQL("DROP FUNCTION IF EXISTS ledger_trial_balance(text, date);", migrations.RunSQL.noop),
    ]
