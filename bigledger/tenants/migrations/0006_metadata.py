"""The function behind `bigledger/tenants/metadata_index.py`, which indexes of metadata need."""

from pathlib import Path

from django.db import migrations

_TEXT = (Path(__file__).parent / "sql" / "0006_metadata.sql").read_text()


class Migration(migrations.Migration):
    dependencies = [("tenants", "0005_seller")]
    operations = [migrations.RunSQL(_TEXT, "DROP FUNCTION app_metadata_tags(uuid, jsonb)")]
