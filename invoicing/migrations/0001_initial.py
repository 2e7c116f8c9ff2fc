from decimal import Decimal
from pathlib import Path

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.datetime
from django.db import migrations, models

import bigledger.ids
import bigledger.tenants.models
import invoicing.models.invoices
from bigledger.tenants.isolation import IsolateTenant, SqlFile

_SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("customers", "0001_initial"),
        ("ledger", "0001_initial"),
        ("tenants", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="CreditNote",
            fields=[
                (
                    "id",
                    models.UUIDField(default=bigledger.ids.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("number", models.CharField(max_length=40)),
                ("currency", models.CharField(max_length=3)),
                ("credit_date", models.DateField()),
                ("reason", models.CharField(blank=True, max_length=500)),
                ("subtotal", models.DecimalField(decimal_places=4, max_digits=19)),
                ("discount_total", models.DecimalField(decimal_places=4, max_digits=19)),
                ("tax_total", models.DecimalField(decimal_places=4, max_digits=19)),
                ("total", models.DecimalField(decimal_places=4, max_digits=19)),
                ("amount_applied", models.DecimalField(decimal_places=4, default=Decimal("0"), max_digits=19)),
                ("created_by_id", models.UUIDField()),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
                (
                    "updated_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
                (
                    "customer",
                    bigledger.tenants.models.TenantForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="credit_notes",
                        to="customers.customer",
                    ),
                ),
                (
                    "journal_entry",
                    bigledger.tenants.models.TenantForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="ledger.journalentry"
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
        ),
        migrations.CreateModel(
            name="CreditNoteTax",
            fields=[
                (
                    "id",
                    models.UUIDField(default=bigledger.ids.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("position", models.PositiveIntegerField()),
                ("name", models.CharField(max_length=100)),
                ("rate", models.DecimalField(decimal_places=6, max_digits=9)),
                ("taxable_amount", models.DecimalField(decimal_places=4, max_digits=19)),
                ("amount", models.DecimalField(decimal_places=4, max_digits=19)),
                (
                    "credit_note",
                    bigledger.tenants.models.TenantForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="taxes", to="invoicing.creditnote"
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
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Invoice",
            fields=[
                (
                    "id",
                    models.UUIDField(default=bigledger.ids.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("number", models.CharField(max_length=40)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("sent", "Sent"),
                            ("overdue", "Overdue"),
                            ("paid", "Paid"),
                            ("written_off", "Written Off"),
                            ("void", "Void"),
                            ("deleted", "Deleted"),
                        ],
                        default="draft",
                        max_length=12,
                    ),
                ),
                ("currency", models.CharField(max_length=3)),
                ("invoice_date", models.DateField()),
                ("due_date", models.DateField()),
                ("payment_terms", models.CharField(max_length=20)),
                ("notes", models.CharField(blank=True, max_length=2000)),
                ("subtotal", models.DecimalField(decimal_places=4, max_digits=19)),
                ("discount_total", models.DecimalField(decimal_places=4, max_digits=19)),
                ("tax_total", models.DecimalField(decimal_places=4, max_digits=19)),
                ("total", models.DecimalField(decimal_places=4, max_digits=19)),
                ("amount_paid", models.DecimalField(decimal_places=4, default=Decimal("0"), max_digits=19)),
                ("amount_credited", models.DecimalField(decimal_places=4, default=Decimal("0"), max_digits=19)),
                ("amount_written_off", models.DecimalField(decimal_places=4, default=Decimal("0"), max_digits=19)),
                ("amount_due", models.DecimalField(decimal_places=4, max_digits=19)),
                (
                    "hosted_token",
                    models.CharField(default=invoicing.models.invoices.new_hosted_token, editable=False, max_length=43),
                ),
                ("sent_at", models.DateTimeField(editable=False, null=True)),
                ("viewed_at", models.DateTimeField(editable=False, null=True)),
                ("paid_at", models.DateTimeField(editable=False, null=True)),
                ("voided_at", models.DateTimeField(editable=False, null=True)),
                ("voided_on", models.DateField(editable=False, null=True)),
                ("void_reason", models.CharField(blank=True, max_length=500)),
                ("written_off_on", models.DateField(editable=False, null=True)),
                ("overdue_for", models.DateField(editable=False, null=True)),
                ("created_by_id", models.UUIDField()),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
                (
                    "updated_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
                (
                    "customer",
                    bigledger.tenants.models.TenantForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="invoices", to="customers.customer"
                    ),
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
        migrations.AddField(
            model_name="creditnote",
            name="invoice",
            field=bigledger.tenants.models.TenantForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="credit_notes",
                to="invoicing.invoice",
            ),
        ),
        migrations.CreateModel(
            name="InvoiceMail",
            fields=[
                (
                    "id",
                    models.UUIDField(default=bigledger.ids.new_id, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "to",
                    django.contrib.postgres.fields.ArrayField(base_field=models.EmailField(max_length=254), size=None),
                ),
                (
                    "cc",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.EmailField(max_length=254), default=list, size=None
                    ),
                ),
                ("message", models.CharField(blank=True, max_length=2000)),
                ("attempts", models.PositiveIntegerField(default=0)),
                ("next_attempt_at", models.DateTimeField()),
                ("delivered_at", models.DateTimeField(null=True)),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
                (
                    "invoice",
                    bigledger.tenants.models.TenantForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="mails", to="invoicing.invoice"
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
        ),
        migrations.CreateModel(
            name="InvoiceTax",
            fields=[
                (
                    "id",
                    models.UUIDField(default=bigledger.ids.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("position", models.PositiveIntegerField()),
                ("name", models.CharField(max_length=100)),
                ("rate", models.DecimalField(decimal_places=6, max_digits=9)),
                ("taxable_amount", models.DecimalField(decimal_places=4, max_digits=19)),
                ("amount", models.DecimalField(decimal_places=4, max_digits=19)),
                (
                    "invoice",
                    bigledger.tenants.models.TenantForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="taxes", to="invoicing.invoice"
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
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Payment",
            fields=[
                (
                    "id",
                    models.UUIDField(default=bigledger.ids.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("amount", models.DecimalField(decimal_places=4, max_digits=19)),
                ("currency", models.CharField(max_length=3)),
                (
                    "method",
                    models.CharField(
                        choices=[
                            ("bank_transfer", "Bank Transfer"),
                            ("cash", "Cash"),
                            ("check", "Check"),
                            ("card", "Card"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("received", "Received"),
                            ("failed", "Failed"),
                            ("partially_refunded", "Partially Refunded"),
                            ("refunded", "Refunded"),
                        ],
                        max_length=20,
                    ),
                ),
                ("payment_date", models.DateField()),
                ("reference", models.CharField(blank=True, max_length=100)),
                ("failure_code", models.CharField(blank=True, max_length=40)),
                ("failure_message", models.CharField(blank=True, max_length=200)),
                ("card_brand", models.CharField(blank=True, max_length=20)),
                ("card_last4", models.CharField(blank=True, max_length=4)),
                ("amount_applied", models.DecimalField(decimal_places=4, default=Decimal("0"), max_digits=19)),
                ("amount_refunded", models.DecimalField(decimal_places=4, default=Decimal("0"), max_digits=19)),
                ("gateway", models.CharField(blank=True, max_length=20)),
                ("gateway_reference", models.CharField(blank=True, max_length=100)),
                ("captured_at", models.DateTimeField(editable=False, null=True)),
                ("created_by_id", models.UUIDField()),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
                (
                    "updated_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
                (
                    "customer",
                    bigledger.tenants.models.TenantForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="payments", to="customers.customer"
                    ),
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
            name="PaymentApplication",
            fields=[
                (
                    "id",
                    models.UUIDField(default=bigledger.ids.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("amount", models.DecimalField(decimal_places=4, max_digits=19)),
                ("applied_on", models.DateField()),
                ("released_on", models.DateField(null=True)),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
                (
                    "credit_note",
                    bigledger.tenants.models.TenantForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="applications",
                        to="invoicing.creditnote",
                    ),
                ),
                (
                    "invoice",
                    bigledger.tenants.models.TenantForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="applications", to="invoicing.invoice"
                    ),
                ),
                (
                    "payment",
                    bigledger.tenants.models.TenantForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="applications",
                        to="invoicing.payment",
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
        ),
        migrations.CreateModel(
            name="RecurringInvoice",
            fields=[
                (
                    "id",
                    models.UUIDField(default=bigledger.ids.new_id, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[("active", "Active"), ("paused", "Paused"), ("ended", "Ended")],
                        default="active",
                        max_length=10,
                    ),
                ),
                (
                    "frequency",
                    models.CharField(
                        choices=[
                            ("weekly", "Weekly"),
                            ("monthly", "Monthly"),
                            ("quarterly", "Quarterly"),
                            ("yearly", "Yearly"),
                        ],
                        max_length=10,
                    ),
                ),
                ("start_date", models.DateField()),
                ("end_date", models.DateField(null=True)),
                ("next_date", models.DateField(null=True)),
                ("occurrences", models.PositiveIntegerField(default=0)),
                ("is_sent_automatically", models.BooleanField(default=True)),
                ("currency", models.CharField(max_length=3)),
                ("payment_terms", models.CharField(max_length=20)),
                ("notes", models.CharField(blank=True, max_length=2000)),
                ("lines", models.TextField()),
                ("pause_reason", models.CharField(blank=True, max_length=500)),
                ("created_by_id", models.UUIDField()),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
                (
                    "updated_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
                (
                    "customer",
                    bigledger.tenants.models.TenantForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="recurring_invoices",
                        to="customers.customer",
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
        ),
        migrations.AddField(
            model_name="invoice",
            name="recurring_invoice",
            field=bigledger.tenants.models.TenantForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="invoices",
                to="invoicing.recurringinvoice",
            ),
        ),
        migrations.CreateModel(
            name="Refund",
            fields=[
                (
                    "id",
                    models.UUIDField(default=bigledger.ids.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("amount", models.DecimalField(decimal_places=4, max_digits=19)),
                ("reason", models.CharField(blank=True, max_length=500)),
                ("refund_date", models.DateField()),
                ("settled_at", models.DateTimeField(editable=False, null=True)),
                ("created_by_id", models.UUIDField()),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
                (
                    "journal_entry",
                    bigledger.tenants.models.TenantForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="ledger.journalentry"
                    ),
                ),
                (
                    "payment",
                    bigledger.tenants.models.TenantForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="refunds", to="invoicing.payment"
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
        ),
        migrations.CreateModel(
            name="SalesSettings",
            fields=[
                (
                    "id",
                    models.UUIDField(default=bigledger.ids.new_id, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "tax_rounding",
                    models.CharField(
                        choices=[("line", "Line"), ("document", "Document")], default="line", max_length=10
                    ),
                ),
                ("refuse_over_credit_limit", models.BooleanField(default=False)),
                ("small_difference_limit", models.DecimalField(decimal_places=4, default=Decimal("1"), max_digits=19)),
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
                "verbose_name_plural": "sales settings",
            },
        ),
        migrations.CreateModel(
            name="TaxRate",
            fields=[
                (
                    "id",
                    models.UUIDField(default=bigledger.ids.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("code", models.CharField(max_length=40)),
                ("name", models.CharField(max_length=100)),
                ("is_active", models.BooleanField(default=True)),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
                (
                    "updated_at",
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
            options={
                "ordering": ("code",),
            },
        ),
        migrations.CreateModel(
            name="TaxComponent",
            fields=[
                (
                    "id",
                    models.UUIDField(default=bigledger.ids.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("position", models.PositiveIntegerField()),
                ("name", models.CharField(max_length=100)),
                ("rate", models.DecimalField(decimal_places=6, max_digits=9)),
                ("is_compound", models.BooleanField(default=False)),
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
                    "tax_rate",
                    bigledger.tenants.models.TenantForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="components", to="invoicing.taxrate"
                    ),
                ),
            ],
            options={
                "ordering": ("position",),
            },
        ),
        migrations.CreateModel(
            name="Product",
            fields=[
                (
                    "id",
                    models.UUIDField(default=bigledger.ids.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("sku", models.CharField(max_length=60)),
                ("name", models.CharField(max_length=200)),
                ("description", models.CharField(blank=True, max_length=1000)),
                ("unit_price", models.DecimalField(decimal_places=4, max_digits=19)),
                ("currency", models.CharField(max_length=3)),
                ("is_active", models.BooleanField(default=True)),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
                (
                    "updated_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
                (
                    "revenue_account",
                    bigledger.tenants.models.TenantForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="products",
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
                    "tax_rate",
                    bigledger.tenants.models.TenantForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="products",
                        to="invoicing.taxrate",
                    ),
                ),
            ],
            options={
                "ordering": ("sku",),
            },
        ),
        migrations.CreateModel(
            name="InvoiceLine",
            fields=[
                (
                    "id",
                    models.UUIDField(default=bigledger.ids.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("position", models.PositiveIntegerField()),
                ("description", models.CharField(blank=True, max_length=1000)),
                ("quantity", models.DecimalField(decimal_places=6, max_digits=15)),
                ("unit_price", models.DecimalField(decimal_places=4, max_digits=19)),
                ("discount_percentage", models.DecimalField(decimal_places=4, default=Decimal("0"), max_digits=7)),
                ("tax_rate", models.DecimalField(decimal_places=6, default=Decimal("0"), max_digits=9)),
                ("subtotal", models.DecimalField(decimal_places=4, max_digits=19)),
                ("discount_amount", models.DecimalField(decimal_places=4, max_digits=19)),
                ("tax_amount", models.DecimalField(decimal_places=4, max_digits=19)),
                ("total", models.DecimalField(decimal_places=4, max_digits=19)),
                (
                    "invoice",
                    bigledger.tenants.models.TenantForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="lines", to="invoicing.invoice"
                    ),
                ),
                (
                    "revenue_account",
                    bigledger.tenants.models.TenantForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="ledger.account"
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
                    "product",
                    bigledger.tenants.models.TenantForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="invoicing.product"
                    ),
                ),
                (
                    "tax_rate_named",
                    bigledger.tenants.models.TenantForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="invoicing.taxrate"
                    ),
                ),
            ],
            options={
                "ordering": ("position",),
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="CreditNoteLine",
            fields=[
                (
                    "id",
                    models.UUIDField(default=bigledger.ids.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("position", models.PositiveIntegerField()),
                ("description", models.CharField(blank=True, max_length=1000)),
                ("quantity", models.DecimalField(decimal_places=6, max_digits=15)),
                ("unit_price", models.DecimalField(decimal_places=4, max_digits=19)),
                ("discount_percentage", models.DecimalField(decimal_places=4, default=Decimal("0"), max_digits=7)),
                ("tax_rate", models.DecimalField(decimal_places=6, default=Decimal("0"), max_digits=9)),
                ("subtotal", models.DecimalField(decimal_places=4, max_digits=19)),
                ("discount_amount", models.DecimalField(decimal_places=4, max_digits=19)),
                ("tax_amount", models.DecimalField(decimal_places=4, max_digits=19)),
                ("total", models.DecimalField(decimal_places=4, max_digits=19)),
                (
                    "credit_note",
                    bigledger.tenants.models.TenantForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="lines", to="invoicing.creditnote"
                    ),
                ),
                (
                    "revenue_account",
                    bigledger.tenants.models.TenantForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="ledger.account"
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
                    "product",
                    bigledger.tenants.models.TenantForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="invoicing.product"
                    ),
                ),
                (
                    "tax_rate_named",
                    bigledger.tenants.models.TenantForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="invoicing.taxrate"
                    ),
                ),
            ],
            options={
                "ordering": ("position",),
                "abstract": False,
            },
        ),
        migrations.AddConstraint(
            model_name="creditnote",
            constraint=models.UniqueConstraint(fields=("tenant", "number"), name="invoicing_creditnote_number"),
        ),
        migrations.AddConstraint(
            model_name="creditnote",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount_applied__gte", 0), ("amount_applied__lte", models.F("total"))),
                name="invoicing_creditnote_applied",
            ),
        ),
        migrations.AddIndex(
            model_name="invoicemail",
            index=models.Index(
                condition=models.Q(("delivered_at__isnull", True)),
                fields=["tenant", "next_attempt_at"],
                name="invoicing_invoicemail_waiting",
            ),
        ),
        migrations.AddIndex(
            model_name="payment",
            index=models.Index(fields=["tenant", "payment_date"], name="invoicing_payment_date"),
        ),
        migrations.AddConstraint(
            model_name="payment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("amount__gt", 0),
                    (
                        "amount__gte",
                        django.db.models.expressions.CombinedExpression(
                            models.F("amount_applied"), "+", models.F("amount_refunded")
                        ),
                    ),
                    ("amount_applied__gte", 0),
                    ("amount_refunded__gte", 0),
                ),
                name="invoicing_payment_amounts",
            ),
        ),
        migrations.AddConstraint(
            model_name="paymentapplication",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("credit_note__isnull", True), ("payment__isnull", False)),
                    models.Q(("credit_note__isnull", False), ("payment__isnull", True)),
                    _connector="OR",
                ),
                name="invoicing_paymentapplication_source",
            ),
        ),
        migrations.AddConstraint(
            model_name="paymentapplication",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount__gt", 0)), name="invoicing_paymentapplication_amount"
            ),
        ),
        migrations.AddIndex(
            model_name="recurringinvoice",
            index=models.Index(fields=["tenant", "next_date"], name="invoicing_recurring_next"),
        ),
        migrations.AddIndex(
            model_name="invoice",
            index=models.Index(fields=["tenant", "invoice_date"], name="invoicing_invoice_date"),
        ),
        migrations.AddIndex(
            model_name="invoice",
            index=models.Index(
                condition=models.Q(("amount_due__gt", 0)), fields=["tenant", "due_date"], name="invoicing_invoice_open"
            ),
        ),
        migrations.AddIndex(
            model_name="invoice",
            index=models.Index(fields=["hosted_token"], name="invoicing_invoice_token"),
        ),
        migrations.AddConstraint(
            model_name="invoice",
            constraint=models.UniqueConstraint(fields=("tenant", "number"), name="invoicing_invoice_number"),
        ),
        migrations.AddConstraint(
            model_name="invoice",
            constraint=models.UniqueConstraint(
                fields=("tenant", "hosted_token"), name="invoicing_invoice_hosted_token"
            ),
        ),
        migrations.AddConstraint(
            model_name="invoice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        (
                            "amount_due",
                            django.db.models.expressions.CombinedExpression(
                                django.db.models.expressions.CombinedExpression(
                                    django.db.models.expressions.CombinedExpression(
                                        models.F("total"), "-", models.F("amount_paid")
                                    ),
                                    "-",
                                    models.F("amount_credited"),
                                ),
                                "-",
                                models.F("amount_written_off"),
                            ),
                        ),
                        ("amount_due__gte", 0),
                    ),
                    models.Q(
                        ("amount_credited", 0),
                        ("amount_due", 0),
                        ("amount_paid", 0),
                        ("status__in", ("void", "deleted")),
                    ),
                    _connector="OR",
                ),
                name="invoicing_invoice_amount_due",
            ),
        ),
        migrations.AddConstraint(
            model_name="invoice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "total",
                        django.db.models.expressions.CombinedExpression(
                            django.db.models.expressions.CombinedExpression(
                                models.F("subtotal"), "-", models.F("discount_total")
                            ),
                            "+",
                            models.F("tax_total"),
                        ),
                    ),
                    ("total__gte", 0),
                ),
                name="invoicing_invoice_total",
            ),
        ),
        migrations.AddConstraint(
            model_name="refund",
            constraint=models.CheckConstraint(condition=models.Q(("amount__gt", 0)), name="invoicing_refund_amount"),
        ),
        migrations.AddConstraint(
            model_name="salessettings",
            constraint=models.UniqueConstraint(fields=("tenant",), name="invoicing_salessettings_once"),
        ),
        migrations.AddConstraint(
            model_name="taxrate",
            constraint=models.UniqueConstraint(fields=("tenant", "code"), name="invoicing_taxrate_code"),
        ),
        migrations.AddConstraint(
            model_name="taxcomponent",
            constraint=models.UniqueConstraint(
                fields=("tenant", "tax_rate", "position"), name="invoicing_taxcomponent_position"
            ),
        ),
        migrations.AddConstraint(
            model_name="product",
            constraint=models.UniqueConstraint(fields=("tenant", "sku"), name="invoicing_product_sku"),
        ),
        IsolateTenant("TaxRate"),
        IsolateTenant("TaxComponent"),
        IsolateTenant("Product"),
        IsolateTenant("SalesSettings"),
        IsolateTenant("RecurringInvoice"),
        IsolateTenant("Invoice"),
        IsolateTenant("InvoiceLine"),
        IsolateTenant("InvoiceTax"),
        IsolateTenant("InvoiceMail"),
        IsolateTenant("CreditNote"),
        IsolateTenant("CreditNoteLine"),
        IsolateTenant("CreditNoteTax"),
        IsolateTenant("Payment"),
        IsolateTenant("PaymentApplication"),
        IsolateTenant("Refund"),
        SqlFile(_SQL / "0001_hosted_token.sql"),
    ]
