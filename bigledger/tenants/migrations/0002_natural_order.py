"""The functions behind `bigledger/tenants/natural_order.py`, which tables' generated columns need."""

from pathlib import Path

from django.db import migrations

_TEXT = (Path(__file__).parent / "sql" / "0002_natural_order.sql").read_text()


class Migration(migrations.Migration):
    dependencies = [("tenants", "0001_initial")]
    operations = [
        migrations.RunSQL(_TEXT, "DROP FUNCTION sort_text(text); DROP FUNCTION search_text(text)"),
    ]
