"""From an id, or an address of the API, to the page of the back office that shows the same."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qsl, urlencode

from django.contrib import admin
from django.db.models import Model
from django.urls import reverse

from bigledger import ids
from bigledger.access.admin_tenant import TenantAdmin
from bigledger.api.resource import singular

_OPERATORS = {"[gte]": "__gte", "[lte]": "__lte", "[gt]": "__gt", "[lt]": "__lt"}
LEDGER = "general_ledger"  # the report that shows the lines of an account


def page_of(address: str) -> str | None:
    """None when no page shows it. An account's ledger is the general ledger of that account."""
    path, _, query = address.partition("?")
    given = dict(parse_qsl(query))
    match path.removeprefix("/v1/").split("/"):
        case ["reports", name]:
            return _report(name, given)
        case ["accounts", reference, _]:
            days = {"from": given.get("date[gte]", ""), "to": given.get("date[lte]", "")}
            return _report(LEDGER, {"account_id": reference, **{name: day for name, day in days.items() if day}})
        case [route] if path.startswith("/v1/"):
            return _list(route.replace("-", "_"), given)
        case [public_id]:
            return _object(public_id)
        case [_, public_id]:
            return _object(public_id)
    return None


def _report(name: str, given: dict[str, str]) -> str:
    return reverse("admin:report", args=(name,)) + (f"?{urlencode(given)}" if given else "")


def _list(resource: str, given: dict[str, str]) -> str | None:
    models = [model for model, found in _pages() if found.resource == resource]
    if not models:
        return None
    name = singular(resource).replace("_", "")  # its parts may have pages of their own
    model = next((model for model in models if model._meta.model_name == name), models[0])
    filters = {}
    for name, value in given.items():
        for operator, lookup in _OPERATORS.items():
            name = name.replace(operator, lookup)
        filters["q" if name == "number" else name] = value
    return reverse(_name(model, "changelist")) + (f"?{urlencode(filters)}" if filters else "")


def _object(public_id: str) -> str | None:
    for model, _ in _pages():
        if issubclass(model, ids.Identified) and (found := ids.decode(model.id_prefix, public_id)):
            return reverse(_name(model, "change"), args=(found,))
    return None


def _pages() -> Iterator[tuple[type[Model], TenantAdmin]]:
    return ((model, found) for model, found in admin.site._registry.items() if isinstance(found, TenantAdmin))


def _name(model: type[Model], page: str) -> str:
    return f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}"
