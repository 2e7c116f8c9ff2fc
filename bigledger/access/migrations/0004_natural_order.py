from django.db import migrations, models

import bigledger.tenants.natural_order


class Migration(migrations.Migration):
    dependencies = [
        ("tenants", "0002_natural_order"),
        ("access", "0003_ceilings"),
    ]

    operations = [
        migrations.AddField(
            model_name="apikey",
            name="name_order",
            field=models.GeneratedField(
                db_persist=True,
                expression=bigledger.tenants.natural_order.SortText("name"),
                output_field=models.TextField(db_collation="C"),
            ),
        ),
        migrations.AddField(
            model_name="application",
            name="name_order",
            field=models.GeneratedField(
                db_persist=True,
                expression=bigledger.tenants.natural_order.SortText("name"),
                output_field=models.TextField(db_collation="C"),
            ),
        ),
    ]
