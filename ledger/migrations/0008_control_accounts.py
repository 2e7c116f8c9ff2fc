"""Accounts that take lines of documents only. What other entries have posted to them before stays as it is."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0007_cash_flow"),
        ("tenants", "0004_fiscal_year"),
    ]

    operations = [
        migrations.AddField(
            model_name="account",
            name="control_since",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.RunSQL(
            "UPDATE ledger_account SET control_since = now() WHERE purpose = 'accounts_receivable'",
            migrations.RunSQL.noop,
        ),
        migrations.AlterField(
            model_name="account",
            name="purpose",
            field=models.CharField(
                blank=True,
                choices=[
                    ("opening_balance_equity", "Opening Balance Equity"),
                    ("cash_receipts", "Cash Receipts"),
                    ("accounts_receivable", "Accounts Receivable"),
                    ("sales_tax_payable", "Sales Tax Payable"),
                    ("sales_revenue", "Sales Revenue"),
                    ("bad_debt", "Bad Debt"),
                    ("small_differences", "Small Differences"),
                    ("customer_deposits", "Customer Deposits"),
                    ("card_fees", "Card Fees"),
                    ("bad_debt_allowance", "Bad Debt Allowance"),
                    ("retained_earnings", "Retained Earnings"),
                    ("realised_fx", "Realised Fx"),
                    ("unrealised_fx", "Unrealised Fx"),
                ],
                editable=False,
                max_length=40,
            ),
        ),
        migrations.AddIndex(
            model_name="account",
            index=models.Index(
                condition=models.Q(("control_since__isnull", False)),
                fields=["tenant", "id"],
                name="ledger_account_controls",
            ),
        ),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("control_since__isnull", False), ("purpose__in", ("accounts_receivable", "customer_deposits"))
                    ),
                    models.Q(
                        models.Q(("purpose__in", ("accounts_receivable", "customer_deposits")), _negated=True),
                        ("control_since__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="ledger_account_control",
            ),
        ),
    ]
