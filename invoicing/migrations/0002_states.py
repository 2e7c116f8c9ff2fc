"""The lines of recurring invoices become rows; what is told and what is given stand beside what follows from them."""

import json
from decimal import Decimal

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

import bigledger.ids
import bigledger.tenants.models
from bigledger import ids
from bigledger.tenants.isolation import IsolateTenant

# A due date that the terms do not give was given by hand.
GIVEN = """
UPDATE invoicing_invoice SET is_due_date_given = due_date <> invoice_date + CASE payment_terms
    WHEN 'due_on_receipt' THEN 0 ELSE substr(payment_terms, 5)::integer END
WHERE payment_terms = 'due_on_receipt' OR payment_terms ~ '^net_[0-9]+$'
"""
TOLD = "UPDATE invoicing_invoice SET overdue_told = ARRAY[overdue_for] WHERE overdue_for IS NOT NULL"
INSERT = """
INSERT INTO invoicing_recurringinvoiceline (tenant_id, id, recurring_invoice_id, position, product_id,
    tax_rate_named_id, revenue_account_id, description, quantity, unit_price, discount_percentage, tax_rate)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""
# field of a line: (prefix of its ids, table, natural key)
REFERENCES = {
    "product_id": ("prod", "invoicing_product", "sku"),
    "tax_rate_id": ("tax", "invoicing_taxrate", "code"),
    "revenue_account_id": ("acc", "ledger_account", "code"),
}


def lines_to_rows(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT tenant_id, id, lines FROM invoicing_recurringinvoice")
        for tenant_id, template_id, text in cursor.fetchall():
            for position, line in enumerate(json.loads(text, parse_float=Decimal, parse_int=Decimal), start=1):
                keys = [_key(cursor, tenant_id, line.get(name), *where) for name, where in REFERENCES.items()]
                values = (
                    line.get("description", ""),
                    line["quantity"],
                    line.get("unit_price"),
                    line.get("discount_percentage", 0),
                    line.get("tax_rate"),
                )
                cursor.execute(INSERT, [tenant_id, ids.new_id(), template_id, position, *keys, *values])


def _key(cursor, tenant_id, reference, prefix, table, natural_key):
    """The row's key. What is gone stays away: the next invoice pauses its template with the reason, as before."""
    if not reference:
        return None
    key = reference.removeprefix(f"{prefix}_")
    cursor.execute(
        f"SELECT id FROM {table} WHERE tenant_id = %s AND (id = %s OR {natural_key} = %s) ORDER BY id <> %s LIMIT 1",  # noqa: S608
        [tenant_id, ids.decode(prefix, reference), key, ids.decode(prefix, reference)],
    )
    found = cursor.fetchone()
    return found[0] if found else None


class Migration(migrations.Migration):
    dependencies = [
        ("invoicing", "0001_initial"),
        ("ledger", "0001_initial"),
        ("tenants", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="invoice",
            name="is_due_date_given",
            field=models.BooleanField(default=False, editable=False),
        ),
        migrations.AddField(
            model_name="invoice",
            name="overdue_told",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.DateField(), default=list, editable=False, size=None
            ),
        ),
        migrations.CreateModel(
            name="RecurringInvoiceLine",
            fields=[
                (
                    "id",
                    models.UUIDField(default=bigledger.ids.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("position", models.PositiveIntegerField()),
                ("description", models.CharField(blank=True, max_length=1000)),
                ("quantity", models.DecimalField(decimal_places=6, max_digits=15)),
                ("unit_price", models.DecimalField(decimal_places=4, max_digits=19, null=True)),
                ("discount_percentage", models.DecimalField(decimal_places=4, default=Decimal("0"), max_digits=7)),
                ("tax_rate", models.DecimalField(decimal_places=6, max_digits=9, null=True)),
                (
                    "product",
                    bigledger.tenants.models.TenantForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="invoicing.product"
                    ),
                ),
                (
                    "recurring_invoice",
                    bigledger.tenants.models.TenantForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="lines",
                        to="invoicing.recurringinvoice",
                    ),
                ),
                (
                    "revenue_account",
                    bigledger.tenants.models.TenantForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="ledger.account"
                    ),
                ),
                (
                    "tax_rate_named",
                    bigledger.tenants.models.TenantForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="invoicing.taxrate"
                    ),
                ),
                (
                    "tenant",
                    models.ForeignKey(
                        db_default=bigledger.tenants.models.CurrentTenant(),
                        db_index=False,
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tenants.tenant",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "lines of recurring invoices",
                "ordering": ("position",),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("tenant", "recurring_invoice", "position"), name="invoicing_recurringline_position"
                    )
                ],
            },
        ),
        IsolateTenant("RecurringInvoiceLine"),
        migrations.RunSQL(GIVEN, migrations.RunSQL.noop),
        migrations.RunSQL(TOLD, migrations.RunSQL.noop),
        migrations.RunPython(lines_to_rows, migrations.RunPython.noop),
        # What is deferred would otherwise still be waiting for the tables that are altered next.
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE", migrations.RunSQL.noop),
        migrations.RemoveField(model_name="invoice", name="overdue_for"),
        migrations.RemoveField(model_name="recurringinvoice", name="lines"),
    ]
