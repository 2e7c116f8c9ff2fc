"""The public page of an invoice: anyone with its link can view, download and pay it."""

from __future__ import annotations

import re
import uuid
from decimal import Decimal

from django.db import transaction

from bigledger import money
from bigledger.access.models import Role
from bigledger.access.principal import Principal
from bigledger.errors import BusinessRuleViolation
from bigledger.events.record import record
from bigledger.postgres.execute import fetch_all
from bigledger.tenants.context import current_tenant
from invoicing.bodies import InvoiceBody, PaymentBody
from invoicing.events import HOSTED_PAGE, INVOICE_UPDATED, INVOICE_VIEWED
from invoicing.gateway import Card
from invoicing.models import Invoice, InvoiceStatus, PaymentMethod
from invoicing.models.invoices import new_hosted_token
from invoicing.rules import NO_LINK
from invoicing.selectors.documents import invoice_body
from invoicing.selectors.terms import early_terms
from invoicing.services.payments import create_payment
from invoicing.services.taken_discounts import discounts_of

_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")  # as new_hosted_token() makes them


def tenant_of_token(token: str) -> uuid.UUID | None:
    """The tenant whose invoice has this link; called before the tenant is known."""
    if not _TOKEN.fullmatch(token):
        return None
    rows = fetch_all("SELECT invoicing_tenant_of_token(%s)", [token])
    found: uuid.UUID | None = rows[0][0]
    return found


def hosted_invoice(token: str) -> Invoice | None:
    """The invoice of a link in the tenant in context; drafts have no page."""
    hidden = (InvoiceStatus.DRAFT, InvoiceStatus.DELETED)
    return Invoice.objects.exclude(status__in=hidden).select_related("customer").filter(hosted_token=token).first()


@transaction.atomic
def record_view(*, invoice: Invoice) -> None:
    """Stores the time of the first visit and records the event once."""
    found = Invoice.objects.select_for_update().get(pk=invoice.pk)
    if found.viewed_at:
        return
    found.viewed_at = invoice.viewed_at = found.updated_at = current_tenant().now()
    found.save(update_fields=["viewed_at", "updated_at"])
    record(INVOICE_VIEWED, found.id, invoice_body(found), acting=_customer_of(found))


@transaction.atomic
def rotate_hosted_link(*, invoice: Invoice, acting: Principal) -> InvoiceBody:
    """Gives the invoice a new link; the old one stops working.

    Raises BusinessRuleViolation (`invoice_not_issued`): a draft has no link yet.
    """
    found = Invoice.objects.select_for_update().get(pk=invoice.pk)
    if found.status in (InvoiceStatus.DRAFT, InvoiceStatus.DELETED):
        raise BusinessRuleViolation.of(NO_LINK, number=found.words, status=found.status)
    before = invoice_body(found)
    found.hosted_token = new_hosted_token()
    found.updated_at = current_tenant().now()
    found.save(update_fields=["hosted_token", "updated_at"])
    body = invoice_body(found)
    record(INVOICE_UPDATED, found.id, body, acting=acting, previous=before)
    return body


def payable_now(invoice: Invoice) -> Decimal:
    """What settles the invoice today."""
    terms, due = early_terms(invoice), invoice.amount_due
    if terms and terms.discount < due and current_tenant().today() <= terms.until and not discounts_of(invoice):
        due -= terms.discount
    return money.to_currency(due, invoice.currency)


def pay_hosted_invoice(*, invoice: Invoice, card: Card) -> PaymentBody:
    """Pays what settles the invoice today by card, on behalf of the member who created it; mails a receipt."""
    return create_payment(
        customer_id=invoice.customer.public_id,
        amount=payable_now(invoice),
        method=PaymentMethod.CARD,
        invoice_id=invoice.public_id,
        card=card,
        reference=invoice.number or "",
        send_receipt=True,
        acting=_customer_of(invoice),
    )


def _customer_of(invoice: Invoice) -> Principal:
    """The person who opened the link. The rows that they create belong to the member who created the invoice."""
    return Principal.on_behalf_of(invoice.created_by_id, by=HOSTED_PAGE, role=Role.CLERK)
