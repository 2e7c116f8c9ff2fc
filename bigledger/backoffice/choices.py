"""References in forms: what is shown of a row, what is offered while somebody types, and which row a text names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import accumulate
from typing import Any, cast

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import URLPattern, URLResolver, path, reverse

from bigledger import ids
from bigledger.access.admin_tenant import TenantAdmin, may
from bigledger.api.lookup import condition
from bigledger.api.resource import Resource
from bigledger.api.storable import is_storable
from bigledger.api.views import ResourceViewSet
from bigledger.routes import api_routes

MOST_AT_ONCE = 1000  # rows that a page is given before anything is typed; of longer lists it asks for a text
_MOST_FOUND = 20
_LONGEST_TEXT = 300


@cache
def resources() -> Mapping[str, Resource]:
    """Those of the API, by name."""
    return {view.of.name: view.of for view in _views(api_routes)}


def _views(patterns: Sequence[URLPattern | URLResolver]) -> Iterator[type[ResourceViewSet]]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from _views(pattern.url_patterns)
            continue
        view: Any = getattr(pattern.callback, "cls", None)
        if isinstance(view, type) and issubclass(view, ResourceViewSet) and hasattr(view, "of"):
            yield view


def _page(model: Any) -> TenantAdmin | None:
    return cast(TenantAdmin | None, admin.site._registry.get(model))


def source_of(model: Any) -> str | None:
    """The address of the rows that can be named by a text; None for a model without a natural key."""
    found = next((one for one in resources().values() if one.model is model and one.model.natural_field), None)
    return reverse("admin:choices", args=(found.name,)) if found else None


def text_of(row: Any) -> str:
    """`1000 Cash`: the natural key and the name, or what the row calls itself."""
    key = str(getattr(row, row.natural_field) or "") if row.natural_field else ""
    name = str(getattr(row, "name", ""))
    return " ".join(part for part in (key, name if name != key else "") if part) or str(row)


def named(model: Any, texts: Iterable[str]) -> dict[str, Any]:
    """The rows that the texts name, in one query: by id, by natural key, by both key and name, or by a name that no
    other row has. A text that names none is left out."""
    wanted = {text for text in texts if is_storable(text)}
    if not wanted:
        return {}
    field = model.natural_field
    found = condition(model, wanted)
    if field:
        found |= Q(**{f"{field}__in": {key for text in wanted for key in _beginnings(text)}})
    if has_name := any(one.name == "name" for one in model._meta.fields):
        found |= Q(name__in=wanted)
    rows = list(model._default_manager.filter(found))
    by_text: dict[str, Any] = {}
    if has_name:
        names = [row.name for row in rows]
        by_text |= {row.name: row for row in rows if names.count(row.name) == 1}
    by_text |= {text_of(row): row for row in rows}
    if field:
        by_text |= {model.named(getattr(row, field)): row for row in rows}
        by_text |= {str(getattr(row, field)): row for row in rows}
    by_text |= {row.public_id: row for row in rows}
    return {text: by_text[text] for text in wanted if text in by_text}


def _beginnings(text: str) -> Iterator[str]:
    """What of a text can be its key: `1000` and `1000 Cash`."""
    return accumulate(text[:_LONGEST_TEXT].split(" "), lambda start, word: f"{start} {word}")


def choices(request: HttpRequest, resource: str) -> HttpResponse:
    """Rows for a field while somebody types: all of a short list, or those that have the words of `q`."""
    one = resources().get(resource)
    if one is None or not one.model.natural_field:
        raise Http404
    if not may(request, "read", one.name):
        raise PermissionDenied
    words = request.GET.get("q", "").strip()[:_LONGEST_TEXT]
    most = _MOST_FOUND if words else MOST_AT_ONCE
    found = list(_offered(one, words)[: most + 1])
    page = _page(one.model)
    rows = [{"text": text_of(row), **({"hints": _hints(page, row)} if page and page.choice_hints else {})}
            for row in found[:most]]  # fmt: skip
    return JsonResponse({"rows": rows, "is_all": len(found) <= most})


def _offered(one: Resource, words: str) -> QuerySet[Any]:
    field, names = str(one.model.natural_field), {column.name for column in cast(Any, one.model)._meta.fields}
    rows = one.all().exclude(**{field: None}).order_by(field)
    if "is_active" in names:
        rows = rows.filter(is_active=True)
    page = _page(one.model)
    followed = [name for name in getattr(page, "choice_hints", {}).values()
                if name in names and cast(Any, one.model)._meta.get_field(name).is_relation]  # fmt: skip
    if followed:
        rows = rows.select_related(*followed)
    if not is_storable(words):
        return rows.none()
    for word in words.split():
        rows = rows.filter(Q(*((f"{name}__icontains", word) for name in (field, *one.listing.search)), _connector=Q.OR))
    return rows


def _hints(page: TenantAdmin, row: Any) -> dict[str, str]:
    """What a line takes from the row when nothing else is filled in, as its fields show it."""
    values = {column: getattr(row, name) for column, name in page.choice_hints.items()}
    return {
        column: text_of(value) if isinstance(value, ids.Identified) else shown_number(value)
        for column, value in values.items()
        if value not in (None, "")
    }


def shown_number(value: Any) -> str:
    """A number without zeros that say nothing, but with its two digits behind the point; anything else as text."""
    if not hasattr(value, "normalize"):
        return str(value)
    return f"{value:.2f}" if value == round(value, 2) else f"{value.normalize():f}"


def urls() -> list[URLPattern]:
    return [path("choices/<str:resource>/", admin.site.admin_view(choices), name="choices")]
