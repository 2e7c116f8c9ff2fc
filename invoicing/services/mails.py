"""The recipients of sales mails."""

from __future__ import annotations

from collections.abc import Sequence

from bigledger.errors import BusinessRuleViolation
from bigledger.mail.models import Mail
from bigledger.mail.services import queue_mail
from bigledger.tenants.context import current_tenant
from bigledger.tenants.models import Plan
from customers.models import Contact, Customer
from invoicing.mails import INVOICE_MAIL, RECEIPT_MAIL
from invoicing.models import Invoice, Payment
from invoicing.rules import TOO_MANY_RECIPIENTS

# Addresses in one mail that the customer's record does not know; else anybody could have us write to anybody.
MAX_OUTSIDERS = 5


def mail_invoice(*, invoice: Invoice, customer: Customer, to: Sequence[str], cc: Sequence[str], message: str) -> None:
    """Queues the invoice for `to`, or else the customer's address; without either nothing is mailed.

    Raises BusinessRuleViolation (`too_many_recipients`, `mail_limit_reached`).
    """
    recipients = list(to) or ([customer.email] if customer.email else [])
    if not recipients:
        return
    _refuse_a_crowd(customer, [*recipients, *cc])
    queue_mail(kind=INVOICE_MAIL, about_id=invoice.id, to=recipients, cc=cc, context={"message": message})


def mail_receipt(*, payment: Payment, invoice: Invoice) -> None:
    """The recipients of the invoice's last mail, since they have its link, or else the customer."""
    mailed = Mail.objects.filter(kind=INVOICE_MAIL.name, about_id=invoice.id).order_by("-id").first()
    recipients = mailed.to if mailed else [invoice.customer.email]
    if any(recipients):
        queue_mail(kind=RECEIPT_MAIL, about_id=payment.id, to=recipients)


def _refuse_a_crowd(customer: Customer, recipients: Sequence[str]) -> None:
    if current_tenant().plan == Plan.ENTERPRISE:
        return
    contacts = Contact.objects.filter(customer=customer).values_list("email", flat=True)
    known = {address.casefold() for address in (customer.email, *contacts)}
    outsiders = {address.casefold() for address in recipients} - known
    if len(outsiders) > MAX_OUTSIDERS:
        raise BusinessRuleViolation.of(TOO_MANY_RECIPIENTS, "to", most=MAX_OUTSIDERS, found=len(outsiders))
