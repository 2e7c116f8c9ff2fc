from django.db import migrations, models

import bigledger.tenants.natural_order


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0002_one_lock_per_series"),
        ("tenants", "0002_natural_order"),
    ]

    operations = [
        migrations.AddField(
            model_name="account",
            name="code_order",
            field=models.GeneratedField(
                db_persist=True,
                expression=bigledger.tenants.natural_order.SortText("code"),
                output_field=models.TextField(db_collation="C"),
            ),
        ),
        migrations.AddField(
            model_name="account",
            name="name_order",
            field=models.GeneratedField(
                db_persist=True,
                expression=bigledger.tenants.natural_order.SortText("name"),
                output_field=models.TextField(db_collation="C"),
            ),
        ),
        migrations.AddField(
            model_name="document",
            name="name_order",
            field=models.GeneratedField(
                db_persist=True,
                expression=bigledger.tenants.natural_order.SortText("name"),
                output_field=models.TextField(db_collation="C"),
            ),
        ),
        migrations.AddField(
            model_name="journalentry",
            name="number_order",
            field=models.GeneratedField(
                db_persist=True,
                expression=bigledger.tenants.natural_order.SortText("number"),
                output_field=models.TextField(db_collation="C"),
            ),
        ),
        migrations.AddIndex(
            model_name="document",
            index=models.Index(fields=["tenant", "name_order"], name="ledger_document_order"),
        ),
        migrations.AddIndex(
            model_name="journalentry",
            index=models.Index(fields=["tenant", "number_order"], name="ledger_journalentry_order"),
        ),
    ]
