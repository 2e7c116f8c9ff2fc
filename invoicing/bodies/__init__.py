"""Output: the bodies of sales documents, the same on REST, in GraphQL and in events."""

from invoicing.bodies.catalogue import (
    DepositAccountsBody,
    ProductBody,
    SalesSettingsBody,
    SeriesBody,
    TaxCalculationBody,
    TaxCalculationLineBody,
    TaxComponentBody,
    TaxRateBody,
)
from invoicing.bodies.documents import (
    CreditNoteBody,
    CreditNoteLineBody,
    DocumentLineBody,
    DocumentTaxBody,
    EarlyPaymentBody,
    InvoiceBody,
    OpeningBalancesBody,
    RecurringInvoiceBody,
    RecurringLineBody,
    WriteOffBody,
)
from invoicing.bodies.payments import CardBody, PaymentApplicationBody, PaymentBody, RefundBody

__all__ = [
    "CardBody",
    "CreditNoteBody",
    "CreditNoteLineBody",
    "DepositAccountsBody",
    "DocumentLineBody",
    "DocumentTaxBody",
    "EarlyPaymentBody",
    "InvoiceBody",
    "OpeningBalancesBody",
    "PaymentApplicationBody",
    "PaymentBody",
    "ProductBody",
    "RecurringInvoiceBody",
    "RecurringLineBody",
    "RefundBody",
    "SalesSettingsBody",
    "SeriesBody",
    "TaxCalculationBody",
    "TaxCalculationLineBody",
    "TaxComponentBody",
    "TaxRateBody",
    "WriteOffBody",
]
