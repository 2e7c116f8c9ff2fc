"""Write-offs, changes of due dates and deposit accounts are rows; payments and credit notes can be voided."""

from decimal import Decimal
from pathlib import Path

import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.datetime
from django.db import migrations, models

import bigledger.ids
import bigledger.tenants.models
from bigledger.tenants.isolation import IsolateTenant, SqlFile


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0002_natural_order"),
        ("invoicing", "0008_latest_sent"),
        ("ledger", "0008_control_accounts"),
        ("tenants", "0004_fiscal_year"),
    ]

    operations = [
        migrations.CreateModel(
            name="DepositAccount",
            fields=[
                (
                    "id",
                    models.UUIDField(default=bigledger.ids.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("method", models.CharField(max_length=20)),
            ],
            bases=(bigledger.ids.Identified, models.Model),
        ),
        migrations.CreateModel(
            name="DueDateChange",
            fields=[
                (
                    "id",
                    models.UUIDField(default=bigledger.ids.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("due_date", models.DateField()),
                ("changed_on", models.DateField()),
            ],
            options={
                "abstract": False,
            },
            bases=(bigledger.ids.Identified, models.Model),
        ),
        migrations.CreateModel(
            name="WriteOff",
            fields=[
                (
                    "id",
                    models.UUIDField(default=bigledger.ids.new_id, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("bad_debt", "Bad Debt"), ("small_difference", "Small Difference")], max_length=20
                    ),
                ),
                ("amount", models.DecimalField(decimal_places=4, max_digits=19)),
                ("amount_undone", models.DecimalField(decimal_places=4, default=Decimal("0"), max_digits=19)),
                ("written_off_on", models.DateField()),
                ("reason", models.CharField(blank=True, max_length=500)),
                ("created_by_id", models.UUIDField()),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
            ],
            options={"verbose_name": "write-off"},
            bases=(bigledger.ids.Identified, models.Model),
        ),
        migrations.CreateModel(
            name="WriteOffUndo",
            fields=[
                (
                    "id",
                    models.UUIDField(default=bigledger.ids.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("amount", models.DecimalField(decimal_places=4, max_digits=19)),
                ("undone_on", models.DateField()),
                ("reason", models.CharField(blank=True, max_length=500)),
                ("created_by_id", models.UUIDField()),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
            ],
            options={
                "verbose_name": "part of a write-off taken back",
                "verbose_name_plural": "parts of write-offs taken back",
            },
            bases=(bigledger.ids.Identified, models.Model),
        ),
        migrations.RemoveConstraint(
            model_name="creditnote",
            name="invoicing_creditnote_applied",
        ),
        migrations.AddField(
            model_name="creditnote",
            name="amount_refunded",
            field=models.DecimalField(decimal_places=4, default=Decimal("0"), max_digits=19),
        ),
        migrations.AddField(
            model_name="creditnote",
            name="is_deposit",
            field=models.BooleanField(db_default=False, default=False, editable=False),
        ),
        migrations.AddField(
            model_name="creditnote",
            name="void_reason",
            field=models.CharField(blank=True, db_default="", max_length=500),
        ),
        migrations.AddField(
            model_name="creditnote",
            name="voided_on",
            field=models.DateField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="payment",
            name="deposit_account",
            field=bigledger.tenants.models.TenantForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="ledger.account"
            ),
        ),
        migrations.AddField(
            model_name="payment",
            name="is_deposit",
            field=models.BooleanField(db_default=False, default=False, editable=False),
        ),
        migrations.AddField(
            model_name="payment",
            name="void_reason",
            field=models.CharField(blank=True, db_default="", max_length=500),
        ),
        migrations.AddField(
            model_name="payment",
            name="voided_on",
            field=models.DateField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="refund",
            name="credit_note",
            field=bigledger.tenants.models.TenantForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="refunds",
                to="invoicing.creditnote",
            ),
        ),
        migrations.AddField(
            model_name="refund",
            name="deposit_account",
            field=bigledger.tenants.models.TenantForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="ledger.account"
            ),
        ),
        migrations.AddField(
            model_name="salessettings",
            name="small_difference_limits",
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name="salessettings",
            name="unapplied_as",
            field=models.CharField(
                choices=[("customer_deposits", "Deposits"), ("receivable", "Receivable")],
                default="customer_deposits",
                max_length=20,
            ),
        ),
        migrations.AlterField(
            model_name="payment",
            name="status",
            field=models.CharField(
                choices=[
                    ("received", "Received"),
                    ("failed", "Failed"),
                    ("partially_refunded", "Partially Refunded"),
                    ("refunded", "Refunded"),
                    ("void", "Void"),
                ],
                max_length=20,
            ),
        ),
        migrations.AlterField(
            model_name="refund",
            name="payment",
            field=bigledger.tenants.models.TenantForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="refunds", to="invoicing.payment"
            ),
        ),
        migrations.AddConstraint(
            model_name="creditnote",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("amount_applied__gte", 0),
                    ("amount_refunded__gte", 0),
                    (
                        "total__gte",
                        django.db.models.expressions.CombinedExpression(
                            models.F("amount_applied"), "+", models.F("amount_refunded")
                        ),
                    ),
                ),
                name="invoicing_creditnote_applied",
            ),
        ),
        migrations.AddConstraint(
            model_name="refund",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("credit_note__isnull", True), ("payment__isnull", False)),
                    models.Q(("credit_note__isnull", False), ("payment__isnull", True)),
                    _connector="OR",
                ),
                name="invoicing_refund_source",
            ),
        ),
        migrations.AddField(
            model_name="depositaccount",
            name="account",
            field=bigledger.tenants.models.TenantForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="ledger.account"
            ),
        ),
        migrations.AddField(
            model_name="depositaccount",
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
            model_name="duedatechange",
            name="invoice",
            field=bigledger.tenants.models.TenantForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="due_date_changes", to="invoicing.invoice"
            ),
        ),
        migrations.AddField(
            model_name="duedatechange",
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
            model_name="writeoff",
            name="invoice",
            field=bigledger.tenants.models.TenantForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="write_offs", to="invoicing.invoice"
            ),
        ),
        migrations.AddField(
            model_name="writeoff",
            name="journal_entry",
            field=bigledger.tenants.models.TenantForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="ledger.journalentry"
            ),
        ),
        migrations.AddField(
            model_name="writeoff",
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
            model_name="writeoffundo",
            name="payment",
            field=bigledger.tenants.models.TenantForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="invoicing.payment"
            ),
        ),
        migrations.AddField(
            model_name="writeoffundo",
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
            model_name="writeoffundo",
            name="write_off",
            field=bigledger.tenants.models.TenantForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="undos", to="invoicing.writeoff"
            ),
        ),
        migrations.AddConstraint(
            model_name="depositaccount",
            constraint=models.UniqueConstraint(fields=("tenant", "method"), name="invoicing_depositaccount_method"),
        ),
        migrations.AddConstraint(
            model_name="writeoff",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("amount__gt", 0), ("amount__gte", models.F("amount_undone")), ("amount_undone__gte", 0)
                ),
                name="invoicing_writeoff_amounts",
            ),
        ),
        migrations.AddConstraint(
            model_name="writeoffundo",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount__gt", 0)), name="invoicing_writeoffundo_amount"
            ),
        ),
        IsolateTenant("DepositAccount"),
        IsolateTenant("DueDateChange"),
        IsolateTenant("WriteOff"),
        IsolateTenant("WriteOffUndo"),
        SqlFile(Path(__file__).parent / "sql" / "0009_corrections.sql"),
        migrations.RemoveField(
            model_name="invoice",
            name="written_off_on",
        ),
        migrations.RemoveField(
            model_name="salessettings",
            name="small_difference_limit",
        ),
    ]
