"""What of sales waits for somebody: on the start page of the back office."""

from __future__ import annotations

from django.db.models import F, Q

from bigledger.access.admin_start import Start, Task, counted
from invoicing.models import Invoice, InvoiceStatus, Payment, PaymentStatus

_HAS_LEFT = Q(status__in=(PaymentStatus.RECEIVED, PaymentStatus.PARTIALLY_REFUNDED)) & Q(
    amount__gt=F("amount_applied") + F("amount_refunded")
)


def start() -> Start:
    invoices = Invoice.objects.all()
    return Start(
        tasks=[
            Task(
                counted(invoices.filter(status=InvoiceStatus.DRAFT)), "draft invoice to send", "draft invoices to send",
                "/v1/invoices?status=draft",
            ),
            Task(
                counted(invoices.filter(status=InvoiceStatus.OVERDUE)), "invoice is overdue", "invoices are overdue",
                "/v1/invoices?status=overdue",
            ),
            Task(
                counted(Payment.objects.filter(_HAS_LEFT)), "payment to apply", "payments to apply",
                "/v1/reports/open_receivables?age=unapplied_credit",
            ),
        ]
    )  # fmt: skip
