from django.db import migrations, models

import bigledger.tenants.natural_order


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0002_natural_order"),
        ("invoicing", "0005_mails_move"),
        ("ledger", "0001_initial"),
        ("tenants", "0002_natural_order"),
    ]

    operations = [
        migrations.AddField(
            model_name="creditnote",
            name="number_order",
            field=models.GeneratedField(
                db_persist=True,
                expression=bigledger.tenants.natural_order.SortText("number"),
                output_field=models.TextField(db_collation="C"),
            ),
        ),
        migrations.AddField(
            model_name="invoice",
            name="number_order",
            field=models.GeneratedField(
                db_persist=True,
                expression=bigledger.tenants.natural_order.SortText("number"),
                output_field=models.TextField(db_collation="C"),
            ),
        ),
        migrations.AddField(
            model_name="product",
            name="name_order",
            field=models.GeneratedField(
                db_persist=True,
                expression=bigledger.tenants.natural_order.SortText("name"),
                output_field=models.TextField(db_collation="C"),
            ),
        ),
        migrations.AddField(
            model_name="product",
            name="sku_order",
            field=models.GeneratedField(
                db_persist=True,
                expression=bigledger.tenants.natural_order.SortText("sku"),
                output_field=models.TextField(db_collation="C"),
            ),
        ),
        migrations.AddField(
            model_name="taxrate",
            name="code_order",
            field=models.GeneratedField(
                db_persist=True,
                expression=bigledger.tenants.natural_order.SortText("code"),
                output_field=models.TextField(db_collation="C"),
            ),
        ),
        migrations.AddField(
            model_name="taxrate",
            name="name_order",
            field=models.GeneratedField(
                db_persist=True,
                expression=bigledger.tenants.natural_order.SortText("name"),
                output_field=models.TextField(db_collation="C"),
            ),
        ),
        migrations.AddIndex(
            model_name="creditnote",
            index=models.Index(fields=["tenant", "number_order"], name="invoicing_creditnote_order"),
        ),
        migrations.AddIndex(
            model_name="invoice",
            index=models.Index(fields=["tenant", "number_order"], name="invoicing_invoice_order"),
        ),
        migrations.AddIndex(
            model_name="product",
            index=models.Index(fields=["tenant", "sku_order"], name="invoicing_product_sku_order"),
        ),
        migrations.AddIndex(
            model_name="product",
            index=models.Index(fields=["tenant", "name_order"], name="invoicing_product_name_order"),
        ),
    ]
