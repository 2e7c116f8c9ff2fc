from decimal import Decimal

import django.db.models.deletion
from django.db import migrations, models

import bigledger.ids
import bigledger.tenants.models
from bigledger.tenants.isolation import IsolateTenant


class Migration(migrations.Migration):
    dependencies = [
        ("invoicing", "0014_tax_kinds"),
        ("ledger", "0009_periods"),
        ("tenants", "0005_seller"),
    ]

    operations = [
        migrations.CreateModel(
            name="WriteOffTax",
            fields=[
                (
                    "id",
                    models.UUIDField(default=bigledger.ids.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("position", models.PositiveIntegerField()),
                ("name", models.CharField(max_length=100)),
                ("rate", models.DecimalField(decimal_places=6, max_digits=9)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("standard", "Standard"),
                            ("zero", "Zero"),
                            ("exempt", "Exempt"),
                            ("out_of_scope", "Out Of Scope"),
                            ("reverse_charge", "Reverse Charge"),
                            ("intra_community", "Intra Community"),
                        ],
                        default="standard",
                        max_length=20,
                    ),
                ),
                ("reason", models.CharField(blank=True, db_default="", max_length=500)),
                ("authority", models.CharField(blank=True, db_default="", max_length=100)),
                ("taxable_amount", models.DecimalField(decimal_places=4, max_digits=19)),
                ("amount", models.DecimalField(decimal_places=4, max_digits=19)),
            ],
            options={
                "verbose_name": "tax of a write-off",
                "verbose_name_plural": "taxes of write-offs",
                "ordering": ("position",),
                "abstract": False,
            },
            bases=(bigledger.ids.Identified, models.Model),
        ),
        migrations.RemoveConstraint(
            model_name="writeoff",
            name="invoicing_writeoff_amounts",
        ),
        migrations.AddField(
            model_name="salessettings",
            name="bad_debt_method",
            field=models.CharField(
                choices=[("direct", "Direct"), ("allowance", "Allowance")],
                db_default="direct",
                default="direct",
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="writeoff",
            name="is_against_allowance",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="writeoff",
            name="tax_amount",
            field=models.DecimalField(db_default=Decimal("0"), decimal_places=4, default=Decimal("0"), max_digits=19),
        ),
        migrations.AddField(
            model_name="writeoffundo",
            name="tax_amount",
            field=models.DecimalField(db_default=Decimal("0"), decimal_places=4, default=Decimal("0"), max_digits=19),
        ),
        migrations.AddConstraint(
            model_name="writeoff",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("amount__gt", 0),
                    ("amount__gte", models.F("amount_undone")),
                    ("amount_undone__gte", 0),
                    ("amount__gte", models.F("tax_amount")),
                    ("tax_amount__gte", 0),
                ),
                name="invoicing_writeoff_amounts",
            ),
        ),
        migrations.AddField(
            model_name="writeofftax",
            name="account",
            field=bigledger.tenants.models.TenantForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="ledger.account"
            ),
        ),
        migrations.AddField(
            model_name="writeofftax",
            name="tenant",
            field=models.ForeignKey(
                db_default=bigledger.tenants.models.CurrentTenant(),
                db_index=False,
                editable=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="tenants.tenant",
            ),
        ),
        migrations.AddField(
            model_name="writeofftax",
            name="undo",
            field=bigledger.tenants.models.TenantForeignKey(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="taxes",
                to="invoicing.writeoffundo",
            ),
        ),
        migrations.AddField(
            model_name="writeofftax",
            name="write_off",
            field=bigledger.tenants.models.TenantForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="taxes", to="invoicing.writeoff"
            ),
        ),
        IsolateTenant("WriteOffTax"),
    ]
