"""What payment terms say: `net_30`, and `2_10_net_30`, which allows a discount for early payment."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from decimal import Decimal

from bigledger import money
from invoicing.models import Invoice, InvoiceStatus
from invoicing.models.invoices import OPEN_STATUSES
from invoicing.totals import percent_of


@dataclass(frozen=True, slots=True)
class EarlyTerms:
    """`discount` may be deducted by who pays on `until` at the latest, `days` after the date of the invoice."""

    percentage: Decimal
    days: int
    until: datetime.date
    discount: Decimal


def net_days(terms: str) -> int:
    return 0 if terms == "due_on_receipt" else int(terms.rpartition("net_")[2])


def early_terms(invoice: Invoice) -> EarlyTerms | None:
    """Of a draft or an open invoice; None where the terms offer none. What was credited is not discounted."""
    early, _, _ = invoice.payment_terms.rpartition("_net_")
    if not early or invoice.status not in (InvoiceStatus.DRAFT, *OPEN_STATUSES):
        return None
    percentage, days = Decimal(early.split("_")[0]), int(early.split("_")[1])
    base = invoice.total - invoice.amount_credited
    return EarlyTerms(
        percentage,
        days,
        invoice.invoice_date + datetime.timedelta(days=days),
        money.to_currency(percent_of(base, percentage, invoice.currency), invoice.currency),
    )
