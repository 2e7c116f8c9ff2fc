import django.db.models.functions.datetime
from django.db import migrations, models

import bigledger.ids
from bigledger.tenants.isolation import IsolateTenant

# A setting that was set in an earlier transaction of the session reads as '' afterwards, not as NULL.
APP_TENANT = """
CREATE FUNCTION app_tenant() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT NULLIF(current_setting('app.tenant_id', true), '')::uuid $$
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.RunSQL(APP_TENANT, "DROP FUNCTION app_tenant()"),
        migrations.CreateModel(
            name="Tenant",
            fields=[
                (
                    "id",
                    models.UUIDField(default=bigledger.ids.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("name", models.CharField(max_length=200)),
                (
                    "plan",
                    models.CharField(
                        choices=[
                            ("free", "Free"),
                            ("starter", "Starter"),
                            ("professional", "Professional"),
                            ("enterprise", "Enterprise"),
                        ],
                        default="free",
                        max_length=20,
                    ),
                ),
                ("base_currency", models.CharField(default="USD", max_length=3)),
                ("time_zone", models.CharField(default="UTC", max_length=60)),
                ("requests_per_hour", models.PositiveIntegerField(blank=True, null=True)),
                ("burst_per_second", models.PositiveIntegerField(blank=True, null=True)),
                ("concurrent_requests", models.PositiveIntegerField(blank=True, null=True)),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
            ],
        ),
        IsolateTenant("Tenant", key="id"),
    ]
