"""The base of the admin of every resource: who works in which tenant, and writing through services.

Staff work inside one chosen tenant at a time (the middleware in `bigledger.backoffice` enters it), as the
member they are there. A resource is read-only in the admin unless its admin says how a service writes it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from typing import Any, ClassVar

from django import forms
from django.contrib.admin.utils import unquote
from django.db import transaction
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern
from unfold.admin import ModelAdmin, TabularInline
from unfold.forms import BaseDialogForm

from bigledger.access.forms import ShownTexts
from bigledger.access.models import Role, User
from bigledger.access.principal import Action, Principal
from bigledger.access.scopes import WRITERS
from bigledger.apps import Writers
from bigledger.errors import ApiError, PermissionDenied
from bigledger.postgres.execute import fetch_all
from bigledger.tenants.models import Tenant

# Whose role has work to do there. A viewer reads over the API; one who is staff reads here, too.
BACK_OFFICE_ROLES = frozenset({Role.OWNER, Role.ACCOUNTANT, Role.CLERK})
# What nobody else has work with: who may come in, and what other systems are told. The log is for all to read.
OWNERS_ALONE = {resource for resource, who in WRITERS.items() if who is Writers.OWNERS} - {"events"}
# The session keeps the tenant that a person has chosen on the pages.
SESSION_KEY = "admin_tenant"
# How a listed filter may compare. All others ask about parts of a value (`startswith`, `regex`, …).
_RANGE = ("_from", "_to")  # of a filter that takes both ends
_FILTER_LOOKUPS = frozenset({"exact", "isnull", "in", "gt", "gte", "lt", "lte", "year", "month", "day"})


def principals_of(user: User) -> list[Principal]:
    """One principal for each tenant that this person is a member of, ordered by the tenant's name."""
    columns = ("id", "name", "plan", "base_currency", "time_zone")
    return [
        Principal.of_member(Tenant(**dict(zip(columns, tenant, strict=True))), user.id, role, credential="session")
        for *tenant, role in fetch_all("SELECT * FROM access_admin_tenants(%s)", [user.id])
    ]


def acting(request: HttpRequest) -> Principal | None:
    """The member that a signed-in person works as; None for staff who belong to no tenant."""
    return getattr(request, "acting", None)


def may(request: HttpRequest, action: Action, resource: str) -> bool:
    principal = acting(request)
    if principal is None:
        return False
    try:
        principal.require(action, resource)
    except PermissionDenied:
        return False
    return True


class TenantAdmin(ModelAdmin):
    """Lists and shows the rows of the tenant in context. `resource` is the scope's (`accounts`).

    Django's own admin log is not written; the services record every change in the tenant's event log.
    """

    resource: ClassVar[str] = ""
    # Of lists of lines in its forms: the columns that are always shown, and what is summed while somebody types, the
    # sides of an entry (`balance`) or quantities at their prices (`total`).
    line_columns: ClassVar[Sequence[str]] = ()
    line_sum: ClassVar[str] = ""
    # What a line takes from a row of this page when nothing else is filled in: its columns, by the row's attributes.
    choice_hints: ClassVar[Mapping[str, str]] = {}
    # Other resources whose objects can be copied into a new one: the member of their bodies that is the template.
    templates: ClassVar[Mapping[str, str]] = {}
    # The resource whose writers have this page in their menu, when it is not `resource`.
    shown_for: ClassVar[str] = ""
    sum_columns: ClassVar[Sequence[str]] = ()  # amounts in the row's `currency` that are summed below the list
    list_after_template = "backoffice/sums.html"
    actions = None
    show_full_result_count = False
    view_on_site = False

    def has_module_permission(self, request: HttpRequest) -> bool:
        """In the menu of every role, unless owners alone have work to do there. By its address all may read it, as over
        the API."""
        resource = self.shown_for or self.resource
        if resource in OWNERS_ALONE:
            return may(request, "write", resource)
        return acting(request) is not None

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return acting(request) is not None

    def has_add_permission(self, request: HttpRequest, *_: Any) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def lookup_allowed(self, lookup: str, value: Any, request: Any = None) -> bool:
        """Only what the page offers as a filter: any other name would ask about columns that it does not show."""
        filters = [entry[0] if isinstance(entry, list | tuple) else entry for entry in self.get_list_filter(request)]
        for offered in [*filters, self.date_hierarchy]:
            if isinstance(offered, str) and lookup.startswith(offered):
                rest = lookup.removeprefix(offered)
                if not rest or rest in _RANGE or (rest.startswith("__") and rest[2:] in _FILTER_LOOKUPS):
                    return True
        return False

    def get_urls(self) -> list[URLPattern]:
        """Without Django's history, whose log is not kept; an operation on a row that is not there is a 404."""
        operations = {one.action_name for one in [*self._get_base_actions_detail(), *self._get_base_actions_row()]}
        patterns = [one for one in super().get_urls() if not (one.name or "").endswith("_history")]
        for pattern in patterns:
            if pattern.name in operations:
                pattern.callback = self._of_a_row(pattern.callback)
        return patterns

    def _of_a_row(self, view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def looked_up(request: HttpRequest, *args: Any, object_id: str, **kwargs: Any) -> HttpResponse:
            object_id = unquote(object_id)
            if acting(request) is not None and self.get_object(request, object_id) is None:
                raise Http404
            return view(request, *args, object_id=object_id, **kwargs)

        return looked_up

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """None for staff who belong to no tenant, before any query that a tenant would narrow."""
        return super().get_object(request, object_id, from_field) if acting(request) is not None else None

    def has_write_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether the member's role may write this resource; for actions, and for what a subclass opens."""
        return may(request, "write", self.resource)

    def offers(self, action: str, row: Any) -> bool:
        """Whether an operation of the API makes sense for the row as it is; the API refuses it anyway where not."""
        return True

    def leads(self, row: Any) -> Sequence[tuple[str, str, str]]:
        """What stands beside the row, its files and what is done about it elsewhere: title, address, and the resource
        that a member has to be allowed to write, if any."""
        return ()

    def begun(self, given: Mapping[str, str]) -> Mapping[str, Any]:
        """What a new object begins with, beside the fields that `given`, the address of its form, names."""
        return {}

    def found(self, request: HttpRequest, given: Any) -> Any:
        """The row that unfold gives an action's permission, which may be an id, anybody's text, or nothing."""
        return self.get_object(request, given) if isinstance(given, str) else given

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:  # noqa: FBT001, FBT002
        form = super().get_form(request, obj, change=change, **kwargs)
        return type(form.__name__, (form,), {"acting": acting(request)})

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        """Nothing is collected: the service decides what may go, without reading all that refers to it."""
        return [str(obj) for obj in objs], {}, set(), []

    def save_model(self, request: HttpRequest, obj: Model, form: Any, change: Any) -> None:
        """The form's service has written it."""

    def log_addition(self, request: HttpRequest, obj: Model, message: Any) -> None:
        return None

    def log_change(self, request: HttpRequest, obj: Model, message: Any) -> None:
        return None

    def log_deletions(self, request: HttpRequest, queryset: Any) -> None:
        return None


class ShownInline(TabularInline):
    """Parts of a resource, shown with it, read-only."""

    extra = 0
    can_delete = False
    hide_title = True
    ordering: tuple[str, ...] = ("position",)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def add_faults(form: forms.BaseForm, fault: ApiError, names: Mapping[str, str]) -> None:
    """Shows an error at the fields that it names; `names` maps fields that have another name here."""
    if not fault.details:
        form.add_error(None, fault.message)
    for detail in fault.details:
        name = names.get(detail.field or "", detail.field or "")
        form.add_error(name if name in form.fields else None, detail.message)


class ServiceForm(ShownTexts, forms.ModelForm):  # type: ignore[type-arg] # not generic when it runs
    """A form that is saved by a service: valid means written. The service's refusals are the form's errors."""

    acting: Principal
    api_names: ClassVar[Mapping[str, str]] = {}

    def write(self) -> Model:
        """Calls the service and returns the row. Raises ApiError."""
        raise TypeError(f"{type(self).__name__} does not say how it is written")

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc] # the stubs leave it out
        if not self.errors:
            try:
                with transaction.atomic():
                    self.instance = self.write()
            except ApiError as fault:
                add_faults(self, fault, self.api_names)

    def save(self, commit: bool = True) -> Any:  # noqa: FBT001, FBT002
        return self.instance

    def save_m2m(self) -> None:
        """Django's admin calls it after save(); the service has written everything."""


class ServiceDialog(ShownTexts, BaseDialogForm):
    """A dialog whose submission is one service call; the service's refusals are shown in it."""

    form_after_template = "unfold/helpers/messages/error.html"

    def get_after_template_context(self, request: HttpRequest, object_id: Any = None) -> dict[str, Any]:
        return {"errors": self.non_field_errors()}

    def perform(self, principal: Principal) -> None:
        """Calls the service. Raises ApiError."""
        raise TypeError(f"{type(self).__name__} does not say what it does")

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        principal = acting(self.request)
        if principal is not None and not self.errors:
            try:
                with transaction.atomic():
                    self.perform(principal)
            except ApiError as fault:
                add_faults(self, fault, {})
        return cleaned


def redirected(url: str) -> HttpResponse:
    """Where a dialog goes when it is done."""
    return HttpResponse(headers={"HX-Redirect": url})
