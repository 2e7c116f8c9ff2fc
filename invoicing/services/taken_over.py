"""Invoices of another system that are still open: they keep their numbers, dates and customers.

Such an invoice is issued, but not by us: it has no revenue and no tax, is not mailed, and raises none of the events of
a sale. It has one line over what is due.
"""

from __future__ import annotations

import datetime
import uuid
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from bigledger import money
from bigledger.access.principal import Principal
from bigledger.api.lookup import by_reference, condition
from bigledger.errors import ApiError, Conflict, Detail, ResourceNotFound, ValidationFailed, combined
from bigledger.events.record import record
from bigledger.tenants.context import current_tenant
from customers.models import Customer
from customers.services.balance import change_balance, lock_customer
from invoicing.events import INVOICE_TAKEN_OVER
from invoicing.models import Invoice, InvoiceLine, InvoiceStatus, InvoiceTax
from invoicing.pdf.versions import keep_issued_invoices
from invoicing.selectors.documents import invoice_bodies
from invoicing.services.document_lines import write_lines
from invoicing.services.overdue import standing_of
from invoicing.services.pricing import price

_LINE = "Open amount of the invoice"


@dataclass(slots=True)
class OpenInvoice:
    """A row that is yet to be saved, the rate that was given for it, and what it is worth in base."""

    invoice: Invoice
    rate: Decimal | None = None
    base_amount: Decimal | None = None


def checked_invoices(
    given: Sequence[Mapping[str, Any]], date: datetime.date, *, created_by_id: uuid.UUID
) -> list[OpenInvoice]:
    """The rows as they will be. Raises ValidationFailed, ResourceNotFound and Conflict with every fault at once."""
    customers: dict[str, Customer] = by_reference(
        Customer.objects.filter(condition(Customer, [row["customer_id"] for row in given]))
    )
    numbers = Counter(row["number"] for row in given)
    taken = set(Invoice.objects.filter(number__in=list(numbers)).values_list("number", flat=True))
    faults: list[ApiError] = []
    found: list[OpenInvoice] = []
    for position, row in enumerate(given):
        path = f"open_invoices[{position}]"
        customer = customers.get(row["customer_id"])
        if customer is None:
            message = f"There is no {row['customer_id']}."
            faults.append(ResourceNotFound(message, [Detail(message, f"{path}.customer_id", code="not_found")]))
            continue
        if details := _faults(row, customer, date, path, is_repeated=numbers[row["number"]] > 1):
            faults.append(ValidationFailed(details=details))
        elif row["number"] in taken:
            message = f"There is an invoice {row['number']} already."
            faults.append(Conflict(message, [Detail(message, f"{path}.number", code="taken")]))
        rate = row.get("exchange_rate")
        found.append(OpenInvoice(_row(row, customer, date, created_by_id), rate))
    if faults:
        raise combined(faults)
    return found


def _faults(
    row: Mapping[str, Any], customer: Customer, date: datetime.date, path: str, *, is_repeated: bool
) -> list[Detail]:
    found: list[Detail] = []
    currency = row.get("currency", customer.currency)
    if money.has_excess_digits(row["amount_due"], currency):
        message = money.excess_digits_message(currency)
        found.append(Detail(message, f"{path}.amount_due", code="too_many_digits"))
    if not row["amount_due"]:
        found.append(Detail("An open invoice has an amount due.", f"{path}.amount_due", code="too_small"))
    if row["invoice_date"] > date:
        message = f"Must not be after the opening balances, {date}."
        found.append(Detail(message, f"{path}.invoice_date", code="out_of_range"))
    if row["due_date"] < row["invoice_date"]:
        message = f"Must not be before the invoice date, {row['invoice_date']}."
        found.append(Detail(message, f"{path}.due_date", code="out_of_range"))
    if is_repeated:
        found.append(Detail("Two open invoices have this number.", f"{path}.number", code="repeated"))
    return found


def _row(row: Mapping[str, Any], customer: Customer, date: datetime.date, created_by_id: uuid.UUID) -> Invoice:
    now = current_tenant().now()
    amount: Decimal = row["amount_due"]
    invoice = Invoice(
        number=row["number"],
        customer=customer,
        currency=row.get("currency", customer.currency),
        invoice_date=row["invoice_date"],
        due_date=row["due_date"],
        is_due_date_given=True,
        payment_terms=customer.payment_terms,
        subtotal=amount,
        discount_total=amount * 0,
        tax_total=amount * 0,
        total=amount,
        amount_due=amount,
        taken_over_on=date,
        sent_at=now,
        created_by_id=created_by_id,
        created_at=now,
        updated_at=now,
    )
    invoice.journal_entry_id = invoice.id  # its entry bears its id, as that of every issued invoice
    invoice.status = standing_of(invoice)
    if invoice.status == InvoiceStatus.OVERDUE:
        invoice.overdue_told = [invoice.due_date]  # it was so before it came here
    return invoice


def take_over(invoices: Sequence[OpenInvoice], *, acting: Principal) -> None:
    """Saves the invoices, whose entries are posted, and adds them to what their customers owe."""
    owed: defaultdict[Any, Decimal] = defaultdict(Decimal)
    for each in invoices:
        owed[each.invoice.customer_id, each.invoice.currency] += each.invoice.total
    for (customer_id, currency), amount in sorted(owed.items()):
        change_balance(customer=lock_customer(customer_id), increase=amount, currency=currency, acting=acting)
    rows = [each.invoice for each in invoices]
    for invoice, each in zip(rows, invoices, strict=True):
        invoice.exchange_rate, invoice.base_total = each.rate, each.base_amount or Decimal(0)
        invoice.save(force_insert=True)
        line = {"description": _LINE, "quantity": Decimal(1), "unit_price": invoice.total}
        write_lines(InvoiceLine, InvoiceTax, price([line], invoice.currency), invoice=invoice)
    bodies = invoice_bodies(rows)
    keep_issued_invoices(rows, bodies)
    for invoice, body in zip(rows, bodies, strict=True):
        record(INVOICE_TAKEN_OVER, invoice.id, body, acting=acting)
