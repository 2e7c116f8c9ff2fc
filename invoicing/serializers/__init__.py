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
    RecurringInvoiceChanges,
    RecurringInvoiceInput,
    SendInput,
    VoidInput,
    WriteOffInput,
)
from invoicing.serializers.fields import NumberField
from invoicing.serializers.payments import CardInput, PaymentInput, RefundInput, new_payment
from invoicing.serializers.reports import (
    AgedReceivablesParams,
    CustomerStatementParams,
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
    "CustomerStatementParams",
    "DocumentLineInput",
    "InvoiceInput",
    "NumberField",
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
    "VoidInput",
    "WriteOffInput",
    "new_payment",
]
