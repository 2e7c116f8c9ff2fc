from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("invoicing", "0021_changes"),
        ("tenants", "0006_metadata"),
    ]

    operations = [
        *(
            migrations.RunSQL(
                f"CREATE INDEX {table}_metadata ON {table} USING gin (app_metadata_tags(tenant_id, metadata))"
                " WHERE metadata <> '{}'",
                f"DROP INDEX {table}_metadata",
            )
            for table in (
                "invoicing_creditnote",
                "invoicing_invoice",
                "invoicing_payment",
                "invoicing_product",
                "invoicing_recurringinvoice",
                "invoicing_taxrate",
            )
        ),
    ]
