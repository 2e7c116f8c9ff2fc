"""The public page of a customer, `/c/<token>`: open invoices, to be paid together, and the statement."""

from __future__ import annotations

import re
import uuid
from decimal import Decimal
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from bigledger import ids, money
from bigledger.access import limits
from bigledger.access.address import address_of
from bigledger.errors import ApiError, RateLimitExceeded
from bigledger.tenants.context import current_tenant, tenant_context
from customers.models import Customer
from invoicing.models import Invoice, InvoiceStatus, Payment, PaymentStatus
from invoicing.pdf.document import seller_lines
from invoicing.pdf.parties import seller_of
from invoicing.pdf.stored import stored_pdf_or_row
from invoicing.reports.customer_statement import StatementRow, customer_statement
from invoicing.selectors.formatting import format_day
from invoicing.selectors.terms import early_terms
from invoicing.services.customer_page import MAX_PAID, open_invoices, pay_invoices, tenant_of_customer_token
from invoicing.services.hosted import payable_now
from invoicing.views.public import (
    TOO_MANY_CARDS,
    BadCard,
    card_of,
    counted,
    in_words,
    logo_answer,
    pdf_answer,
    private_page,
    shown_amount,
    takes_cards,
)


class _Refused(ValueError):
    """Why the payment failed, in words for the customer."""


_MAX_ROWS = 50  # of the statement
_DUE = re.compile(r"[0-9]{1,20}(\.[0-9]{1,4})?")
_TYPES = {
    "invoice": "Invoice", "void": "Invoice voided:", "payment": "Payment", "payment_void": "Payment returned:",
    "credit_note": "Credit note", "credit_note_void": "Credit note voided:", "refund": "Refund of",
    "write_off": "Waived:", "write_off_undone": "Due again:", "recovery": "Due again:",
}  # fmt: skip


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def customer_page(request: HttpRequest, token: str) -> HttpResponse:
    """Shows what is open; a POST pays the chosen invoices by one card, where the gateway takes numbers."""
    if refused := counted(request, token):
        return refused
    with tenant_context(_tenant(token)):
        customer = _customer(token)
        if request.method != "POST":
            return _page(request, customer)
        try:
            paid = _pay(request, customer)
        except RateLimitExceeded as fault:
            return _page(request, customer, TOO_MANY_CARDS, 429, fault.retry_after_seconds)
        except _Refused as refused:
            return _page(request, customer, str(refused), 402)
    return HttpResponseRedirect(f"{request.path}?paid={paid}")


@never_cache
@require_safe
def customer_receipt(request: HttpRequest, token: str, payment: str) -> HttpResponse:
    """The receipt of a payment of the customer of this link."""
    if refused := counted(request, token):
        return refused
    tenant = _tenant(token)
    with tenant_context(tenant):
        row = _payment(_customer(token), payment)
        if row is None:
            raise Http404
        found = stored_pdf_or_row(row)
    return pdf_answer(request, tenant, found, f"receipt-{row.number}")


@require_safe
def customer_logo(request: HttpRequest, token: str) -> HttpResponse:
    """The logo that the tenant has now."""
    if refused := counted(request, token):
        return refused
    with tenant_context(_tenant(token)):
        _customer(token)
        return logo_answer(current_tenant().logo_id)


def _tenant(token: str) -> uuid.UUID:
    tenant = tenant_of_customer_token(token)
    if tenant is None:
        raise Http404
    return tenant


def _customer(token: str) -> Customer:
    customer = Customer.objects.filter(hosted_token=token).first()
    if customer is None:
        raise Http404
    return customer


def _payment(customer: Customer, text: str) -> Payment | None:
    """A received payment of the customer by its id."""
    identifier = ids.decode(Payment.id_prefix, text)
    if identifier is None:
        return None
    return Payment.objects.filter(customer=customer, id=identifier, number__isnull=False).first()


def _chosen(request: HttpRequest) -> dict[uuid.UUID, Decimal]:
    """The invoices that were ticked, each with what was due when the page was shown. Raises _Refused."""
    found: dict[uuid.UUID, Decimal] = {}
    for text in request.POST.getlist("invoice")[: MAX_PAID + 1]:
        name, _, due = text[:100].partition(" ")
        identifier = ids.decode(Invoice.id_prefix, name)
        if identifier is None or not _DUE.fullmatch(due):
            raise _Refused("Choose the invoices from the list on this page.")
        found[identifier] = Decimal(due)
    if not found:
        raise _Refused("Choose at least one invoice.")
    if len(found) > MAX_PAID:
        raise _Refused(f"At most {MAX_PAID} invoices can be paid at once.")
    return found


def _pay(request: HttpRequest, customer: Customer) -> str:
    """The id of the payment. Raises _Refused, RateLimitExceeded."""
    if not takes_cards():
        raise _Refused("Invoices cannot be paid here.")
    due = _chosen(request)
    try:
        card = card_of(request)
    except BadCard as fault:
        raise _Refused(str(fault)) from None
    limits.count_card_attempt(address_of(request), customer.hosted_token)
    try:
        payment = pay_invoices(customer=customer, due=due, card=card)
    except ApiError as fault:
        raise _Refused(in_words(fault)) from None
    if payment.status == PaymentStatus.FAILED:
        limits.count_declined_card(address_of(request))
        raise _Refused(payment.failure_message or "The card was declined.")
    return payment.id


def _page(
    request: HttpRequest, customer: Customer, problem: str = "", status: int = 200, retry_after_seconds: int = 0
) -> HttpResponse:
    def shown(amount: Decimal) -> str:
        return shown_amount(amount, customer.currency)

    invoices = list(open_invoices(customer)[: MAX_PAID + 1])
    now = {invoice.id: payable_now(invoice) for invoice in invoices[:MAX_PAID]}
    deducted = sum((invoice.amount_due - now[invoice.id] for invoice in invoices[:MAX_PAID]), Decimal(0))
    statement = customer_statement(customer_id=customer.public_id)
    seller = seller_of(current_tenant())
    aging = statement.aging
    due = aging.total + aging.unapplied_credit
    paid = _payment(customer, request.GET.get("paid", ""))
    context: dict[str, object] = {
        "seller": seller,
        "seller_lines": seller_lines(seller),
        "customer": customer,
        "open": [_open_row(invoice, now[invoice.id], request) for invoice in invoices[:MAX_PAID]],
        "early": {"amount": shown(due - deducted), "discount": shown(deducted)} if deducted else None,
        "most": MAX_PAID,
        "is_cut": len(invoices) > MAX_PAID,
        "due": shown(due),
        "overdue": shown(due - aging.current) if due != aging.current else "",
        "credit": shown(-aging.unapplied_credit) if aging.unapplied_credit else "",
        "balance": shown(statement.totals.closing_balance),
        "currency": customer.currency,
        "digits": money.decimal_places(customer.currency),
        "rows": [_statement_row(row, customer.currency) for row in reversed(statement.rows[-_MAX_ROWS:])],
        "most_rows": _MAX_ROWS,
        "has_receipts": any(row.type == "payment" for row in statement.rows[-_MAX_ROWS:]),
        "is_shortened": len(statement.rows) > _MAX_ROWS,
        "takes_payment": takes_cards() and invoices,
        "problem": problem,
        "paid": {"id": paid.public_id, "number": paid.number, "amount": shown(paid.amount)} if paid else None,
    }
    return private_page(request, "invoicing/customer.html", context, status, retry_after_seconds)


def _open_row(invoice: Invoice, due: Decimal, request: HttpRequest) -> dict[str, Any]:
    """`due` settles it today. `choice` names the invoice and that amount, so that nobody pays another than the one
    shown."""
    choice = f"{invoice.public_id} {due}"
    early = early_terms(invoice) if due != invoice.amount_due else None
    return {
        "choice": choice,
        "is_chosen": request.method != "POST" or choice in request.POST.getlist("invoice")[:MAX_PAID],
        "number": invoice.number,
        "path": f"/i/{invoice.hosted_token}",
        "date": format_day(invoice.invoice_date),
        "due_date": format_day(invoice.due_date),
        "is_overdue": invoice.status == InvoiceStatus.OVERDUE,
        "total": shown_amount(invoice.total, invoice.currency) if invoice.total != invoice.amount_due else "",
        "due": shown_amount(due, invoice.currency),
        "early": {"date": format_day(early.until), "after": shown_amount(invoice.amount_due, invoice.currency)}
        if early
        else None,
    }


def _statement_row(row: StatementRow, currency: str) -> dict[str, str]:
    return {
        "date": format_day(row.date),
        "what": _TYPES[row.type],
        "number": row.number,
        "receipt": f"receipts/{row.id}" if row.type == "payment" else "",
        "amount": shown_amount(row.amount, currency),
        "balance": shown_amount(row.balance, currency),
    }
