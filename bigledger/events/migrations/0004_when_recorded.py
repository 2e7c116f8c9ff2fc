"""An event's time is when it was recorded, not when its transaction began, and the log is read by it."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("events", "0003_every_event_has_an_actor"),
    ]

    operations = [
        migrations.AddIndex(
            "event", models.Index(fields=["tenant", "created_at", "seq"], name="events_event_recorded")
        ),
        migrations.RunSQL(
            "ALTER TABLE events_pending ALTER COLUMN created_at SET DEFAULT clock_timestamp()",
            "ALTER TABLE events_pending ALTER COLUMN created_at SET DEFAULT now()",
        ),
    ]
