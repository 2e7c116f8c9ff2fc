"""Operations of the API as pages of the back office: a form, what it would do, and then the doing of it.

Every write on an object that a plain form can take is offered on the object's page, and every creation above its list,
unless the page has a form of its own for it. The API's own view does the work, as the member who has signed in; so what
is checked, refused, posted and recorded is the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any, cast

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path, reverse

from bigledger import exact_json, ids, money
from bigledger.access.admin_tenant import TenantAdmin, acting, may
from bigledger.api.bodies import secret_fields
from bigledger.api.lookup import find
from bigledger.api.request import ApiRequest
from bigledger.api.response import LaterResponse
from bigledger.api.shapes import EmptyInput, ListField, Shape
from bigledger.api.views import ResourceViewSet
from bigledger.backoffice import history
from bigledger.backoffice.addresses import page_of
from bigledger.backoffice.body_forms import BodyForm, path_of, takes
from bigledger.backoffice.choices import resources
from bigledger.backoffice.prefilled import body_of, brought, copied, values_of
from bigledger.dry_run import DryRun, dry_run
from bigledger.errors import ResourceNotFound
from bigledger.routes import api_routes
from bigledger.tenants.context import current_tenant
from bigledger.typesetting.formatting import format_amount

_DRAFTED = frozenset({"status"})  # a button says it
_OF_ALL = {"create": "New", "partial_update": "Change", "destroy": "Delete"}


@dataclass(frozen=True)
class Operation:
    """One write of the API, on an object or making one."""

    view: type[ResourceViewSet]
    action: str
    method: str
    shape: type[Shape]
    makes: bool

    @property
    def model(self) -> type[Model]:
        return cast(type[Model], self.view.of.model)

    @property
    def page(self) -> TenantAdmin:
        return cast(TenantAdmin, admin.site._registry[self.model])

    @property
    def keeps_drafts(self) -> bool:
        """Whether what it makes can be a draft at first."""
        return self.makes and "draft" in getattr(self.shape().fields.get("status"), "choices", ())

    @property
    def title(self) -> str:
        """`Void`, `New customer`."""
        name = _OF_ALL.get(self.action, self.action.replace("_", " ").capitalize())
        return f"{name} {self.thing}" if self.makes else name

    @property
    def thing(self) -> str:
        return self.view.of.singular.replace("_", " ")

    @property
    def button(self) -> str:
        """What the confirming button says: `Save invoice`, `Void`."""
        return {"create": f"Save {self.thing}", "partial_update": "Save changes"}.get(self.action, self.title)

    def address(self, pk: Any = None) -> str:
        given = (self.view.of.name, self.action, *([pk] if pk else []))
        return reverse("admin:operation", args=given)


@cache
def operations() -> Mapping[tuple[str, str], Operation]:
    """By the resource and the action."""
    return {(one.view.of.name, one.action): one for one in _found(api_routes)}


def _found(patterns: Sequence[URLPattern | URLResolver]) -> Iterator[Operation]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from _found(pattern.url_patterns)
            continue
        view: Any = getattr(pattern.callback, "cls", None)
        if not (isinstance(view, type) and issubclass(view, ResourceViewSet)):
            continue
        names = set(re.findall(r"\(\?P<(\w+)>", str(pattern.pattern)))
        for method, action in cast(Any, pattern.callback).actions.items():
            one = Operation(view, action, method, _shape(view, action), makes=action == "create")
            if method != "get" and names == (set() if one.makes else {"pk"}) and _is_offered(one):
                yield one


def _shape(view: type[ResourceViewSet], action: str) -> type[Shape]:
    description = getattr(getattr(view, action), "operation", None)
    return (description and description.takes) or EmptyInput


def _is_offered(one: Operation) -> bool:
    """Not what needs lists of objects or files, nor what answers with a secret; nor on a page that has forms or actions
    of its own for its objects."""
    page = admin.site._registry.get(one.model)
    if not isinstance(page, TenantAdmin) or _shows_secret(one):
        return False
    if any(field.required and not takes(field) for field in one.shape().fields.values()):
        return False
    if one.action not in _OF_ALL:
        return not page.actions_detail
    return type(page).has_add_permission is TenantAdmin.has_add_permission


def _shows_secret(one: Operation) -> bool:
    description = getattr(getattr(one.view, one.action), "operation", None)
    return bool(description and description.gives and secret_fields(description.gives))


def offered(request: HttpRequest, model: type[Model], *, makes: bool) -> list[Operation]:
    """What the member may do with an object of the model, or to make one."""
    found = [one for one in operations().values() if one.model is model and one.makes is makes]
    return [one for one in found if may(request, "write", one.view.resource)]


def links(request: HttpRequest, model: type[Model], row: Any) -> list[tuple[str, str]]:
    """Titles and addresses of what the member may do with the object, or without one, to make one."""
    found = [(one.title, one.address(row.pk if row is not None else None))
             for one in offered(request, model, makes=row is None)
             if row is None or one.page.offers(one.action, row)]  # fmt: skip
    if row is None:
        return found
    page = cast(TenantAdmin, admin.site._registry[model])
    beside = [(title, at) for title, at, writes in page.leads(row) if not writes or may(request, "write", writes)]
    past = [("History", address)] if (address := history.address_of(row)) else []
    return [*found, *_copies(request, model, row), *beside, *past]


def _copies(request: HttpRequest, model: type[Model], row: Any) -> Iterator[tuple[str, str]]:
    for one in operations().values():
        if not one.makes or not isinstance(row, ids.Identified) or not may(request, "write", one.view.resource):
            continue
        if one.model is model and any(isinstance(field, ListField) for field in one.shape().fields.values()):
            yield "Copy", f"{one.address()}?copy={row.public_id}"
        elif any(cast(Any, resources()[name].model) is model for name in one.page.templates):
            yield one.title, f"{one.address()}?copy={row.public_id}"


def page(request: HttpRequest, resource: str, action: str, pk: str = "") -> HttpResponse:
    """The form; with its values, what would happen; confirmed, it is done. A draft is kept at once."""
    one = operations().get((resource, action))
    if one is None or one.makes is bool(pk):
        raise Http404
    if not may(request, "write", one.view.resource):
        raise PermissionDenied
    row = _row(request, one, pk) if pk else None
    form = BodyForm(
        one.shape, request.POST if request.method == "POST" else None, _initial(request, one, row),
        first=one.page.line_columns, without=_DRAFTED if one.keeps_drafts else frozenset(),
    )  # fmt: skip
    form.name_rows()
    would_be = None
    if request.method == "POST" and form.is_valid() and "edit" not in request.POST:
        confirmed = "confirmed" in request.POST or (one.keeps_drafts and "draft" in request.POST)
        status, body, left = _called(request, one, row, _body(form, one, request), rehearses=not confirmed)
        if status >= 400:
            _add_faults(form, body["error"])
        elif confirmed:
            return _done(request, one, row, body)
        else:
            would_be = _would_be(one, body, left)
    shown = {
        **admin.site.each_context(request),
        "title": one.title if row is None else f"{one.title}: {row}",
        "form": form,
        "operation": one,
        "would_be": would_be,
        "back": _page_of(one, row),
        "sum": one.page.line_sum,
        "currencies": sorted(money.currencies()),
        "base_currency": current_tenant().base_currency,
    }
    return TemplateResponse(request, "backoffice/operation.html", shown)


def file(request: HttpRequest, resource: str, action: str, pk: str) -> HttpResponseBase:
    """A file that the API makes of an object, such as the PDF of an invoice."""
    view = next((one.view for (name, _), one in operations().items() if name == resource), None)
    description = getattr(getattr(view, action, None), "operation", None)
    if view is None or description is None or not description.media:
        raise Http404
    if not may(request, "read", view.resource):
        raise PermissionDenied
    row = cast(TenantAdmin, admin.site._registry[cast(Any, view.of.model)]).get_object(request, unquote(pk))
    if row is None:
        raise Http404
    response = view.as_view({"get": action})(_inner(request, "get", b""), pk=row.public_id)
    if isinstance(response, LaterResponse):
        response.complete()
    if response.status_code >= 400:
        messages.error(request, "The file is not ready. Ask for it again in a moment.")
        return redirect(_page_of_row(row))
    return cast(HttpResponseBase, response)


def _page_of_row(row: Any) -> str:
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=(row.pk,))


def urls() -> list[URLPattern]:
    view = admin.site.admin_view(page)
    return [
        path("file/<str:resource>/<str:action>/<path:pk>/", admin.site.admin_view(file), name="object_file"),
        path("do/<str:resource>/<str:action>/", view, name="operation"),
        path("do/<str:resource>/<str:action>/<path:pk>/", view, name="operation"),
    ]


def _row(request: HttpRequest, one: Operation, pk: str) -> Any:
    row = one.page.get_object(request, unquote(pk))
    if row is None:
        raise Http404
    return row


def _initial(request: HttpRequest, one: Operation, row: Any) -> Mapping[str, Any]:
    """Of a change, the object as it is; of a copy, another one; else what the address brings along."""
    given = request.GET.dict()
    if row is not None:
        return values_of(one.shape, body_of(one.view.of, row)) if one.action == "partial_update" else {}
    if source := given.pop("copy", None):
        return copied(one.shape, _copied_body(request, one, source))
    return brought(one.shape, given) | dict(one.page.begun(given))


def _copied_body(request: HttpRequest, one: Operation, reference: str) -> Mapping[str, Any]:
    """Another object of the kind, or what an object of another kind holds as a template."""
    for name, member in {one.view.of.name: "", **one.page.templates}.items():
        source = resources()[name]
        if source.model.id_in(reference) is not None and may(request, "read", name):
            try:
                body = body_of(source, find(source.all(), reference))
            except ResourceNotFound:
                raise Http404 from None
            return cast(Mapping[str, Any], body[member] if member else body)
    raise Http404


def _body(form: BodyForm, one: Operation, request: HttpRequest) -> dict[str, Any]:
    """What was filled in; of a change, what was changed, also to nothing."""
    if one.action == "partial_update":
        return form.changes()
    return {**form.members(), **({"status": "draft"} if one.keeps_drafts and "draft" in request.POST else {})}


def _called(
    request: HttpRequest, one: Operation, row: Any, body: Mapping[str, Any], *, rehearses: bool
) -> tuple[int, Any, DryRun]:
    """The answer of the API's view, as the member; a failure and a rehearsal leave nothing."""
    inner = _inner(request, one.method, exact_json.encode(body))
    view = one.view.as_view({one.method: one.action})
    given = {"pk": row.public_id} if row is not None else {}
    with transaction.atomic(), dry_run() if rehearses else _nothing() as left:
        response = view(inner, **given)
        if rehearses or response.status_code >= 400:
            transaction.set_rollback(True)
    return response.status_code, exact_json.decode(response.content) if response.content else {}, left


def _inner(request: HttpRequest, method: str, content: bytes) -> ApiRequest:
    inner = cast(ApiRequest, HttpRequest())
    inner.method, inner.path = method.upper(), request.path
    inner.META = {**request.META, "CONTENT_TYPE": "application/json", "CONTENT_LENGTH": str(len(content)),
                  "QUERY_STRING": "", "REQUEST_METHOD": inner.method, "HTTP_ACCEPT": "application/json"}  # fmt: skip
    inner._body, inner._read_started = content, True  # type: ignore[attr-defined]
    inner.principal, inner.id, inner.slot = acting(request), request.id, None  # type: ignore[attr-defined]
    return inner


@contextmanager
def _nothing() -> Iterator[DryRun]:
    yield DryRun()


def _add_faults(form: BodyForm, error: Mapping[str, Any]) -> None:
    if not error["details"]:
        form.add_fault((), error["message"])
    for one in error["details"]:
        form.add_fault(path_of(one.get("field") or ""), one["message"])


def _done(request: HttpRequest, one: Operation, row: Any, body: Mapping[str, Any]) -> HttpResponse:
    name = body.get("number") or body.get("name") or body.get("id") or (str(row) if row is not None else "")
    messages.success(request, f"{one.title}: {name} is done." if not one.makes else f"{name} is made.")
    if one.makes:
        return redirect(page_of(str(body["id"])) or reverse("admin:index"))
    is_there = one.action != "destroy" and one.model._default_manager.filter(pk=row.pk).exists()
    return redirect(_page_of(one, row if is_there else None))


def _page_of(one: Operation, row: Any) -> str:
    name = f"admin:{one.model._meta.app_label}_{one.model._meta.model_name}"
    return reverse(f"{name}_change", args=(row.pk,)) if row is not None else reverse(f"{name}_changelist")


def _words(event: str) -> str:
    return event.replace("_", " ").replace(".", " ").capitalize()


def _would_be(one: Operation, body: Mapping[str, Any], left: DryRun) -> dict[str, Any]:
    """The lines that would be posted, whom a mail would go to, and what would be recorded."""
    return {
        "lines": [_line(line) for line in left.journal_lines],
        "mails": body.get("sent_to", []) if one.action == "send" else [],
        "events": [_words(event["type"]) for event in left.events],
    }


def _line(line: Any) -> dict[str, str]:
    shown = {side: format_amount(amount, line.currency) if amount else "" for side, amount in
             (("debit", line.debit), ("credit", line.credit))}  # fmt: skip
    return {"account": f"{line.account.code} {line.account.name}", "description": line.description, **shown}
