"""Exchange rates, and drafts with lines in any currency."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import bigledger.ids
import bigledger.tenants.models
from bigledger.tenants.isolation import IsolateTenant


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0009_periods"),
        ("tenants", "0005_seller"),
    ]

    operations = [
        migrations.AddField(
            model_name="draftline",
            name="base_amount",
            field=models.DecimalField(decimal_places=4, max_digits=19, null=True),
        ),
        migrations.AddField(
            model_name="draftline",
            name="currency",
            field=models.CharField(max_length=3, null=True),
        ),
        migrations.AddField(
            model_name="draftline",
            name="exchange_rate",
            field=models.DecimalField(decimal_places=10, max_digits=20, null=True),
        ),
        migrations.CreateModel(
            name="ExchangeRate",
            fields=[
                (
                    "id",
                    models.UUIDField(default=bigledger.ids.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("currency", models.CharField(max_length=3)),
                ("quote_currency", models.CharField(max_length=3)),
                ("date", models.DateField()),
                (
                    "type",
                    models.CharField(
                        choices=[("spot", "Spot"), ("closing", "Closing"), ("average", "Average")],
                        default="spot",
                        max_length=10,
                    ),
                ),
                ("rate", models.DecimalField(decimal_places=10, max_digits=20)),
                ("source", models.CharField(blank=True, max_length=100)),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
                (
                    "updated_at",
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
                "ordering": ("-date", "currency"),
                "indexes": [
                    models.Index(fields=["tenant", "type", "quote_currency", "date"], name="ledger_exchangerate_quote")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("tenant", "type", "currency", "quote_currency", "date"), name="ledger_exchangerate_day"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("rate__gt", 0), ("rate__lt", 10000000000)), name="ledger_exchangerate_rate"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("currency", models.F("quote_currency")), _negated=True),
                        name="ledger_exchangerate_currencies",
                    ),
                ],
            },
            bases=(bigledger.ids.Identified, models.Model),
        ),
        IsolateTenant("ExchangeRate"),
    ]
