import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import bigledger.ids
import bigledger.tenants.models
import bigledger.tenants.natural_order
from bigledger.tenants.isolation import IsolateTenant


class Migration(migrations.Migration):
    """The PDFs that were stored before are made anew: each of them belonged to a state of its invoice, and none was
    marked as what had been sent."""

    dependencies = [
        ("invoicing", "0010_taken_over"),
        ("tenants", "0005_seller"),
    ]

    operations = [
        migrations.DeleteModel(name="InvoicePdf"),
        migrations.CreateModel(
            name="DocumentVersion",
            fields=[
                (
                    "id",
                    models.UUIDField(default=bigledger.ids.new_id, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("invoice", "Invoice"), ("credit_note", "Credit Note"), ("receipt", "Receipt")],
                        max_length=12,
                    ),
                ),
                ("about_id", models.UUIDField()),
                ("digest", models.CharField(max_length=64)),
                ("content", models.TextField()),
                ("is_issued", models.BooleanField(db_default=False, default=False)),
                ("file", models.BinaryField(null=True)),
                ("attempts", models.PositiveIntegerField(default=0)),
                ("next_attempt_at", models.DateTimeField(null=True)),
                ("error", models.CharField(blank=True, max_length=300)),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
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
                        condition=models.Q(("file__isnull", True), ("next_attempt_at__isnull", False)),
                        fields=["tenant", "next_attempt_at"],
                        name="invoicing_version_waiting",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("is_issued", False)),
                        fields=("tenant", "kind", "about_id", "digest"),
                        name="invoicing_documentversion_content",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("is_issued", True)),
                        fields=("tenant", "kind", "about_id"),
                        name="invoicing_documentversion_issued",
                    ),
                ],
            },
            bases=(bigledger.ids.Identified, models.Model),
        ),
        IsolateTenant("DocumentVersion"),
        migrations.AddField(
            model_name="payment",
            name="number",
            field=models.CharField(max_length=40, null=True),
        ),
        migrations.AddField(
            model_name="payment",
            name="number_order",
            field=models.GeneratedField(
                db_persist=True,
                expression=bigledger.tenants.natural_order.SortText("number"),
                output_field=models.TextField(db_collation="C"),
            ),
        ),
        migrations.AddIndex(
            model_name="payment",
            index=models.Index(fields=["tenant", "number_order"], name="invoicing_payment_order"),
        ),
        migrations.AddConstraint(
            model_name="payment",
            constraint=models.UniqueConstraint(fields=("tenant", "number"), name="invoicing_payment_number"),
        ),
    ]
