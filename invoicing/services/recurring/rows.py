"""The row of a template: locked before a change, saved with its event after it."""

from __future__ import annotations

from bigledger.access.principal import Principal
from bigledger.events.record import record
from bigledger.events.registry import EventType
from bigledger.tenants.context import current_tenant
from invoicing.bodies import RecurringInvoiceBody
from invoicing.models import RecurringInvoice
from invoicing.selectors.recurring import recurring_body


def locked_template(recurring: RecurringInvoice) -> RecurringInvoice:
    """The row as it is now, locked."""
    return RecurringInvoice.objects.select_for_update().get(pk=recurring.pk)


def save_and_record(row: RecurringInvoice, event: EventType, *, acting: Principal) -> RecurringInvoiceBody:
    """Saves the template and records the event with its body."""
    row.updated_at = current_tenant().now()
    row.save()
    body = recurring_body(row)
    record(event, row.id, body, acting=acting)
    return body
