"""Sales in GraphQL."""

from __future__ import annotations

from bigledger.graphql.declared import (
    Below,
    Declaration,
    Node,
    Single,
    Subscription,
    Write,
    act,
    by,
    create,
    through,
    update,
)
from customers.resources import CUSTOMERS
from invoicing.bodies import PaymentApplicationBody, SalesSettingsBody
from invoicing.models import PaymentApplication, WriteOff
from invoicing.resources import (
    CREDIT_NOTES,
    INVOICES,
    PAYMENTS,
    PRODUCTS,
    RECURRING_INVOICES,
    TAX_RATES,
)
from invoicing.selectors.catalogue import sales_settings, settings_body
from invoicing.serializers import (
    ApplyInput,
    InvoiceInput,
    PaymentInput,
    RefundInput,
    SendInput,
    UnapplyInput,
    UndoWriteOffInput,
    VoidInput,
    WriteOffInput,
    new_payment,
)
from invoicing.services.invoices import create_invoice, send_invoice, void_invoice
from invoicing.services.payments import apply_payment, create_payment, unapply_payment
from invoicing.services.refunds import refund_payment, void_payment
from invoicing.services.schedules import create_schedule_of
from invoicing.services.write_offs import undo_write_off, write_off_invoice
from ledger.resources import SCHEDULES
from ledger.serializers import ReversalInput, ScheduleChanges, ScheduleInput
from ledger.services.schedules.schedules import stop_schedule, update_schedule, void_schedule

# Issued, and something is due.
_UNPAID = {"status[in]": "sent,overdue", "amount_due[gt]": "0"}

FIELDS: tuple[Declaration, ...] = (
    Node(TAX_RATES),
    Node(PRODUCTS),
    Node(INVOICES, aliases={"date": "invoice_date"}, words={"status": {"unpaid": _UNPAID}}),
    Node(CREDIT_NOTES, aliases={"date": "credit_date"}),
    Node(RECURRING_INVOICES),
    Node(PAYMENTS),
    Single("sales_settings", SalesSettingsBody, "sales_settings", lambda: settings_body(sales_settings())),
    Below(CUSTOMERS, "invoices", INVOICES, by(INVOICES, "customer_id")),
    Below(CUSTOMERS, "credit_notes", CREDIT_NOTES, by(CREDIT_NOTES, "customer_id")),
    Below(CUSTOMERS, "payments", PAYMENTS, by(PAYMENTS, "customer_id")),
    Below(INVOICES, "payments", PAYMENTS, through(PAYMENTS, PaymentApplication, "invoice_id", "payment")),
    create(INVOICES, InvoiceInput, create_invoice),
    act("send_*", INVOICES, SendInput, send_invoice),
    act("void_*", INVOICES, VoidInput, void_invoice),
    act("write_off_*", INVOICES, WriteOffInput, write_off_invoice),
    Write(
        "undo_write_off",
        INVOICES,
        undo_write_off,
        UndoWriteOffInput,
        INVOICES.body,
        names_row=True,
        flat=True,
        row_name="write_off",
        rows=lambda: WriteOff.objects.select_related("invoice"),
    ),
    create(PAYMENTS, PaymentInput, create_payment, prepare=new_payment),
    act("apply_*", PAYMENTS, ApplyInput, apply_payment, gives=PaymentApplicationBody, id_name="payment_id"),
    act("unapply_*", PAYMENTS, UnapplyInput, unapply_payment, id_name="payment_id"),
    act("refund_*", PAYMENTS, RefundInput, refund_payment, id_name="payment_id"),
    act("void_*", PAYMENTS, VoidInput, void_payment, id_name="payment_id"),
    create(SCHEDULES, ScheduleInput, create_schedule_of),
    update(SCHEDULES, ScheduleChanges, update_schedule),
    act("stop_*", SCHEDULES, ReversalInput, stop_schedule),
    act("void_*", SCHEDULES, ReversalInput, void_schedule),
    Subscription("invoice_created", INVOICES, "invoice.created"),
    Subscription("payment_received", PAYMENTS, "payment.received"),
)
