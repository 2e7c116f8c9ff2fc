"""Recurring invoices: the template, its calendar, and issuing what is due."""

from invoicing.services.recurring.issuing import claim_next_invoice, issue_claimed_invoice
from invoicing.services.recurring.templates import (
    create_recurring_invoice,
    delete_recurring_invoice,
    pause_recurring_invoice,
    resume_recurring_invoice,
    update_recurring_invoice,
)

__all__ = [
    "claim_next_invoice",
    "create_recurring_invoice",
    "delete_recurring_invoice",
    "issue_claimed_invoice",
    "pause_recurring_invoice",
    "resume_recurring_invoice",
    "update_recurring_invoice",
]
