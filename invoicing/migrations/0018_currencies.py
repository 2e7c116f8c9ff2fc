"""Documents in any currency: their rates, and what they and their parts are worth in base."""

from decimal import Decimal

from django.db import migrations, models

# Documents in the base currency are worth themselves. One in another currency is worth what its entry has on the
# accounts that are owed or deposited: nothing, where it was posted before there were rates.
_VALUE = """
CREATE TEMPORARY TABLE worths ON COMMIT DROP AS
SELECT e.tenant_id, e.id AS entry_id, l.currency = l.base_currency AS is_base, max(l.exchange_rate) AS rate,
    COALESCE(sum(l.base_debit), 0) AS debit, COALESCE(sum(l.base_credit), 0) AS credit
FROM ledger_journalentry e
JOIN ledger_journalline l ON l.tenant_id = e.tenant_id AND l.entry_id = e.id
WHERE e.source IS NOT NULL GROUP BY 1, 2, 3;
UPDATE invoicing_invoice d SET exchange_rate = CASE WHEN w.is_base THEN 1 ELSE w.rate END,
    base_total = CASE WHEN w.is_base THEN d.total ELSE w.debit END
FROM worths w WHERE w.tenant_id = d.tenant_id AND w.entry_id = d.journal_entry_id;
UPDATE invoicing_creditnote d SET exchange_rate = CASE WHEN w.is_base THEN 1 ELSE w.rate END,
    base_total = CASE WHEN w.is_base THEN d.total ELSE w.debit END
FROM worths w WHERE w.tenant_id = d.tenant_id AND w.entry_id = d.journal_entry_id;
UPDATE invoicing_payment d SET exchange_rate = CASE WHEN w.is_base THEN 1 ELSE w.rate END,
    base_amount = CASE WHEN w.is_base THEN d.amount ELSE w.debit END
FROM worths w WHERE w.tenant_id = d.tenant_id AND w.entry_id = d.journal_entry_id;
UPDATE invoicing_paymentapplication a SET base_amount = a.amount, source_base_amount = a.amount
FROM invoicing_invoice i JOIN tenants_tenant t ON t.id = i.tenant_id AND t.base_currency = i.currency
WHERE i.tenant_id = a.tenant_id AND i.id = a.invoice_id;
UPDATE invoicing_writeoff w SET base_amount = w.amount
FROM invoicing_invoice i JOIN tenants_tenant t ON t.id = i.tenant_id AND t.base_currency = i.currency
WHERE i.tenant_id = w.tenant_id AND i.id = w.invoice_id;
UPDATE invoicing_writeoffundo u SET base_amount = u.amount
FROM invoicing_writeoff w JOIN invoicing_invoice i ON i.tenant_id = w.tenant_id AND i.id = w.invoice_id
JOIN tenants_tenant t ON t.id = i.tenant_id AND t.base_currency = i.currency
WHERE w.tenant_id = u.tenant_id AND w.id = u.write_off_id;
UPDATE invoicing_refund r SET base_amount = r.amount
FROM ledger_journalentry e
WHERE e.tenant_id = r.tenant_id AND e.id = r.journal_entry_id AND e.currency = e.base_currency;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("invoicing", "0017_early_payment"),
    ]

    operations = [
        migrations.AddField(
            model_name="creditnote",
            name="base_total",
            field=models.DecimalField(decimal_places=4, default=Decimal("0"), max_digits=19),
        ),
        migrations.AddField(
            model_name="creditnote",
            name="exchange_rate",
            field=models.DecimalField(decimal_places=10, max_digits=20, null=True),
        ),
        migrations.AddField(
            model_name="invoice",
            name="base_total",
            field=models.DecimalField(decimal_places=4, default=Decimal("0"), editable=False, max_digits=19),
        ),
        migrations.AddField(
            model_name="invoice",
            name="exchange_rate",
            field=models.DecimalField(blank=True, decimal_places=10, max_digits=20, null=True),
        ),
        migrations.AddField(
            model_name="payment",
            name="base_amount",
            field=models.DecimalField(decimal_places=4, default=Decimal("0"), max_digits=19),
        ),
        migrations.AddField(
            model_name="payment",
            name="exchange_rate",
            field=models.DecimalField(decimal_places=10, max_digits=20, null=True),
        ),
        migrations.AddField(
            model_name="paymentapplication",
            name="base_amount",
            field=models.DecimalField(decimal_places=4, default=Decimal("0"), max_digits=19),
        ),
        migrations.AddField(
            model_name="paymentapplication",
            name="source_base_amount",
            field=models.DecimalField(decimal_places=4, default=Decimal("0"), max_digits=19),
        ),
        migrations.AddField(
            model_name="refund",
            name="base_amount",
            field=models.DecimalField(decimal_places=4, default=Decimal("0"), max_digits=19),
        ),
        migrations.AddField(
            model_name="writeoff",
            name="base_amount",
            field=models.DecimalField(decimal_places=4, default=Decimal("0"), max_digits=19),
        ),
        migrations.AddField(
            model_name="writeoffundo",
            name="base_amount",
            field=models.DecimalField(decimal_places=4, default=Decimal("0"), max_digits=19),
        ),
        migrations.RunSQL(_VALUE, migrations.RunSQL.noop),
    ]
