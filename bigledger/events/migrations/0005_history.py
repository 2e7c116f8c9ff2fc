"""The history of one object is read from the log by its id."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("events", "0004_when_recorded"),
    ]

    operations = [
        migrations.AddIndex("event", models.Index(fields=["tenant", "object_id", "seq"], name="events_event_object")),
    ]
