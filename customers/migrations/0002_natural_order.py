from django.db import migrations, models

import bigledger.tenants.natural_order


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0001_initial"),
        ("tenants", "0002_natural_order"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="customer",
            options={"ordering": ("name_order",)},
        ),
        migrations.RemoveIndex(
            model_name="customer",
            name="customers_customer_name",
        ),
        migrations.AddField(
            model_name="customer",
            name="name_order",
            field=models.GeneratedField(
                db_persist=True,
                expression=bigledger.tenants.natural_order.SortText("name"),
                output_field=models.TextField(db_collation="C"),
            ),
        ),
        migrations.AddField(
            model_name="customer",
            name="number_order",
            field=models.GeneratedField(
                db_persist=True,
                expression=bigledger.tenants.natural_order.SortText("number"),
                output_field=models.TextField(db_collation="C"),
            ),
        ),
        migrations.AddIndex(
            model_name="customer",
            index=models.Index(fields=["tenant", "name_order"], name="customers_customer_name_order"),
        ),
        migrations.AddIndex(
            model_name="customer",
            index=models.Index(fields=["tenant", "number_order"], name="customers_customer_no_order"),
        ),
    ]
