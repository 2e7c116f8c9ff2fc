"""The history of an object: what happened to it, who did it and when, and which values changed from what to what."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, cast

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from bigledger import exact_json, ids
from bigledger.access.admin_tenant import may
from bigledger.access.models import User
from bigledger.api.resource import Resource
from bigledger.backoffice.addresses import page_of
from bigledger.backoffice.choices import named, resources, text_of
from bigledger.events.models import Event

MOST_SHOWN = 200  # events, the latest first
_UNTOLD = frozenset({"id", "created_at", "updated_at"})


def address_of(row: Any) -> str | None:
    """None for a row that is no object of the API."""
    found = next((one for one in resources().values() if one.model is type(row)), None)
    return reverse("admin:object_history", args=(found.name, row.pk)) if found else None


def page(request: HttpRequest, resource: str, pk: str) -> HttpResponse:
    one = resources().get(resource)
    model_page = admin.site._registry.get(cast(Any, one.model)) if one else None
    if one is None or model_page is None:
        raise Http404
    if not may(request, "read", one.name):
        raise PermissionDenied
    row = model_page.get_object(request, pk)
    if row is None:
        raise Http404
    events = list(one.history([row.pk]).order_by("-seq")[: MOST_SHOWN + 1])
    shown = {
        **admin.site.each_context(request),
        "title": f"History: {row}",
        "events": _told(events[:MOST_SHOWN], one),
        "is_all": len(events) <= MOST_SHOWN,
        "back": page_of(row.public_id),
        "row": row,
    }
    return TemplateResponse(request, "backoffice/history.html", shown)


def urls() -> list[URLPattern]:
    return [path("history/<str:resource>/<str:pk>/", admin.site.admin_view(page), name="object_history")]


def _told(events: list[Event], resource: Resource) -> list[dict[str, Any]]:
    people = people_of(events)
    changes = [list(_changes(event)) for event in events]
    names = _names(value for lines in changes for _, *values in lines for value in values)
    return [
        {
            "what": words(event.type),
            "who": people[event.pk],
            "when": event.created_at,
            "where": event.interface.replace("_", " "),
            "request": event.request_id,
            "page": page_of(event.public_id),
            "changes": [(name, _said(old, names), _said(new, names)) for name, old, new in lines],
        }
        for event, lines in zip(events, changes, strict=True)
    ]


def words(event: str) -> str:
    """`journal_entry.posted` as `Journal entry posted`."""
    return event.replace("_", " ").replace(".", " ").capitalize()


def people_of(events: Iterable[Event]) -> dict[Any, str]:
    """Who caused each of the events, in one query."""
    members = {event.pk: ids.decode(User.id_prefix, event.actor.partition(" ")[0]) for event in events}
    emails = dict(User.objects.filter(pk__in={one for one in members.values() if one}).values_list("pk", "email"))
    return {event.pk: _person(event, emails.get(member) if (member := members[event.pk]) else None) for event in events}


def _person(event: Event, email: str | None) -> str:
    return email or ("The clock" if event.actor.startswith("system:") else "A former member")


def _changes(event: Event) -> Iterator[tuple[str, Any, Any]]:
    """Each member that changed, with what it was and what it became."""
    before: Any = exact_json.decode(event.previous.encode()) if event.previous else {}
    after: Any = exact_json.decode(event.data.encode())
    for kind in after:
        was, now = before.get(kind, before), after[kind]
        if isinstance(was, Mapping) and isinstance(now, Mapping):
            for name, value in was.items():
                if name not in _UNTOLD:
                    yield name.removesuffix("_id").replace("_", " ").capitalize(), value, now.get(name)


def _names(values: Iterable[Any]) -> dict[str, str]:
    """What the ids among the values are called: a query for each kind of object."""
    wanted: dict[Any, set[str]] = {}
    models = {one.model.id_prefix: one.model for one in resources().values()}
    for value in values:
        if isinstance(value, str) and (model := models.get(value.partition("_")[0])) and model.id_in(value):
            wanted.setdefault(model, set()).add(value)
    return {text: text_of(row) for model, texts in wanted.items() for text, row in named(model, texts).items()}


def _said(value: Any, names: Mapping[str, str]) -> str:
    match value:
        case None | "" | [] | {}:
            return "nothing"
        case bool():
            return "yes" if value else "no"
        case Mapping():
            return ", ".join(f"{name}: {_said(one, names)}" for name, one in value.items() if one not in (None, ""))
        case list():
            return f"{len(value)} lines" if isinstance(value[0], Mapping) else ", ".join(map(str, value))
    return names.get(value, value) if isinstance(value, str) else f"{value:,}"
