from django.db import migrations, models

# Whoever has invoices already keeps the rounding that they were made with.
_KEEP_ROUNDING_LINES = """
INSERT INTO invoicing_salessettings
    (id, tenant_id, tax_rounding, refuse_over_credit_limit, small_difference_limits, unapplied_as)
SELECT DISTINCT tenant_id, tenant_id, 'line', false, '{}'::jsonb, 'customer_deposits' FROM invoicing_invoice
ON CONFLICT (tenant_id) DO NOTHING
"""


class Migration(migrations.Migration):
    dependencies = [("invoicing", "0011_documents")]

    operations = [
        migrations.AlterField(
            model_name="salessettings",
            name="tax_rounding",
            field=models.CharField(
                choices=[("line", "Line"), ("document", "Document")], default="document", max_length=10
            ),
        ),
        migrations.RunSQL(_KEEP_ROUNDING_LINES, migrations.RunSQL.noop),
    ]
