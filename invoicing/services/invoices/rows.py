"""The row of an invoice: locked before a change, saved with its event after it."""

from __future__ import annotations

from bigledger.access.principal import Principal
from bigledger.errors import BusinessRuleViolation, ResourceNotFound
from bigledger.events.record import record
from bigledger.events.registry import EventType
from bigledger.tenants.context import current_tenant
from invoicing.bodies import InvoiceBody
from invoicing.models import Invoice, InvoiceStatus
from invoicing.rules import INVOICE_CLOSED
from invoicing.selectors.documents import invoice_body


def save_and_record(invoice: Invoice, event: EventType, *, acting: Principal) -> InvoiceBody:
    """Saves the invoice and records the event with its body."""
    invoice.updated_at = current_tenant().now()
    invoice.save()
    body = invoice_body(invoice)
    record(event, invoice.id, body, acting=acting)
    return body


def locked_invoice(invoice: Invoice) -> Invoice:
    """The row as it is now, locked. Raises ResourceNotFound for a deleted draft."""
    found = Invoice.objects.select_for_update().get(pk=invoice.pk)
    if found.status == InvoiceStatus.DELETED:
        raise ResourceNotFound(f"There is no {invoice.public_id}")
    return found


def closed_error(invoice: Invoice, participle: str) -> BusinessRuleViolation:
    """The error that the invoice is closed and cannot be changed, sent or voided (`participle`)."""
    return BusinessRuleViolation.of(INVOICE_CLOSED, number=invoice.words, status=invoice.status, participle=participle)
