import django.db.models.deletion
from django.db import migrations, models

import bigledger.tenants.models

# A line of an invoice of the same tenant.
_REFERENCE = """
ALTER TABLE invoicing_creditnoteline ADD CONSTRAINT invoicing_creditnoteline_invoice_line_id_fk
    FOREIGN KEY (tenant_id, invoice_line_id) REFERENCES invoicing_invoiceline (tenant_id, id);
CREATE INDEX ON invoicing_creditnoteline (tenant_id, invoice_line_id);
"""


class Migration(migrations.Migration):
    dependencies = [("invoicing", "0012_tax_per_document")]

    operations = [
        migrations.AddField(
            model_name="creditnoteline",
            name="invoice_line",
            field=bigledger.tenants.models.TenantForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="credit_lines",
                to="invoicing.invoiceline",
            ),
        ),
        migrations.AddField(
            model_name="creditnoteline", name="taxes", field=models.JSONField(editable=False, null=True)
        ),
        migrations.AddField(model_name="invoiceline", name="taxes", field=models.JSONField(editable=False, null=True)),
        migrations.RunSQL(_REFERENCE, migrations.RunSQL.noop),
    ]
