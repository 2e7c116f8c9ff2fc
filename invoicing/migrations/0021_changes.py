"""Which change made, issued, voided or released what sales reports read: see `sql/changes.sql`. What was there before
is known always."""

from django.db import migrations

_MADE = ("payment", "creditnote", "paymentapplication", "writeoff", "writeoffundo", "refund", "duedatechange")
_ENDED = {
    "invoice": ("issued_in", "voided_in"),
    "payment": ("voided_in",),
    "creditnote": ("voided_in",),
    "paymentapplication": ("released_in",),
}


def _statements() -> str:
    made = [
        f"ALTER TABLE invoicing_{table} ADD COLUMN made_in uuid;"
        f"ALTER TABLE invoicing_{table} ALTER COLUMN made_in SET DEFAULT events_change();"
        for table in _MADE
    ]
    ended = [
        f"ALTER TABLE invoicing_{table} ADD COLUMN {column} uuid;"
        for table, columns in _ENDED.items()
        for column in columns
    ]
    return "".join([*made, *ended])


class Migration(migrations.Migration):
    dependencies = [
        ("invoicing", "0020_on_closed_period"),
        ("events", "0007_changes"),
    ]

    operations = [
        migrations.RunSQL(_statements(), migrations.RunSQL.noop),
    ]
