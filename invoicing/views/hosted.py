"""The public page of an invoice, `/i/<token>`: no account, no credential but the link itself."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from bigledger.access import limits
from bigledger.access.address import address_of
from bigledger.errors import ApiError, RateLimitExceeded, ServiceUnavailable
from bigledger.tenants.context import tenant_context
from bigledger.tenants.models import Logo
from invoicing.gateway import Card
from invoicing.models import Invoice, Payment, PaymentStatus
from invoicing.models.invoices import OPEN_STATUSES
from invoicing.pdf.document import seller_lines
from invoicing.pdf.stored import stored_pdf_or_row, wait_for_pdf
from invoicing.pdf.versions import issued_content
from invoicing.selectors.documents import invoice_body
from invoicing.selectors.formatting import format_day, format_money, format_number
from invoicing.services.hosted import hosted_invoice, pay_hosted_invoice, record_view, tenant_of_token

_EXPIRY_PARTS = 2
_TOO_MANY_CARDS = "Too many cards were tried. Try again in an hour, or pay in another way."


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def hosted_page(request: HttpRequest, token: str) -> HttpResponse:
    """Shows the invoice; a POST pays what is due by card, where the gateway takes numbers."""
    if refused := _counted(request, token):
        return refused
    with tenant_context(_tenant(token)):
        invoice = _invoice(token)
        if request.method != "POST":
            record_view(invoice=invoice)
            return _page(request, invoice)
        try:
            problem = _pay(request, invoice)
        except RateLimitExceeded as fault:
            return _page(request, invoice, _TOO_MANY_CARDS, 429, fault.retry_after_seconds)
        if problem:
            return _page(request, invoice, problem)
    return HttpResponseRedirect(request.path)


@never_cache
@require_safe
def hosted_pdf(request: HttpRequest, token: str) -> HttpResponse:
    if refused := _counted(request, token):
        return refused
    tenant = _tenant(token)
    with tenant_context(tenant):
        invoice = _invoice(token)
        found = stored_pdf_or_row(invoice)
    return _pdf(request, tenant, found, str(invoice))


@never_cache
@require_safe
def hosted_receipt(request: HttpRequest, token: str, payment: str) -> HttpResponse:
    """The receipt of a payment that was applied to the invoice of this link."""
    if refused := _counted(request, token):
        return refused
    tenant = _tenant(token)
    with tenant_context(tenant):
        paid = Payment.objects.filter(applications__invoice=_invoice(token), number__isnull=False)
        row = next((each for each in paid.distinct() if each.id.hex == payment), None)
        if row is None:
            raise Http404
        found = stored_pdf_or_row(row)
    return _pdf(request, tenant, found, f"receipt-{row.number}")


@require_safe
def hosted_logo(request: HttpRequest, token: str) -> HttpResponse:
    """The logo that the invoice of this link was issued with."""
    if refused := _counted(request, token):
        return refused
    with tenant_context(_tenant(token)):
        identifier = issued_content(_invoice(token))["seller"]["logo"]
        if identifier is None:
            raise Http404
        content = bytes(Logo.objects.get(pk=identifier).content)
    headers = {"Cache-Control": "private, max-age=3600", **_PRIVATE}
    return HttpResponse(content, content_type="image/png", headers=headers)


def _pdf(request: HttpRequest, tenant: Any, found: bytes | uuid.UUID, name: str) -> HttpResponse:
    if not isinstance(found, bytes):
        try:
            found = wait_for_pdf(tenant, found)
        except ServiceUnavailable as fault:
            return _message_page(
                request, fault.status, "This document is being prepared", fault.message, fault.retry_after_seconds
            )
    headers = {"Content-Disposition": f'attachment; filename="{name}.pdf"', **_PRIVATE}
    return HttpResponse(found, content_type="application/pdf", headers=headers)


# Neither a search engine nor the next page's server may learn the link.
_PRIVATE = {"X-Robots-Tag": "noindex, nofollow", "Referrer-Policy": "same-origin"}


def _counted(request: HttpRequest, token: str) -> HttpResponse | None:
    """Counts one visit, by address and by link. Returns the page that refuses it, or None if it is allowed."""
    try:
        limits.count_opening(address_of(request), token)
    except RateLimitExceeded as fault:
        text = f"This page was opened too often. Try again in {fault.retry_after_seconds} seconds."
        return _message_page(request, fault.status, "Too many requests", text, fault.retry_after_seconds)
    return None


def _message_page(request: HttpRequest, status: int, title: str, text: str, retry_after_seconds: int) -> HttpResponse:
    """A short page that says why something cannot be done now."""
    response = render(request, "invoicing/hosted_message.html", {"title": title, "text": text}, status=status)
    response["Retry-After"] = str(retry_after_seconds)
    for name, value in _PRIVATE.items():
        response[name] = value
    return response


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
    expiry = request.POST.get("expiry", "").replace(" ", "").split("/")
    if len(expiry) != _EXPIRY_PARTS or not all(part.isascii() and part.isdigit() and len(part) <= 4 for part in expiry):
        return "Enter the expiry date as MM/YY."
    month, year = int(expiry[0]), int(expiry[1])
    card = Card(
        number=request.POST.get("number", "")[:40],
        cvc=request.POST.get("cvc", "")[:4],
        exp_month=month,
        exp_year=year if year > 99 else 2000 + year,
    )
    if not 1 <= month <= 12:
        return "Enter the expiry date as MM/YY."
    limits.count_card_attempt(address_of(request), invoice.hosted_token)
    try:
        payment = pay_hosted_invoice(invoice=invoice, card=card)
    except ApiError as fault:
        return fault.details[0].message if fault.details else fault.message
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
    return settings.PAYMENT_GATEWAY == "sandbox" and invoice.status in OPEN_STATUSES


def _page(
    request: HttpRequest, invoice: Invoice, problem: str | None = None, status: int = 402, retry_after_seconds: int = 0
) -> HttpResponse:
    body = invoice_body(invoice)

    def shown(amount: Any) -> str:
        return format_money(amount, body.currency).replace("-", "\N{MINUS SIGN}")

    lines = [
        {
            "description": line.description,
            "quantity": format_number(line.quantity),
            "unit_price": shown(line.unit_price),
            "discount": f"{format_number(line.discount_percentage)} % discount: {shown(-line.discount_amount)}"
            if line.discount_percentage
            else "",
            "amount": shown(line.subtotal),
        }
        for line in body.lines
    ]
    sums = [("Subtotal", shown(body.subtotal))]
    if body.discount_total:
        sums.append(("Discount", shown(-body.discount_total)))
    sums += [(tax.name, shown(tax.amount)) for tax in body.taxes]
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
        "sums": sums,
        "total": shown(body.total),
        "reductions": [(name, shown(-amount)) for name, amount in reductions if amount],
        "due": shown(body.amount_due),
        "takes_payment": takes_payment(invoice),
        "takes_money": invoice.status in OPEN_STATUSES,
        "problem": problem,
    }
    response = render(request, "invoicing/hosted.html", context, status=status if problem else 200)
    if retry_after_seconds:
        response["Retry-After"] = str(retry_after_seconds)
    for name, value in _PRIVATE.items():
        response[name] = value
    return response
