"""Input shapes of the sales side."""

from invoicing.serializers.catalogue import (
    ProductInput,
    SalesSettingsInput,
    TaxCalculationInput,
    TaxComponentInput,
    TaxRateInput,
)
from invoicing.serializers.documents import (
    ApplyInput,
    BulkSendInput,
    BulkVoidInput,
    CreditNoteInput,
    DocumentLineInput,
    InvoiceInput,
    MailingInput,
    RecurringInvoiceChanges,
    RecurringInvoiceInput,
    SendInput,
    UnapplyInput,
    UndoWriteOffInput,
    VoidInput,
    WriteOffInput,
)
from invoicing.serializers.fields import NumberField
from invoicing.serializers.opening import OpeningBalancesInput, OpeningLineInput, OpenInvoiceInput
from invoicing.serializers.payments import CardInput, CreditRefundInput, PaymentInput, RefundInput, new_payment
from invoicing.serializers.reports import (
    AgedReceivablesParams,
    CustomerStatementParams,
    OpenReceivablesParams,
    SalesTaxParams,
    StatementParams,
)

__all__ = [
    "AgedReceivablesParams",
    "ApplyInput",
    "BulkSendInput",
    "BulkVoidInput",
    "CardInput",
    "CreditNoteInput",
    "CreditRefundInput",
    "CustomerStatementParams",
    "DocumentLineInput",
    "InvoiceInput",
    "MailingInput",
    "NumberField",
    "OpenInvoiceInput",
    "OpenReceivablesParams",
    "OpeningBalancesInput",
    "OpeningLineInput",
    "PaymentInput",
    "ProductInput",
    "RecurringInvoiceChanges",
    "RecurringInvoiceInput",
    "RefundInput",
    "SalesSettingsInput",
    "SalesTaxParams",
    "SendInput",
    "StatementParams",
    "TaxCalculationInput",
    "TaxComponentInput",
    "TaxRateInput",
    "UnapplyInput",
    "UndoWriteOffInput",
    "VoidInput",
    "WriteOffInput",
    "new_payment",
]
