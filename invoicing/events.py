"""The events of sales, each with the object's body as it was when the event occurred; and the actors of its jobs."""

from bigledger.access.actors import register_actor
from bigledger.events.registry import register

PRODUCT_CREATED = register("product.created", "product", "New product created")
PRODUCT_UPDATED = register("product.updated", "product", "Product details updated")
PRODUCT_DELETED = register("product.deleted", "product", "Product deleted")
TAX_RATE_CREATED = register("tax_rate.created", "tax_rate", "New tax rate created")
TAX_RATE_UPDATED = register("tax_rate.updated", "tax_rate", "Tax rate updated")
TAX_RATE_DELETED = register("tax_rate.deleted", "tax_rate", "Tax rate deleted")
SETTINGS_UPDATED = register("sales_settings.updated", "sales_settings", "Rules for sales documents changed")

INVOICE_CREATED = register("invoice.created", "invoice", "New invoice created")
INVOICE_TAKEN_OVER = register("invoice.taken_over", "invoice", "Open invoice of another system taken over")
INVOICE_UPDATED = register("invoice.updated", "invoice", "Invoice updated")
INVOICE_DELETED = register("invoice.deleted", "invoice", "Draft invoice deleted")
INVOICE_SENT = register("invoice.sent", "invoice", "Invoice sent to customer")
INVOICE_VIEWED = register("invoice.viewed", "invoice", "Invoice opened by the customer for the first time")
INVOICE_PAID = register("invoice.paid", "invoice", "Invoice fully paid")
INVOICE_OVERDUE = register("invoice.overdue", "invoice", "Invoice is overdue")
INVOICE_VOIDED = register("invoice.voided", "invoice", "Invoice voided")
INVOICE_WRITTEN_OFF = register("invoice.written_off", "invoice", "Amount due on the invoice written off")
INVOICE_WRITE_OFF_UNDONE = register("invoice.write_off_undone", "invoice", "Write-off of the invoice undone")
INVOICE_RECOVERED = register("invoice.recovered", "invoice", "Payment received for an invoice that was written off")

CREDIT_NOTE_CREATED = register("credit_note.created", "credit_note", "Credit note issued")
CREDIT_NOTE_SENT = register("credit_note.sent", "credit_note", "Credit note mailed to customer")
CREDIT_NOTE_APPLIED = register("credit_note.applied", "payment_application", "Credit note applied to an invoice")
CREDIT_NOTE_UNAPPLIED = register("credit_note.unapplied", "credit_note", "Credit note taken off an invoice")
CREDIT_NOTE_REFUNDED = register("credit_note.refunded", "credit_note", "Credit note paid out")
CREDIT_NOTE_VOIDED = register("credit_note.voided", "credit_note", "Credit note voided")

PAYMENT_RECEIVED = register("payment.received", "payment", "Payment received")
PAYMENT_FAILED = register("payment.failed", "payment", "Payment failed")
PAYMENT_APPLIED = register("payment.applied", "payment_application", "Payment applied to an invoice")
PAYMENT_UNAPPLIED = register("payment.unapplied", "payment", "Payment taken off an invoice")
PAYMENT_REFUNDED = register("payment.refunded", "payment", "Payment refunded")
PAYMENT_VOIDED = register("payment.voided", "payment", "Payment voided: a bounced check, a chargeback")

RECURRING_CREATED = register("recurring_invoice.created", "recurring_invoice", "Recurring invoice created")
RECURRING_UPDATED = register("recurring_invoice.updated", "recurring_invoice", "Recurring invoice updated")
RECURRING_DELETED = register("recurring_invoice.deleted", "recurring_invoice", "Recurring invoice deleted")
RECURRING_PAUSED = register("recurring_invoice.paused", "recurring_invoice", "Recurring invoice paused")
RECURRING_RESUMED = register("recurring_invoice.resumed", "recurring_invoice", "Recurring invoice resumed")

OVERDUE = register_actor("system:overdue", "The job that marks invoices as overdue")
RECURRING_INVOICES = register_actor(
    "system:recurring_invoices", "The job that issues recurring invoices, on behalf of the member who created them"
)
HOSTED_PAGE = register_actor("hosted_page", "Anyone who opens the link of an invoice: usually its customer")
