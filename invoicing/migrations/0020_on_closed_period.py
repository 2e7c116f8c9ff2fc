from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("invoicing", "0019_metadata"),
    ]

    operations = [
        migrations.AddField(
            model_name="recurringinvoice",
            name="on_closed_period",
            field=models.CharField(
                choices=[("refuse", "Refuse"), ("next_open", "Next Open")],
                db_default="refuse",
                default="refuse",
                max_length=10,
            ),
        ),
    ]
