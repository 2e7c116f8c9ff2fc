from pathlib import Path

import django.db.models.deletion
from django.db import migrations, models

import bigledger.ids
import bigledger.tenants.models
from bigledger.tenants.isolation import IsolateTenant, SqlFile

_SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("tenants", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Event",
            fields=[
                (
                    "id",
                    models.UUIDField(default=bigledger.ids.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("seq", models.BigIntegerField(editable=False)),
                ("type", models.CharField(max_length=60)),
                ("object_id", models.UUIDField()),
                ("data", models.TextField()),
                ("previous", models.TextField(null=True)),
                ("api_version", models.CharField(max_length=20)),
                ("actor", models.CharField(blank=True, max_length=40)),
                ("request_id", models.CharField(blank=True, max_length=64)),
                ("created_at", models.DateTimeField(editable=False)),
                ("hash", models.BinaryField(editable=False)),
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
                "constraints": [models.UniqueConstraint(fields=("tenant", "seq"), name="events_event_seq")],
            },
        ),
        IsolateTenant("Event"),
        SqlFile(_SQL / "0001_log.sql"),
    ]
