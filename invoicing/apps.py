"""What invoicing plugs in."""

from __future__ import annotations

from bigledger.apps import BusinessApp, Report, Writers


class Invoicing(BusinessApp):
    name = "invoicing"
    routes = "invoicing.urls"
    pages = {"i/": "invoicing.hosted_urls"}
    reports = {
        "aged_receivables": Report(
            "invoicing.serializers.AgedReceivablesParams", "invoicing.reports.aged_receivables.aged_receivables"
        ),
        "sales_tax": Report("invoicing.serializers.SalesTaxParams", "invoicing.reports.sales_tax.sales_tax"),
        "customer_statement": Report(
            "invoicing.serializers.CustomerStatementParams", "invoicing.reports.customer_statement.customer_statement"
        ),
    }
    scopes = {
        "products": Writers.CLERKS,
        "tax_rates": Writers.CLERKS,
        "invoices": Writers.CLERKS,
        "credit_notes": Writers.CLERKS,
        "recurring_invoices": Writers.CLERKS,
        "payments": Writers.CLERKS,
        "sales_settings": Writers.ACCOUNTANTS,
    }
