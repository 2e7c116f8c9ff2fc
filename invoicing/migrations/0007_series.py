from django.db import migrations, models

# Whoever has invoices already is used to numbered drafts.
_KEEP_NUMBERING_DRAFTS = """
INSERT INTO invoicing_salessettings
    (id, tenant_id, tax_rounding, refuse_over_credit_limit, small_difference_limit, number_drafts, series)
SELECT DISTINCT tenant_id, tenant_id, 'line', false, 1, true, '[]'::jsonb FROM invoicing_invoice
ON CONFLICT (tenant_id) DO UPDATE SET number_drafts = true
"""


class Migration(migrations.Migration):
    dependencies = [("invoicing", "0006_natural_order")]

    operations = [
        migrations.AddField(
            model_name="salessettings",
            name="number_drafts",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="salessettings",
            name="series",
            field=models.JSONField(blank=True, db_default=[], default=list),
        ),
        migrations.AlterField(
            model_name="invoice",
            name="number",
            field=models.CharField(max_length=40, null=True),
        ),
        migrations.RunSQL(_KEEP_NUMBERING_DRAFTS, migrations.RunSQL.noop),
    ]
