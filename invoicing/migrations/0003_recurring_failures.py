"""A recurring invoice that fails in a way nobody foresaw is counted and moved back."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("invoicing", "0002_states")]

    operations = [
        migrations.AddField("recurringinvoice", "failures", models.PositiveSmallIntegerField(default=0, db_default=0)),
        migrations.AddField("recurringinvoice", "retry_at", models.DateTimeField(null=True)),
    ]
