"""No new event has an empty actor. Rows written by older releases stay as they are, so the check is not validated.

Every event is inserted into `events_pending` first, so the check stands there only: the log itself must still take
what an older release left to be numbered.
"""

from __future__ import annotations

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("events", "0002_actor_names_two"),
    ]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE events_pending ADD CONSTRAINT events_pending_has_actor CHECK (actor <> '') NOT VALID",
            "ALTER TABLE events_pending DROP CONSTRAINT events_pending_has_actor",
        ),
    ]
