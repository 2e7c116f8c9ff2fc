"""Lines, entries and kept balances carry base amounts; balances are kept by day. What is posted is carried over."""

from pathlib import Path

from django.db import migrations, models

from bigledger.tenants.isolation import SqlFile

_SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0004_post_tells"),
        ("tenants", "0003_base_currency"),
    ]

    operations = [
        migrations.AddField(
            model_name="journalentry",
            name="base_currency",
            field=models.CharField(editable=False, max_length=3, null=True),
        ),
        migrations.AddField(
            model_name="journalentry",
            name="base_total_credit",
            field=models.DecimalField(decimal_places=4, editable=False, max_digits=24, null=True),
        ),
        migrations.AddField(
            model_name="journalentry",
            name="base_total_debit",
            field=models.DecimalField(decimal_places=4, editable=False, max_digits=24, null=True),
        ),
        migrations.AddField(
            model_name="journalline",
            name="account_currency",
            field=models.CharField(max_length=3, null=True),
        ),
        migrations.AddField(
            model_name="journalline",
            name="base_credit",
            field=models.DecimalField(decimal_places=4, max_digits=19, null=True),
        ),
        migrations.AddField(
            model_name="journalline",
            name="base_currency",
            field=models.CharField(max_length=3, null=True),
        ),
        migrations.AddField(
            model_name="journalline",
            name="base_debit",
            field=models.DecimalField(decimal_places=4, max_digits=19, null=True),
        ),
        migrations.AddField(
            model_name="journalline",
            name="exchange_rate",
            field=models.DecimalField(decimal_places=10, max_digits=20, null=True),
        ),
        SqlFile(_SQL / "0005_base.sql"),
        migrations.AlterField(
            model_name="journalline",
            name="account_currency",
            field=models.CharField(max_length=3),
        ),
        migrations.AlterField(
            model_name="journalline",
            name="base_currency",
            field=models.CharField(max_length=3),
        ),
        SqlFile(_SQL / "0005_days.sql"),
    ]
