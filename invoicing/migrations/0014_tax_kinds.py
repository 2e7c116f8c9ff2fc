from pathlib import Path

import django.db.models.deletion
from django.db import migrations, models

import bigledger.tenants.models
from bigledger.tenants.isolation import SqlFile


class Migration(migrations.Migration):
    """What was charged without a rate before was zero-rated if its line named a tax, and out of scope otherwise."""

    dependencies = [
        ("invoicing", "0013_credited_lines"),
        ("ledger", "0009_periods"),
        ("tenants", "0005_seller"),
    ]

    operations = [
        migrations.AddField(
            model_name="creditnoteline",
            name="tax_kind",
            field=models.CharField(
                choices=[
                    ("standard", "Standard"),
                    ("zero", "Zero"),
                    ("exempt", "Exempt"),
                    ("out_of_scope", "Out Of Scope"),
                    ("reverse_charge", "Reverse Charge"),
                    ("intra_community", "Intra Community"),
                ],
                default="out_of_scope",
                max_length=20,
            ),
        ),
        migrations.AddField(
            model_name="creditnotetax",
            name="account",
            field=bigledger.tenants.models.TenantForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="ledger.account"
            ),
        ),
        migrations.AddField(
            model_name="creditnotetax",
            name="authority",
            field=models.CharField(blank=True, db_default="", max_length=100),
        ),
        migrations.AddField(
            model_name="creditnotetax",
            name="kind",
            field=models.CharField(
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
        migrations.AddField(
            model_name="creditnotetax",
            name="reason",
            field=models.CharField(blank=True, db_default="", max_length=500),
        ),
        migrations.AddField(
            model_name="invoiceline",
            name="tax_kind",
            field=models.CharField(
                choices=[
                    ("standard", "Standard"),
                    ("zero", "Zero"),
                    ("exempt", "Exempt"),
                    ("out_of_scope", "Out Of Scope"),
                    ("reverse_charge", "Reverse Charge"),
                    ("intra_community", "Intra Community"),
                ],
                default="out_of_scope",
                max_length=20,
            ),
        ),
        migrations.AddField(
            model_name="invoicetax",
            name="account",
            field=bigledger.tenants.models.TenantForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="ledger.account"
            ),
        ),
        migrations.AddField(
            model_name="invoicetax",
            name="authority",
            field=models.CharField(blank=True, db_default="", max_length=100),
        ),
        migrations.AddField(
            model_name="invoicetax",
            name="kind",
            field=models.CharField(
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
        migrations.AddField(
            model_name="invoicetax",
            name="reason",
            field=models.CharField(blank=True, db_default="", max_length=500),
        ),
        migrations.AddField(
            model_name="taxcomponent",
            name="account",
            field=bigledger.tenants.models.TenantForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="ledger.account",
            ),
        ),
        migrations.AddField(
            model_name="taxcomponent",
            name="authority",
            field=models.CharField(blank=True, db_default="", max_length=100),
        ),
        migrations.AddField(
            model_name="taxrate",
            name="kind",
            field=models.CharField(
                choices=[
                    ("standard", "Standard"),
                    ("zero", "Zero"),
                    ("exempt", "Exempt"),
                    ("out_of_scope", "Out Of Scope"),
                    ("reverse_charge", "Reverse Charge"),
                    ("intra_community", "Intra Community"),
                ],
                db_default="standard",
                default="standard",
                max_length=20,
            ),
        ),
        migrations.AddField(
            model_name="taxrate",
            name="reason",
            field=models.CharField(blank=True, db_default="", max_length=500),
        ),
        migrations.AddConstraint(
            model_name="taxrate",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "exempt"), _negated=True),
                    models.Q(("reason", ""), _negated=True),
                    _connector="OR",
                ),
                name="invoicing_taxrate_reason",
            ),
        ),
        SqlFile(Path(__file__).parent / "sql" / "0014_tax_kinds.sql"),
    ]
