"""The transaction that an event was recorded in, by an id of its own: see `sql/changes.sql`."""

from django.db import migrations

_FUNCTION = """
CREATE OR REPLACE FUNCTION events_change() RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
    found text := current_setting('app.change', true);
BEGIN
    IF COALESCE(found, '') = '' THEN
        found := gen_random_uuid()::text;
        PERFORM set_config('app.change', found, true);
    END IF;
    RETURN found::uuid;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("events", "0006_interface"),
    ]

    operations = [
        migrations.RunSQL(_FUNCTION, migrations.RunSQL.noop),
        migrations.RunSQL("ALTER TABLE events_event ADD COLUMN change uuid", migrations.RunSQL.noop),
        migrations.RunSQL(
            "ALTER TABLE events_pending ADD COLUMN change uuid; "
            "ALTER TABLE events_pending ALTER COLUMN change SET DEFAULT events_change()",
            migrations.RunSQL.noop,
        ),
    ]
