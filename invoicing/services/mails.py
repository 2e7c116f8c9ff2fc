"""The recipients of sales mails."""

from __future__ import annotations

from collections.abc import Sequence

import structlog

from bigledger.errors import BusinessRuleViolation
from bigledger.mail.limits import reserve
from bigledger.mail.models import Mail
from bigledger.mail.services import queue_mail
from bigledger.tenants.context import current_tenant
from bigledger.tenants.models import Plan
from customers.models import Contact, Customer
from invoicing.mails import CREDIT_NOTE_MAIL, INVOICE_MAIL, RECEIPT_MAIL
from invoicing.models import CreditNote, Invoice, Payment, PaymentMethod
from invoicing.rules import NO_RECIPIENT, TOO_MANY_RECIPIENTS

# Addresses in one mail that the customer's record does not know; else anybody could have us write to anybody.
MAX_OUTSIDERS = 5
logger = structlog.get_logger(__name__)


def mail_document(
    *, document: Invoice | CreditNote, customer: Customer, to: Sequence[str], cc: Sequence[str], message: str
) -> None:
    """Queues an invoice or credit note for `to`, or else the customer's address.

    Raises BusinessRuleViolation (`no_recipient` without either; `too_many_recipients`, `mail_limit_reached`).
    """
    recipients = list(to) or ([customer.email] if customer.email else [])
    if not recipients:
        raise BusinessRuleViolation.of(NO_RECIPIENT, "to", name=customer.name)
    _refuse_a_crowd(customer, [*recipients, *cc])
    kind = INVOICE_MAIL if isinstance(document, Invoice) else CREDIT_NOTE_MAIL
    queue_mail(kind=kind, about_id=document.id, to=recipients, cc=cc, context={"message": message})


def mail_receipt(*, payment: Payment, invoice: Invoice | None) -> None:
    """Queues the receipt for the recipients of the invoice's last mail, since they have its link, or else the customer.

    Without an address there is none, nor when the tenant's mails of the day are used up: a payment is not refused for
    its receipt. Whoever pays by card gets one in any case; of payments that are only entered, anybody could enter many.
    """
    mailed = (
        Mail.objects.filter(kind=INVOICE_MAIL.name, about_id=invoice.id).order_by("-id").first() if invoice else None
    )
    recipients = mailed.to if mailed else [payment.customer.email]
    if not any(recipients):
        return
    try:
        if payment.method != PaymentMethod.CARD:
            reserve(len(recipients))
        queue_mail(kind=RECEIPT_MAIL, about_id=payment.id, to=recipients)
    except BusinessRuleViolation as refused:
        logger.warning("receipt_not_mailed", payment=payment.public_id, reason=refused.message)


def _refuse_a_crowd(customer: Customer, recipients: Sequence[str]) -> None:
    if current_tenant().plan == Plan.ENTERPRISE:
        return
    contacts = Contact.objects.filter(customer=customer).values_list("email", flat=True)
    known = {address.casefold() for address in (customer.email, *contacts)}
    outsiders = {address.casefold() for address in recipients} - known
    if len(outsiders) > MAX_OUTSIDERS:
        raise BusinessRuleViolation.of(TOO_MANY_RECIPIENTS, "to", most=MAX_OUTSIDERS, found=len(outsiders))
