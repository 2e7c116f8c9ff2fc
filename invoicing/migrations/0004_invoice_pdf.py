import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import bigledger.ids
import bigledger.tenants.models
from bigledger.tenants.isolation import IsolateTenant


class Migration(migrations.Migration):
    dependencies = [
        ("invoicing", "0003_recurring_failures"),
        ("tenants", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="InvoicePdf",
            fields=[
                (
                    "id",
                    models.UUIDField(default=bigledger.ids.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("digest", models.CharField(max_length=64)),
                ("content", models.TextField()),
                ("file", models.BinaryField(null=True)),
                ("attempts", models.PositiveIntegerField(default=0)),
                ("next_attempt_at", models.DateTimeField()),
                ("error", models.CharField(blank=True, max_length=300)),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
                (
                    "invoice",
                    bigledger.tenants.models.TenantForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="pdfs", to="invoicing.invoice"
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
                "indexes": [
                    models.Index(
                        condition=models.Q(("file__isnull", True)),
                        fields=["tenant", "next_attempt_at"],
                        name="invoicing_pdf_waiting",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("tenant", "invoice", "digest"), name="invoicing_pdf_version")
                ],
            },
        ),
        IsolateTenant("InvoicePdf"),
    ]
