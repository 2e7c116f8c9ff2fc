"""Invoices: created as drafts, changed, sent, voided, deleted."""

from invoicing.services.invoices.drafts import create_invoice, delete_invoice, update_invoice
from invoicing.services.invoices.issuing import send_invoice, void_invoice
from invoicing.services.invoices.terms import document_currency, due_date_by_terms, require_open, require_tax_id

__all__ = [
    "create_invoice",
    "delete_invoice",
    "document_currency",
    "due_date_by_terms",
    "require_open",
    "require_tax_id",
    "send_invoice",
    "update_invoice",
    "void_invoice",
]
