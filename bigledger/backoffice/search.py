"""One search over everything: by number, name, reference, amount or id, in a number of queries that does not grow."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any

from django.contrib import admin
from django.db.models import DecimalField, Q
from django.http import HttpRequest
from django.urls import reverse
from unfold.dataclasses import SearchResult

from bigledger.access.admin_columns import grouped
from bigledger.access.admin_tenant import TenantAdmin, may
from bigledger.api.resource import Resource
from bigledger.api.storable import is_storable
from bigledger.backoffice.addresses import page_of
from bigledger.backoffice.choices import resources, text_of

MOST_OF_A_KIND = 5
_LONGEST = 100
_AMOUNTS = ("total", "amount", "amount_due", "total_debit")  # by which a document is asked for


def find(request: HttpRequest, term: str) -> list[SearchResult]:
    """Rows that have the text in one of their names, or the amount as one of their own, or this id."""
    term = term.strip()[:_LONGEST]
    if not term or not is_storable(term):
        return []
    if (address := page_of(term)) and not address.endswith(f"?q={term}") and "_" in term:
        return [SearchResult(term, "by its id", address, "tag")]
    return [result for one in resources().values() if may(request, "read", one.name) for result in _of(one, term)]


def _of(resource: Resource, term: str) -> Iterator[SearchResult]:
    model: Any = resource.model
    page = admin.site._registry.get(model)
    condition = Q()
    names = {name for name in (*resource.listing.search, model.natural_field) if name}
    for name in names:
        condition |= Q(**{f"{name}__icontains": term})
    if (amount := _amount(term)) is not None:
        for column in model._meta.fields:
            if column.name in _AMOUNTS and isinstance(column, DecimalField):
                condition |= Q(**{column.name: amount})
    if not condition or not isinstance(page, TenantAdmin):
        return
    kind = resource.singular.replace("_", " ")
    link = f"admin:{model._meta.app_label}_{model._meta.model_name}_change"
    rows = resource.all().filter(condition).order_by("-pk")
    if followed := page.list_select_related:
        rows = rows.select_related(*followed) if not isinstance(followed, bool) else rows.select_related()
    for row in rows.distinct()[:MOST_OF_A_KIND]:
        yield SearchResult(text_of(row), ", ".join([kind, *_facts(row)]), reverse(link, args=(row.pk,)), "tag")


def _amount(term: str) -> Decimal | None:
    try:
        amount = Decimal(term.replace(",", ""))
    except InvalidOperation:
        return None
    return amount if amount.is_finite() and amount.adjusted() < 15 else None


def _facts(row: Any) -> Iterator[str]:
    """Of a document whose it is, and over how much."""
    if (customer := getattr(row, "customer", None)) is not None:
        yield str(customer)
    for name in _AMOUNTS:
        if isinstance(amount := getattr(row, name, None), Decimal) and getattr(row, "currency", None):
            yield f"{grouped(amount, row.currency)} {row.currency}"
            return
