"""The tables of the sales side."""

from invoicing.models.catalogue import (
    BadDebtMethod,
    DepositAccount,
    Product,
    SalesSettings,
    TaxComponent,
    TaxKind,
    TaxRate,
    TaxRounding,
    UnappliedAs,
)
from invoicing.models.credit import CreditNote, CreditNoteLine, CreditNoteTax
from invoicing.models.invoices import DueDateChange, Invoice, InvoiceLine, InvoiceStatus, InvoiceTax
from invoicing.models.payments import Payment, PaymentApplication, PaymentMethod, PaymentStatus, Refund
from invoicing.models.recurring import Frequency, RecurringInvoice, RecurringInvoiceLine, RecurringStatus
from invoicing.models.versions import DocumentKind, DocumentVersion
from invoicing.models.write_offs import WriteOff, WriteOffKind, WriteOffTax, WriteOffUndo

__all__ = [
    "BadDebtMethod",
    "CreditNote",
    "CreditNoteLine",
    "CreditNoteTax",
    "DepositAccount",
    "DocumentKind",
    "DocumentVersion",
    "DueDateChange",
    "Frequency",
    "Invoice",
    "InvoiceLine",
    "InvoiceStatus",
    "InvoiceTax",
    "Payment",
    "PaymentApplication",
    "PaymentMethod",
    "PaymentStatus",
    "Product",
    "RecurringInvoice",
    "RecurringInvoiceLine",
    "RecurringStatus",
    "Refund",
    "SalesSettings",
    "TaxComponent",
    "TaxKind",
    "TaxRate",
    "TaxRounding",
    "UnappliedAs",
    "WriteOff",
    "WriteOffKind",
    "WriteOffTax",
    "WriteOffUndo",
]
