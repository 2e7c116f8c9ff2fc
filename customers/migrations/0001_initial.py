from decimal import Decimal

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import bigledger.ids
import bigledger.tenants.models
from bigledger.tenants.isolation import IsolateTenant


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("tenants", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Customer",
            fields=[
                (
                    "id",
                    models.UUIDField(default=bigledger.ids.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("number", models.CharField(max_length=40)),
                ("name", models.CharField(max_length=200)),
                ("email", models.EmailField(blank=True, max_length=254)),
                ("phone", models.CharField(blank=True, max_length=40)),
                ("website", models.CharField(blank=True, max_length=200)),
                ("tax_id", models.CharField(blank=True, max_length=40)),
                ("currency", models.CharField(max_length=3)),
                ("payment_terms", models.CharField(default="net_30", max_length=20)),
                ("credit_limit", models.DecimalField(blank=True, decimal_places=4, max_digits=19, null=True)),
                ("balance", models.DecimalField(decimal_places=4, default=Decimal("0"), editable=False, max_digits=24)),
                (
                    "status",
                    models.CharField(
                        choices=[("active", "Active"), ("inactive", "Inactive"), ("blocked", "Blocked")],
                        default="active",
                        max_length=10,
                    ),
                ),
                ("custom_fields", models.JSONField(blank=True, default=dict)),
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
                "ordering": ("name",),
            },
        ),
        migrations.CreateModel(
            name="Contact",
            fields=[
                (
                    "id",
                    models.UUIDField(default=bigledger.ids.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("position", models.PositiveIntegerField()),
                ("name", models.CharField(max_length=200)),
                ("email", models.EmailField(blank=True, max_length=254)),
                ("phone", models.CharField(blank=True, max_length=40)),
                ("role", models.CharField(blank=True, max_length=100)),
                ("is_primary", models.BooleanField(default=False)),
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
                    "customer",
                    bigledger.tenants.models.TenantForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="contacts", to="customers.customer"
                    ),
                ),
            ],
            options={
                "ordering": ("position",),
            },
        ),
        migrations.CreateModel(
            name="Address",
            fields=[
                (
                    "id",
                    models.UUIDField(default=bigledger.ids.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("kind", models.CharField(choices=[("billing", "Billing"), ("shipping", "Shipping")], max_length=10)),
                ("position", models.PositiveIntegerField()),
                ("line1", models.CharField(max_length=200)),
                ("line2", models.CharField(blank=True, max_length=200)),
                ("city", models.CharField(blank=True, max_length=100)),
                ("state", models.CharField(blank=True, max_length=100)),
                ("postal_code", models.CharField(blank=True, max_length=20)),
                ("country", models.CharField(max_length=2)),
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
                    "customer",
                    bigledger.tenants.models.TenantForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="addresses", to="customers.customer"
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "addresses",
                "ordering": ("position",),
            },
        ),
        migrations.CreateModel(
            name="NumberSeries",
            fields=[
                (
                    "id",
                    models.UUIDField(default=bigledger.ids.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("series", models.CharField(max_length=40)),
                ("last", models.BigIntegerField()),
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
        migrations.AddIndex(
            model_name="customer",
            index=models.Index(fields=["tenant", "name"], name="customers_customer_name"),
        ),
        migrations.AddConstraint(
            model_name="customer",
            constraint=models.UniqueConstraint(fields=("tenant", "number"), name="customers_customer_number"),
        ),
        migrations.AddConstraint(
            model_name="address",
            constraint=models.UniqueConstraint(
                fields=("tenant", "customer", "kind", "position"), name="customers_address_position"
            ),
        ),
        migrations.AddConstraint(
            model_name="numberseries",
            constraint=models.UniqueConstraint(fields=("tenant", "series"), name="customers_numberseries_series"),
        ),
        IsolateTenant("Customer"),
        IsolateTenant("Address"),
        IsolateTenant("Contact"),
        IsolateTenant("NumberSeries"),
    ]
