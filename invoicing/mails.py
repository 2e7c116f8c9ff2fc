"""The mails of sales: invoices, credit notes and receipts, each with its PDF."""

from __future__ import annotations

from bigledger.mail.letters import Attachment, Button, Letter
from bigledger.mail.models import Mail
from bigledger.mail.registry import MailKind, register
from bigledger.tenants.context import current_tenant
from invoicing.models import CreditNote, Invoice, InvoiceStatus, Payment, PaymentStatus
from invoicing.models.invoices import ISSUED_STATUSES
from invoicing.pdf.stored import stored_pdf
from invoicing.pdf.versions import Document
from invoicing.selectors.documents import CREDIT_NOTE_MAIL_NAME, INVOICE_MAIL_NAME, hosted_url
from invoicing.selectors.formatting import format_day, format_money
from invoicing.selectors.payments import RECEIPT_MAIL_NAME


def _invoice_is_due_a_mail(mail: Mail) -> bool:
    """False once the invoice is void."""
    return Invoice.objects.filter(pk=mail.about_id, status__in=ISSUED_STATUSES).exists()


def _invoice_letter(mail: Mail) -> Letter:
    invoice = Invoice.objects.select_related("customer").get(pk=mail.about_id)
    tenant = current_tenant()
    total = format_money(invoice.total, invoice.currency)
    if invoice.amount_due:
        note = f"Due {format_day(invoice.due_date)}"
        figure = ("Amount due", format_money(invoice.amount_due, invoice.currency), note)
    else:
        figure = (
            "Total",
            total,
            "Paid in full. Thank you." if invoice.status == InvoiceStatus.PAID else "No amount is due.",
        )
    message = mail.context.get("message", "").strip()
    facts = [("Invoice", invoice.number or ""), ("Invoice date", format_day(invoice.invoice_date))]
    if invoice.amount_due != invoice.total and invoice.amount_due:
        facts.append(("Total", total))
    return Letter(
        subject=f"Invoice {invoice.number} from {tenant.name}",
        # Whoever writes a message of their own greets in it.
        greeting="" if message else f"Dear {invoice.customer.name},",
        paragraphs=[message or f"Here is invoice {invoice.number} from {tenant.name}."],
        figure=figure,
        facts=facts,
        button=Button("View invoice", hosted_url(invoice)),
        afterwards=["The invoice is attached as a PDF."],
        attachments=[_attached(invoice, str(invoice))],
    )


def _attached(document: Document, name: str) -> Attachment:
    return Attachment(f"{name}.pdf", _pdf(document), "application/pdf")


def _pdf(document: Document) -> bytes:
    """The PDF that is attached to a mail."""
    return stored_pdf(document)


def _credit_note_letter(mail: Mail) -> Letter:
    note = CreditNote.objects.select_related("customer", "invoice").get(pk=mail.about_id)
    tenant = current_tenant()
    message = mail.context.get("message", "").strip()
    facts = [("Credit note", note.number), ("Date", format_day(note.credit_date))]
    if note.invoice:
        facts.append(("Credits invoice", note.invoice.number or ""))
    return Letter(
        subject=f"Credit note {note.number} from {tenant.name}",
        greeting="" if message else f"Dear {note.customer.name},",
        paragraphs=[message or f"Here is credit note {note.number} from {tenant.name}."],
        figure=("Credit", format_money(note.total, note.currency), ""),
        facts=facts,
        afterwards=["The credit note is attached as a PDF."],
        attachments=[_attached(note, note.number)],
    )


def _payment_is_due_a_receipt(mail: Mail) -> bool:
    """False once the whole payment was refunded."""
    kept = (PaymentStatus.RECEIVED, PaymentStatus.PARTIALLY_REFUNDED)
    return Payment.objects.filter(pk=mail.about_id, status__in=kept).exists()


def _receipt_letter(mail: Mail) -> Letter:
    payment = Payment.objects.select_related("customer").get(pk=mail.about_id)
    tenant, customer = current_tenant(), payment.customer
    # The first that it paid; a refund since then may have released it.
    application = payment.applications.select_related("invoice").order_by("id").first()
    invoice = application.invoice if application else None
    facts = [("Receipt", payment.number or ""), ("Paid on", format_day(payment.payment_date))]
    if payment.card_last4:
        facts.append(("Card", f"{payment.card_brand.capitalize()} ending in {payment.card_last4}"))
    if invoice:
        facts.append(("Invoice", invoice.number or ""))
    return Letter(
        subject=f"Receipt for {invoice.number if invoice else 'your payment'} from {tenant.name}",
        greeting=f"Dear {customer.name},",
        paragraphs=["Thank you for your payment."],
        figure=("Amount paid", format_money(payment.amount, payment.currency), ""),
        facts=facts,
        button=Button("View invoice", hosted_url(invoice)) if invoice else None,
        afterwards=["The receipt is attached as a PDF."],
        attachments=[_attached(payment, f"receipt-{payment.number}")],
    )


INVOICE_MAIL = register(
    MailKind(
        INVOICE_MAIL_NAME,
        "An invoice with its PDF and the link to its page",
        about=Invoice.id_prefix,
        still_due=_invoice_is_due_a_mail,
        write=_invoice_letter,
        is_shown=True,
    )
)
CREDIT_NOTE_MAIL = register(
    MailKind(
        CREDIT_NOTE_MAIL_NAME,
        "A credit note with its PDF",
        about=CreditNote.id_prefix,
        still_due=lambda mail: True,
        write=_credit_note_letter,
        is_shown=True,
    )
)
RECEIPT_MAIL = register(
    MailKind(
        RECEIPT_MAIL_NAME,
        "The receipt for a payment, with its PDF",
        about=Payment.id_prefix,
        still_due=_payment_is_due_a_receipt,
        write=_receipt_letter,
        is_shown=True,
        is_capped=False,
    )
)
