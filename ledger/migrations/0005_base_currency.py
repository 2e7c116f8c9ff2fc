"""Lines, entries and kept balances carry base amounts; balances are kept by day. What is posted is carried over."""

from decimal import Decimal
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
        migrations.AddConstraint(
            model_name="journalentry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("base_currency__isnull", True),
                        ("base_total_credit__isnull", True),
                        ("base_total_debit__isnull", True),
                        ("status", "draft"),
                    ),
                    models.Q(
                        ("base_currency__isnull", False),
                        ("status", "posted"),
                        models.Q(
                            models.Q(
                                models.Q(("currency", models.F("base_currency")), _negated=True),
                                ("base_total_credit__isnull", True),
                                ("base_total_debit__isnull", True),
                            ),
                            models.Q(
                                ("base_total_credit__isnull", False),
                                ("base_total_debit", models.F("base_total_credit")),
                                ("base_total_debit__gte", 0),
                                ("base_total_debit__isnull", False),
                                models.Q(
                                    models.Q(("currency", models.F("base_currency")), _negated=True),
                                    ("base_total_debit", models.F("total_debit")),
                                    _connector="OR",
                                ),
                            ),
                            _connector="OR",
                        ),
                    ),
                    _connector="OR",
                ),
                name="ledger_journalentry_base",
            ),
        ),
        migrations.AddConstraint(
            model_name="journalline",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("currency", models.F("account_currency")),
                    models.Q(("account_currency", models.F("base_currency")), ("base_debit__isnull", False)),
                    _connector="OR",
                ),
                name="ledger_journalline_account_currency",
            ),
        ),
        migrations.AddConstraint(
            model_name="journalline",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("currency", models.F("base_currency")),
                        ("base_credit__isnull", False),
                        ("base_debit__isnull", False),
                        ("exchange_rate__isnull", False),
                        ("base_credit", models.F("credit")),
                        ("base_debit", models.F("debit")),
                        ("exchange_rate", 1),
                    ),
                    models.Q(
                        models.Q(("currency", models.F("base_currency")), _negated=True),
                        ("base_credit__isnull", True),
                        ("base_debit__isnull", True),
                        ("exchange_rate__isnull", True),
                    ),
                    models.Q(
                        models.Q(("currency", models.F("base_currency")), _negated=True),
                        ("base_credit__isnull", False),
                        ("base_debit__isnull", False),
                        ("exchange_rate__isnull", False),
                        ("exchange_rate__gt", 0),
                        ("exchange_rate__lt", 10000000000),
                        ("base_credit__gte", 0),
                        ("base_credit__lt", Decimal("1000000000000000")),
                        ("base_debit__gte", 0),
                        ("base_debit__lt", Decimal("1000000000000000")),
                        models.Q(("base_debit", 0), ("debit__gt", 0), _connector="OR"),
                        models.Q(("base_credit", 0), ("credit__gt", 0), _connector="OR"),
                    ),
                    _connector="OR",
                ),
                name="ledger_journalline_base",
            ),
        ),
    ]
