"""What an API key opens has a version, which triggers renew (sql/key_version.sql)."""

from django.contrib.postgres.functions import RandomUUID
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0007_passkeys_and_sessions"),
    ]

    operations = [
        migrations.AddField(
            model_name="apikey",
            name="version",
            field=models.UUIDField(db_default=RandomUUID(), editable=False),
        ),
    ]
