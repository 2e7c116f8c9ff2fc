"""Periods that close, reopen and lock; exceptions from them; entries that close a year."""

import datetime
from pathlib import Path

import django.db.models.deletion
import django.db.models.expressions
from django.db import migrations, models

import bigledger.ids
import bigledger.tenants.models
from bigledger.tenants.isolation import IsolateTenant, SqlFile

_SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0008_control_accounts"),
        ("tenants", "0004_fiscal_year"),
    ]

    operations = [
        migrations.CreateModel(
            name="Period",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=7)),
                ("start", models.DateField()),
                ("end", models.DateField()),
                ("status", models.CharField(max_length=10)),
                ("closed_scopes", models.JSONField()),
                ("closed_at", models.DateTimeField(null=True)),
                ("closed_by_id", models.UUIDField(null=True)),
                ("reopened_at", models.DateTimeField(null=True)),
                ("reopened_by_id", models.UUIDField(null=True)),
                ("reopen_reason", models.CharField(max_length=500)),
                ("locked_at", models.DateTimeField(null=True)),
                ("locked_by_id", models.UUIDField(null=True)),
            ],
            options={
                "db_table": "ledger_period",
                "managed": False,
                "default_permissions": (),
            },
            bases=(bigledger.ids.Identified, models.Model),
        ),
        migrations.CreateModel(
            name="LockException",
            fields=[
                (
                    "id",
                    models.UUIDField(default=bigledger.ids.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("month", models.DateField()),
                ("member_id", models.UUIDField(null=True)),
                ("user_id", models.UUIDField(null=True)),
                ("expires_at", models.DateTimeField()),
                ("reason", models.CharField(max_length=500)),
                ("created_by_id", models.UUIDField()),
                ("created_at", models.DateTimeField(editable=False)),
            ],
            options={
                "ordering": ("-created_at",),
            },
            bases=(bigledger.ids.Identified, models.Model),
        ),
        migrations.CreateModel(
            name="PeriodState",
            fields=[
                (
                    "id",
                    models.UUIDField(default=bigledger.ids.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("month", models.DateField()),
                ("is_closed", models.BooleanField()),
                ("is_sales_closed", models.BooleanField()),
                ("is_purchases_closed", models.BooleanField()),
                ("is_locked", models.BooleanField()),
                ("closed_at", models.DateTimeField(null=True)),
                ("closed_by_id", models.UUIDField(null=True)),
                ("reopened_at", models.DateTimeField(null=True)),
                ("reopened_by_id", models.UUIDField(null=True)),
                ("reopen_reason", models.CharField(max_length=500)),
                ("locked_at", models.DateTimeField(null=True)),
                ("locked_by_id", models.UUIDField(null=True)),
            ],
            bases=(bigledger.ids.Identified, models.Model),
        ),
        migrations.AddField(
            model_name="journalentry",
            name="closing_year",
            field=models.SmallIntegerField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="journalentry",
            name="lock_exception_id",
            field=models.UUIDField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="journalentry",
            name="requested_date",
            field=models.DateField(editable=False, null=True),
        ),
        migrations.AddIndex(
            model_name="journalentry",
            index=models.Index(
                condition=models.Q(("closing_year__isnull", False)),
                fields=["tenant", "closing_year"],
                name="ledger_journalentry_closing",
            ),
        ),
        migrations.AddField(
            model_name="lockexception",
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
            model_name="periodstate",
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
        migrations.AddIndex(
            model_name="lockexception",
            index=models.Index(fields=["tenant", "month"], name="ledger_lockexception_month"),
        ),
        migrations.AddConstraint(
            model_name="lockexception",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("expires_at__gt", models.F("created_at")),
                    (
                        "expires_at__lte",
                        django.db.models.expressions.CombinedExpression(
                            models.F("created_at"), "+", models.Value(datetime.timedelta(days=7))
                        ),
                    ),
                ),
                name="ledger_lockexception_days",
            ),
        ),
        migrations.AddConstraint(
            model_name="periodstate",
            constraint=models.UniqueConstraint(fields=("tenant", "month"), name="ledger_periodstate_month"),
        ),
        IsolateTenant("PeriodState"),
        IsolateTenant("LockException"),
        SqlFile(_SQL / "0009_periods.sql"),
    ]
