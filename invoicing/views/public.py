"""What the public pages have in common: limits, headers, documents, the card in a form."""

from __future__ import annotations

import uuid
from decimal import Decimal

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from bigledger.access import limits
from bigledger.access.address import address_of
from bigledger.errors import ApiError, RateLimitExceeded, ServiceUnavailable
from bigledger.tenants.models import Logo
from invoicing.gateway import Card
from invoicing.pdf.stored import wait_for_pdf
from invoicing.selectors.formatting import format_money

TOO_MANY_CARDS = "Too many cards were tried. Try again in an hour, or pay in another way."
_EXPIRY_PARTS = 2
# Neither a search engine nor the next page's server may learn the link.
_PRIVATE = {"X-Robots-Tag": "noindex, nofollow", "Referrer-Policy": "same-origin"}


class BadCard(ValueError):
    """What is wrong with the card in the form, in words for the customer."""


def takes_cards() -> bool:
    """Whether the gateway accepts the number of a card from a page of ours."""
    return bool(settings.PAYMENT_GATEWAY == "sandbox")


def counted(request: HttpRequest, token: str) -> HttpResponse | None:
    """Counts one visit, by address and by link. Returns the page that refuses it, or None if it is allowed."""
    try:
        limits.count_opening(address_of(request), token)
    except RateLimitExceeded as fault:
        text = f"This page was opened too often. Try again in {fault.retry_after_seconds} seconds."
        return _message_page(request, fault.status, "Too many requests", text, fault.retry_after_seconds)
    return None


def private_page(
    request: HttpRequest, template: str, context: dict[str, object], status: int, retry_after_seconds: int = 0
) -> HttpResponse:
    response = render(request, template, context, status=status)
    if retry_after_seconds:
        response["Retry-After"] = str(retry_after_seconds)
    return _private(response)


def pdf_answer(request: HttpRequest, tenant: uuid.UUID, found: bytes | uuid.UUID, name: str) -> HttpResponse:
    """A stored PDF, or the one that a worker is asked for; call this outside of the tenant's transaction."""
    if not isinstance(found, bytes):
        try:
            found = wait_for_pdf(tenant, found)
        except ServiceUnavailable as fault:
            title = "This document is being prepared"
            return _message_page(request, fault.status, title, fault.message, fault.retry_after_seconds)
    headers = {"Content-Disposition": f'attachment; filename="{name}.pdf"'}
    return _private(HttpResponse(found, content_type="application/pdf", headers=headers))


def logo_answer(identifier: str | uuid.UUID | None) -> HttpResponse:
    """Raises Http404 without a logo."""
    if identifier is None:
        raise Http404
    content = bytes(Logo.objects.get(pk=identifier).content)
    headers = {"Cache-Control": "private, max-age=3600"}
    return _private(HttpResponse(content, content_type="image/png", headers=headers))


def shown_amount(amount: Decimal, currency: str, *, is_price: bool = False) -> str:
    return format_money(amount, currency, is_price=is_price).replace("-", "\N{MINUS SIGN}")


def card_of(request: HttpRequest) -> Card:
    """The card in the fields of the form. Raises BadCard."""
    expiry = request.POST.get("expiry", "").replace(" ", "").split("/")
    if len(expiry) != _EXPIRY_PARTS or not all(part.isascii() and part.isdigit() and len(part) <= 4 for part in expiry):
        raise BadCard("Enter the expiry date as MM/YY.")
    month, year = int(expiry[0]), int(expiry[1])
    if not 1 <= month <= 12:
        raise BadCard("Enter the expiry date as MM/YY.")
    return Card(
        number=request.POST.get("number", "")[:40],
        cvc=request.POST.get("cvc", "")[:4],
        exp_month=month,
        exp_year=year if year > 99 else 2000 + year,
    )


def in_words(fault: ApiError) -> str:
    """Why a payment was refused, for the customer."""
    return fault.details[0].message if fault.details else fault.message


def _message_page(request: HttpRequest, status: int, title: str, text: str, retry_after_seconds: int) -> HttpResponse:
    """A short page that says why something cannot be done now."""
    context: dict[str, object] = {"title": title, "text": text}
    return private_page(request, "invoicing/hosted_message.html", context, status, retry_after_seconds)


def _private(response: HttpResponse) -> HttpResponse:
    for name, value in _PRIVATE.items():
        response[name] = value
    return response
