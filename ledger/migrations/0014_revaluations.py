"""Revaluations of foreign accounts, and the lines in base that they have there."""

from decimal import Decimal

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import bigledger.ids
import bigledger.tenants.models
from bigledger.tenants.isolation import IsolateTenant

# A line in base is worth itself, on whatever account: the trigger base_is_revalued says on which it may be.
_CHECK = """
ALTER TABLE ledger_journalline DROP CONSTRAINT ledger_journalline_base;
ALTER TABLE ledger_journalline ADD CONSTRAINT ledger_journalline_base
    CHECK (currency <> base_currency
           OR (base_debit = debit AND base_credit = credit AND exchange_rate = 1) IS TRUE) NOT VALID;
ALTER TABLE ledger_journalline VALIDATE CONSTRAINT ledger_journalline_base;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0013_recurring_entries"),
        ("tenants", "0005_seller"),
    ]

    operations = [
        migrations.CreateModel(
            name="FxRevaluation",
            fields=[
                (
                    "id",
                    models.UUIDField(default=bigledger.ids.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("as_of", models.DateField()),
                (
                    "mode",
                    models.CharField(
                        choices=[("auto_reverse", "Auto Reverse"), ("cumulative", "Cumulative")], max_length=20
                    ),
                ),
                ("created_by_id", models.UUIDField()),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
                (
                    "journal_entry",
                    bigledger.tenants.models.TenantForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="ledger.journalentry",
                    ),
                ),
                (
                    "reversal_entry",
                    bigledger.tenants.models.TenantForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="ledger.journalentry",
                    ),
                ),
                (
                    "settlement_entry",
                    bigledger.tenants.models.TenantForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="ledger.journalentry",
                    ),
                ),
                (
                    "tenant",
                    models.ForeignKey(
                        db_default=bigledger.tenants.models.CurrentTenant(),
                        db_index=False,
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tenants.tenant",
                    ),
                ),
            ],
            options={
                "ordering": ("-as_of", "-id"),
            },
            bases=(bigledger.ids.Identified, models.Model),
        ),
        migrations.CreateModel(
            name="FxRevaluationRow",
            fields=[
                (
                    "id",
                    models.UUIDField(default=bigledger.ids.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("position", models.PositiveIntegerField()),
                ("balance", models.DecimalField(decimal_places=4, max_digits=24)),
                ("carrying_base", models.DecimalField(decimal_places=4, max_digits=24)),
                ("exchange_rate", models.DecimalField(decimal_places=10, max_digits=20)),
                ("new_base", models.DecimalField(decimal_places=4, max_digits=24)),
                ("difference", models.DecimalField(decimal_places=4, default=Decimal("0"), max_digits=24)),
                (
                    "account",
                    bigledger.tenants.models.TenantForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="ledger.account"
                    ),
                ),
                (
                    "revaluation",
                    bigledger.tenants.models.TenantForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="rows", to="ledger.fxrevaluation"
                    ),
                ),
                (
                    "tenant",
                    models.ForeignKey(
                        db_default=bigledger.tenants.models.CurrentTenant(),
                        db_index=False,
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tenants.tenant",
                    ),
                ),
            ],
            options={
                "ordering": ("position",),
            },
            bases=(bigledger.ids.Identified, models.Model),
        ),
        migrations.AddIndex(
            model_name="fxrevaluation",
            index=models.Index(fields=["tenant", "as_of"], name="ledger_fxrevaluation_day"),
        ),
        IsolateTenant("FxRevaluation"),
        IsolateTenant("FxRevaluationRow"),
        migrations.RunSQL(_CHECK, migrations.RunSQL.noop),
    ]
