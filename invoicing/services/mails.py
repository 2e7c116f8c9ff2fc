"""The mails that carry invoices: queued with the change, delivered after the commit, repeated on failure."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from smtplib import SMTPException

import structlog
from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string

from bigledger.tenants.context import current_tenant
from invoicing.models import Invoice, InvoiceMail
from invoicing.pdf.kept import kept_pdf
from invoicing.selectors.documents import hosted_url
from invoicing.selectors.formatting import format_day, format_money

MAX_ATTEMPTS = 12
_FIRST_WAIT_SECONDS = 60
_LONGEST_WAIT_SECONDS = 6 * 3600

logger = structlog.get_logger(__name__)


def queue_invoice_mail(*, invoice: Invoice, to: Sequence[str], cc: Sequence[str], message: str) -> None:
    """Keeps the mail with the change it tells of, so that it exists if and only if the change does."""
    now = current_tenant().now()
    InvoiceMail.objects.create(
        invoice=invoice, to=list(to), cc=list(cc), message=message, next_attempt_at=now, created_at=now
    )


def deliver_next_mail() -> bool:
    """Delivers one waiting mail of the tenant in context; False when none waits.

    At least once: a crash between the mail server's answer and the commit sends it again.
    """
    now = current_tenant().now()
    with transaction.atomic():
        mail = (
            InvoiceMail.objects.select_for_update(skip_locked=True)
            .filter(delivered_at=None, next_attempt_at__lte=now, attempts__lt=MAX_ATTEMPTS)
            .order_by("next_attempt_at")
            .first()
        )
        if mail is None:
            return False
        mail.attempts += 1
        try:
            invoice_email(mail).send()
            mail.delivered_at = now
        except (OSError, SMTPException) as fault:
            logger.warning("invoice_mail_failed", mail=mail.public_id, attempts=mail.attempts, error=str(fault))
            wait = min(_FIRST_WAIT_SECONDS * 2 ** (mail.attempts - 1), _LONGEST_WAIT_SECONDS)
            mail.next_attempt_at = now + datetime.timedelta(seconds=wait)
        mail.save(update_fields=["attempts", "delivered_at", "next_attempt_at"])
    return True


def invoice_email(mail: InvoiceMail) -> EmailMessage:
    """The message with its PDF and the hosted link."""
    invoice, tenant = mail.invoice, current_tenant()
    text = render_to_string(
        "invoicing/mail.txt",
        {
            "invoice": invoice,
            "customer": invoice.customer,
            "tenant": tenant,
            "message": mail.message,
            "due": format_money(invoice.amount_due, invoice.currency),
            "due_date": format_day(invoice.due_date),
            "url": hosted_url(invoice),
        },
    )
    email = EmailMessage(
        subject=f"Invoice {invoice.number} from {_one_line(tenant.name)}", body=text, to=mail.to, cc=mail.cc
    )
    email.attach(f"{invoice.number}.pdf", kept_pdf(invoice), "application/pdf")
    return email


def _one_line(text: str) -> str:
    return " ".join(text.split())
