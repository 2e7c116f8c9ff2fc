from decimal import Decimal
from pathlib import Path

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import bigledger.ids
import bigledger.tenants.models
from bigledger.tenants.isolation import IsolateTenant, SqlFile

_SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("tenants", "0001_initial"),
        ("events", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Account",
            fields=[
                (
                    "id",
                    models.UUIDField(default=bigledger.ids.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("code", models.CharField(max_length=20)),
                ("name", models.CharField(max_length=200)),
                (
                    "type",
                    models.CharField(
                        choices=[
                            ("asset", "Asset"),
                            ("liability", "Liability"),
                            ("equity", "Equity"),
                            ("revenue", "Revenue"),
                            ("expense", "Expense"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "subtype",
                    models.CharField(
                        choices=[
                            ("current_asset", "Current Asset"),
                            ("fixed_asset", "Fixed Asset"),
                            ("other_asset", "Other Asset"),
                            ("current_liability", "Current Liability"),
                            ("long_term_liability", "Long Term Liability"),
                            ("other_liability", "Other Liability"),
                            ("equity", "Equity"),
                            ("operating_revenue", "Operating Revenue"),
                            ("other_revenue", "Other Revenue"),
                            ("cost_of_goods_sold", "Cost Of Goods Sold"),
                            ("operating_expense", "Operating Expense"),
                            ("other_expense", "Other Expense"),
                        ],
                        max_length=30,
                    ),
                ),
                ("currency", models.CharField(max_length=3)),
                ("description", models.CharField(blank=True, max_length=1000)),
                (
                    "purpose",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("opening_balance_equity", "Opening Balance Equity"),
                            ("cash_receipts", "Cash Receipts"),
                            ("accounts_receivable", "Accounts Receivable"),
                            ("sales_tax_payable", "Sales Tax Payable"),
                            ("sales_revenue", "Sales Revenue"),
                            ("bad_debt", "Bad Debt"),
                            ("small_differences", "Small Differences"),
                        ],
                        editable=False,
                        max_length=40,
                    ),
                ),
                ("is_active", models.BooleanField(default=True)),
                ("is_reconcilable", models.BooleanField(default=False)),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
                (
                    "updated_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
                (
                    "parent",
                    bigledger.tenants.models.TenantForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="children",
                        to="ledger.account",
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
                "ordering": ("code",),
            },
        ),
        migrations.CreateModel(
            name="Document",
            fields=[
                (
                    "id",
                    models.UUIDField(default=bigledger.ids.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("reference", models.CharField(blank=True, max_length=64, null=True)),
                ("name", models.CharField(max_length=255)),
                ("media_type", models.CharField(max_length=100)),
                ("size_bytes", models.PositiveIntegerField()),
                ("sha256", models.CharField(max_length=64)),
                ("file", models.FileField(upload_to="documents/")),
                ("created_by_id", models.UUIDField()),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
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
        ),
        migrations.CreateModel(
            name="JournalEntry",
            fields=[
                (
                    "id",
                    models.UUIDField(default=bigledger.ids.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("number", models.CharField(max_length=64)),
                ("reference", models.CharField(blank=True, max_length=64, null=True)),
                ("date", models.DateField()),
                ("description", models.CharField(blank=True, max_length=1000)),
                (
                    "status",
                    models.CharField(choices=[("draft", "Draft"), ("posted", "Posted")], max_length=10),
                ),
                ("currency", models.CharField(max_length=3)),
                ("total_debit", models.DecimalField(decimal_places=4, max_digits=24)),
                ("total_credit", models.DecimalField(decimal_places=4, max_digits=24)),
                ("line_count", models.PositiveIntegerField()),
                ("reversal_reason", models.CharField(blank=True, max_length=500)),
                ("source", models.CharField(editable=False, max_length=40, null=True)),
                ("created_by_id", models.UUIDField()),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
                (
                    "updated_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
                ("posted_at", models.DateTimeField(editable=False, null=True)),
                (
                    "reversal_of",
                    bigledger.tenants.models.TenantForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reversals",
                        to="ledger.journalentry",
                    ),
                ),
                (
                    "tenant",
                    models.ForeignKey(
                        db_constraint=False,
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
                "verbose_name_plural": "journal entries",
            },
        ),
        migrations.CreateModel(
            name="DraftLine",
            fields=[
                (
                    "id",
                    models.UUIDField(default=bigledger.ids.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("position", models.PositiveIntegerField()),
                ("debit", models.DecimalField(decimal_places=4, max_digits=19)),
                ("credit", models.DecimalField(decimal_places=4, max_digits=19)),
                ("description", models.CharField(blank=True, max_length=1000)),
                (
                    "account",
                    bigledger.tenants.models.TenantForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="draft_lines",
                        to="ledger.account",
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
                (
                    "entry",
                    bigledger.tenants.models.TenantForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="draft_lines",
                        to="ledger.journalentry",
                    ),
                ),
            ],
            options={
                "ordering": ("position",),
            },
        ),
        migrations.CreateModel(
            name="Attachment",
            fields=[
                (
                    "id",
                    models.UUIDField(default=bigledger.ids.new_id, editable=False, primary_key=True, serialize=False),
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
                (
                    "document",
                    bigledger.tenants.models.TenantForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="attachments",
                        to="ledger.document",
                    ),
                ),
                (
                    "entry",
                    bigledger.tenants.models.TenantForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="attachments",
                        to="ledger.journalentry",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="JournalLine",
            fields=[
                (
                    "id",
                    models.UUIDField(default=bigledger.ids.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("position", models.PositiveIntegerField()),
                ("currency", models.CharField(max_length=3)),
                ("date", models.DateField()),
                ("debit", models.DecimalField(decimal_places=4, max_digits=19)),
                ("credit", models.DecimalField(decimal_places=4, max_digits=19)),
                ("description", models.CharField(blank=True, max_length=1000)),
                (
                    "account",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
                        to="ledger.account",
                    ),
                ),
                (
                    "entry",
                    bigledger.tenants.models.TenantForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
                        to="ledger.journalentry",
                    ),
                ),
                (
                    "tenant",
                    models.ForeignKey(
                        db_constraint=False,
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
        ),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.UniqueConstraint(fields=("tenant", "code"), name="ledger_account_code"),
        ),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.UniqueConstraint(fields=("tenant", "id", "currency"), name="ledger_account_currency"),
        ),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.UniqueConstraint(
                condition=models.Q(("purpose", ""), _negated=True),
                fields=("tenant", "purpose", "currency"),
                name="ledger_account_purpose",
            ),
        ),
        migrations.AddConstraint(
            model_name="document",
            constraint=models.UniqueConstraint(fields=("tenant", "reference"), name="ledger_document_reference"),
        ),
        migrations.AddIndex(
            model_name="journalentry",
            index=models.Index(fields=["tenant", "date"], name="ledger_journalentry_date"),
        ),
        migrations.AddConstraint(
            model_name="journalentry",
            constraint=models.UniqueConstraint(fields=("tenant", "number"), name="ledger_journalentry_number"),
        ),
        migrations.AddConstraint(
            model_name="journalentry",
            constraint=models.UniqueConstraint(
                condition=models.Q(("reversal_of__isnull", False)),
                fields=("tenant", "reversal_of"),
                name="ledger_journalentry_reversed_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="journalentry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("status", "draft"),
                    models.Q(
                        ("line_count__gte", 2),
                        ("total_debit", models.F("total_credit")),
                        ("total_debit__gt", 0),
                    ),
                    _connector="OR",
                ),
                name="ledger_journalentry_balanced",
            ),
        ),
        migrations.AddConstraint(
            model_name="journalentry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("posted_at__isnull", True), ("status", "draft")),
                    models.Q(("posted_at__isnull", False), ("status", "posted")),
                    _connector="OR",
                ),
                name="ledger_journalentry_posted_at",
            ),
        ),
        migrations.AddIndex(
            model_name="journalline",
            index=models.Index(fields=["tenant", "account", "date"], name="ledger_journalline_account"),
        ),
        migrations.AddConstraint(
            model_name="journalline",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("credit", 0), ("debit__gt", 0), ("debit__lt", Decimal("1E+15"))),
                    models.Q(("credit__gt", 0), ("credit__lt", Decimal("1E+15")), ("debit", 0)),
                    _connector="OR",
                ),
                name="ledger_journalline_one_sided",
            ),
        ),
        IsolateTenant("Account"),
        IsolateTenant("Document"),
        IsolateTenant("JournalEntry"),
        IsolateTenant("DraftLine"),
        IsolateTenant("Attachment"),
        IsolateTenant("JournalLine"),
        SqlFile(_SQL / "0001_lines.sql"),
        SqlFile(_SQL / "0001_balances.sql"),
        SqlFile(_SQL / "0001_posting.sql"),
    ]
