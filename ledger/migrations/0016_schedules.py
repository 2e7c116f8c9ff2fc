import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import bigledger.ids
import bigledger.tenants.models
from bigledger.tenants.isolation import IsolateTenant


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0015_metadata"),
        ("tenants", "0005_seller"),
    ]

    operations = [
        migrations.CreateModel(
            name="Schedule",
            fields=[
                (
                    "id",
                    models.UUIDField(default=bigledger.ids.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("metadata", models.JSONField(blank=True, db_default={}, default=dict)),
                ("description", models.CharField(blank=True, max_length=1000)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("active", "Active"),
                            ("completed", "Completed"),
                            ("stopped", "Stopped"),
                            ("void", "Void"),
                        ],
                        default="active",
                        max_length=10,
                    ),
                ),
                ("method", models.CharField(choices=[("months", "Months"), ("days", "Days")], max_length=10)),
                ("start_date", models.DateField()),
                ("end_date", models.DateField()),
                ("amount", models.DecimalField(decimal_places=4, max_digits=19)),
                ("currency", models.CharField(max_length=3)),
                ("source", models.CharField(editable=False, max_length=40, null=True)),
                ("reason", models.CharField(blank=True, max_length=500)),
                ("failure_reason", models.CharField(blank=True, max_length=500)),
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
                    "credit_account",
                    bigledger.tenants.models.TenantForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="ledger.account"
                    ),
                ),
                (
                    "debit_account",
                    bigledger.tenants.models.TenantForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="ledger.account"
                    ),
                ),
                (
                    "deferral_entry",
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
                "ordering": ("start_date", "id"),
            },
            bases=(bigledger.ids.Identified, models.Model),
        ),
        migrations.CreateModel(
            name="ScheduleRow",
            fields=[
                (
                    "id",
                    models.UUIDField(default=bigledger.ids.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("kind", models.CharField(choices=[("period", "Period"), ("release", "Release")], max_length=10)),
                ("period", models.PositiveSmallIntegerField(null=True)),
                ("date", models.DateField()),
                ("amount", models.DecimalField(decimal_places=4, max_digits=19)),
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
                    "schedule",
                    bigledger.tenants.models.TenantForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="rows", to="ledger.schedule"
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
                "ordering": ("date", "id"),
            },
            bases=(bigledger.ids.Identified, models.Model),
        ),
        migrations.AddIndex(
            model_name="schedule",
            index=models.Index(fields=["tenant", "status"], name="ledger_schedule_status"),
        ),
        migrations.AddConstraint(
            model_name="schedule",
            constraint=models.CheckConstraint(condition=models.Q(("amount__gt", 0)), name="ledger_schedule_amount"),
        ),
        migrations.AddConstraint(
            model_name="schedule",
            constraint=models.CheckConstraint(
                condition=models.Q(("end_date__gte", models.F("start_date"))), name="ledger_schedule_dates"
            ),
        ),
        migrations.AddConstraint(
            model_name="schedule",
            constraint=models.CheckConstraint(
                condition=models.Q(("debit_account", models.F("credit_account")), _negated=True),
                name="ledger_schedule_accounts",
            ),
        ),
        migrations.AddConstraint(
            model_name="schedule",
            constraint=models.UniqueConstraint(
                condition=models.Q(("source__isnull", False), ("status__in", ("active", "completed"))),
                fields=("tenant", "source"),
                name="ledger_schedule_source",
            ),
        ),
        migrations.AddIndex(
            model_name="schedulerow",
            index=models.Index(
                condition=models.Q(("journal_entry__isnull", True)),
                fields=["tenant", "date"],
                name="ledger_schedulerow_due",
            ),
        ),
        migrations.AddConstraint(
            model_name="schedulerow",
            constraint=models.UniqueConstraint(
                fields=("tenant", "schedule", "period"), name="ledger_schedulerow_period"
            ),
        ),
        migrations.AddConstraint(
            model_name="schedulerow",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("amount__gt", 0), ("kind", "period"), ("period__isnull", False)),
                    models.Q(("kind", "release"), ("period__isnull", True), models.Q(("amount", 0), _negated=True)),
                    _connector="OR",
                ),
                name="ledger_schedulerow_kind",
            ),
        ),
        IsolateTenant("Schedule"),
        IsolateTenant("ScheduleRow"),
    ]
