"""`actor` has room for two: the member that a credential acts as, and whoever made it for them."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("events", "0001_initial"),
    ]

    operations = [
        migrations.AlterField("event", "actor", models.CharField(blank=True, max_length=100)),
        migrations.RunSQL("ALTER TABLE events_pending ALTER COLUMN actor TYPE varchar(100)", migrations.RunSQL.noop),
    ]
