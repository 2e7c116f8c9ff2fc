"""What invoicing plugs in."""

from __future__ import annotations

from bigledger.apps import BusinessApp, Job, Report, Writers

# Somebody waits for a document, so it does not wait behind mails and the clock.
DOCUMENTS = "documents"
SCOPE = "sales"  # of its entries: a period can be closed for them alone


class Invoicing(BusinessApp):
    name = "invoicing"
    routes = "invoicing.urls"
    wording = "invoicing.wording"
    schema = "invoicing.schema"
    pages = {"i/": "invoicing.hosted_urls", "c/": "invoicing.customer_urls"}
    reports = {
        "aged_receivables": Report(
            "invoicing.serializers.AgedReceivablesParams", "invoicing.reports.aged_receivables.aged_receivables"
        ),
        "open_receivables": Report(
            "invoicing.serializers.OpenReceivablesParams", "invoicing.reports.open_receivables.open_receivables"
        ),
        "sales_tax": Report(
            "invoicing.serializers.SalesTaxParams",
            "invoicing.reports.sales_tax.sales_tax",
            sheet="invoicing.reports.sales_tax.sales_tax_sheet",
        ),
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
    jobs = {
        "make documents that no wake-up announced": Job(
            "invoicing.make_pdfs", every_seconds=5, queue=DOCUMENTS, expires_seconds=5
        ),
        "raise overdue invoices": Job("invoicing.raise_overdue_invoices", every_seconds=900),
        "issue recurring invoices": Job("invoicing.issue_recurring_invoices", every_seconds=900),
        "settle with the card gateway": Job("invoicing.settle_with_gateway", every_seconds=60),
    }
    period_scope = SCOPE
    checklist = "invoicing.checklist.items"
    queues = (DOCUMENTS,)
    start = "invoicing.selectors.start.start"
    admin_group = "Sales"
    admin_icons = {"Product": "inventory_2", "Invoice": "request_quote", "Payment": "payments"}
    soundness = "invoicing.reports.soundness"
    demo = ("invoicing.demo.sales",)
