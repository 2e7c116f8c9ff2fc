"""The public page of an invoice, `/i/<token>`: no account, no credential but the link itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from bigledger.access import limits
from bigledger.access.address import address_of
from bigledger.errors import ApiError, RateLimitExceeded
from bigledger.tenants.context import tenant_context
from invoicing.models import Invoice, Payment, PaymentStatus
from invoicing.models.invoices import OPEN_STATUSES
from invoicing.pdf.document import seller_lines
from invoicing.pdf.stored import stored_pdf_or_row
from invoicing.pdf.versions import issued_content
from invoicing.selectors.documents import invoice_body
from invoicing.selectors.formatting import format_day, format_number
from invoicing.selectors.sums import discount_words, item_head, rows_in_total, rows_to_total
from invoicing.selectors.terms import early_terms
from invoicing.services.hosted import (
    hosted_invoice,
    pay_hosted_invoice,
    payable_now,
    record_view,
    tenant_of_token,
)
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


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def hosted_page(request: HttpRequest, token: str) -> HttpResponse:
    """Shows the invoice; a POST pays what is due by card, where the gateway takes numbers."""
    if refused := counted(request, token):
        return refused
    with tenant_context(_tenant(token)):
        invoice = _invoice(token)
        if request.method != "POST":
            record_view(invoice=invoice)
            return _page(request, invoice)
        try:
            problem = _pay(request, invoice)
        except RateLimitExceeded as fault:
            return _page(request, invoice, TOO_MANY_CARDS, 429, fault.retry_after_seconds)
        if problem:
            return _page(request, invoice, problem)
    return HttpResponseRedirect(request.path)


@never_cache
@require_safe
def hosted_pdf(request: HttpRequest, token: str) -> HttpResponse:
    if refused := counted(request, token):
        return refused
    tenant = _tenant(token)
    with tenant_context(tenant):
        invoice = _invoice(token)
        found = stored_pdf_or_row(invoice)
    return pdf_answer(request, tenant, found, str(invoice))


@never_cache
@require_safe
def hosted_receipt(request: HttpRequest, token: str, payment: str) -> HttpResponse:
    """The receipt of a payment that was applied to the invoice of this link."""
    if refused := counted(request, token):
        return refused
    tenant = _tenant(token)
    with tenant_context(tenant):
        paid = Payment.objects.filter(applications__invoice=_invoice(token), number__isnull=False)
        row = next((each for each in paid.distinct() if each.id.hex == payment), None)
        if row is None:
            raise Http404
        found = stored_pdf_or_row(row)
    return pdf_answer(request, tenant, found, f"receipt-{row.number}")


@require_safe
def hosted_logo(request: HttpRequest, token: str) -> HttpResponse:
    """The logo that the invoice of this link was issued with."""
    if refused := counted(request, token):
        return refused
    with tenant_context(_tenant(token)):
        return logo_answer(issued_content(_invoice(token))["seller"]["logo"])


def _tenant(token: str) -> Any:
    tenant = tenant_of_token(token)
    if tenant is None:
        raise Http404
    return tenant


def _invoice(token: str) -> Invoice:
    invoice = hosted_invoice(token)
    if invoice is None:
        raise Http404
    return invoice


def _pay(request: HttpRequest, invoice: Invoice) -> str | None:
    """Why the payment failed, in words for the customer; None if it succeeded."""
    if not takes_payment(invoice):
        return "This invoice cannot be paid here."
    try:
        card = card_of(request)
    except BadCard as fault:
        return str(fault)
    limits.count_card_attempt(address_of(request), invoice.hosted_token)
    try:
        payment = pay_hosted_invoice(invoice=invoice, card=card)
    except ApiError as fault:
        return in_words(fault)
    if payment.status != PaymentStatus.FAILED:
        return None
    limits.count_declined_card(address_of(request))
    return payment.failure_message


def _receipts(invoice: Invoice) -> list[dict[str, str]]:
    """The payments of the invoice, each with the address of its receipt below the page's."""
    paid = Payment.objects.filter(applications__invoice=invoice, applications__released_on=None, number__isnull=False)
    return [
        {
            "path": f"receipts/{payment.id.hex}",
            "text": f"Receipt {payment.number}",
        }
        for payment in paid.distinct().order_by("payment_date", "id")
    ]


def takes_payment(invoice: Invoice) -> bool:
    return takes_cards() and invoice.status in OPEN_STATUSES


def _early(invoice: Invoice, shown: Callable[[Any], str]) -> dict[str, str] | None:
    """What may be deducted, while it may."""
    terms, amount = early_terms(invoice), payable_now(invoice)
    if terms is None or amount == invoice.amount_due:
        return None
    return {"date": format_day(terms.until), "discount": shown(terms.discount), "amount": shown(amount)}


def _page(
    request: HttpRequest, invoice: Invoice, problem: str | None = None, status: int = 402, retry_after_seconds: int = 0
) -> HttpResponse:
    body = invoice_body(invoice)

    def shown(amount: Any, *, is_price: bool = False) -> str:
        return shown_amount(amount, body.currency, is_price=is_price)

    lines = [
        {
            "description": line.description,
            "quantity": format_number(line.quantity),
            "unit_price": shown(line.unit_price, is_price=True),
            "discount": f"{words}: {shown(-line.discount_amount)}" if (words := discount_words(line)) else "",
            "amount": shown(line.subtotal),
        }
        for line in body.lines
    ]
    reductions = [("Paid", body.amount_paid), ("Credited", body.amount_credited), ("Waived", body.amount_written_off)]
    issued = issued_content(invoice)
    context = {
        "seller": issued["seller"],
        "seller_lines": seller_lines(issued["seller"]),
        "invoice": body,
        "buyer": issued["buyer"],
        "receipts": _receipts(invoice),
        "invoice_date": format_day(body.invoice_date),
        "due_date": format_day(body.due_date),
        "lines": lines,
        "sums": [(name, shown(amount)) for name, amount in rows_to_total(body)],
        "included": [(name, shown(amount)) for name, amount in rows_in_total(body)],
        "amount_head": item_head(body)[-1],
        "total": shown(body.total),
        "reductions": [(name, shown(-amount)) for name, amount in reductions if amount],
        "due": shown(body.amount_due),
        "early": _early(invoice, shown),
        "pay": shown(payable_now(invoice)),
        "takes_payment": takes_payment(invoice),
        "takes_money": invoice.status in OPEN_STATUSES,
        "problem": problem,
    }
    return private_page(request, "invoicing/hosted.html", context, status if problem else 200, retry_after_seconds)
