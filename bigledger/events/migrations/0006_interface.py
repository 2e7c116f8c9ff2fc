"""Through what an event came. Earlier ones have none, and their hashes stay."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("events", "0005_history"),
    ]

    operations = [
        migrations.AddField(
            model_name="event",
            name="interface",
            field=models.CharField(blank=True, db_default="", default="", max_length=10),
        ),
        migrations.RunSQL(
            "ALTER TABLE events_pending ADD COLUMN interface varchar(10) NOT NULL DEFAULT ''",
            "ALTER TABLE events_pending DROP COLUMN interface",
        ),
    ]
