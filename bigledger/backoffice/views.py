"""Choosing a tenant, and what the admin's frame shows: environment, tenant, navigation."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from bigledger.access.admin_tenant import acting, may
from bigledger.apps import business_apps
from bigledger.backoffice.middleware import SESSION_KEY
from bigledger.backoffice.reports import title_of
from bigledger.reports import REPORTS

# The platform's own apps by what staff look for, below the groups of the business.
_GROUPS = {
    "events": "Events", "mail": "Events", "tenants": "Tenant and access", "access": "Tenant and access",
    "identity": "Tenant and access",
}  # fmt: skip
_ICONS = {
    "Event": "history", "Mail": "mail", "Tenant": "domain", "Membership": "badge", "User": "person", "ApiKey": "key",
    "SigningSecret": "lock", "KioskLink": "tv",
}  # fmt: skip


@require_POST
def choose_tenant(request: HttpRequest) -> HttpResponse:
    """Switches to another tenant. 404 if the person is not a member of it."""
    if not admin.site.has_permission(request):
        return redirect("admin:login")
    wanted = request.POST.get("tenant")
    if wanted not in [str(principal.tenant.id) for principal in request.tenant_choices]:  # type: ignore[attr-defined]
        raise Http404
    request.session[SESSION_KEY] = wanted
    return redirect("admin:index")


def environment(request: HttpRequest) -> list[str]:
    colours = {"production": "danger", "staging": "warning"}
    return [settings.BIGLEDGER_ENVIRONMENT.capitalize(), colours.get(settings.BIGLEDGER_ENVIRONMENT, "info")]


def tenant_name(request: HttpRequest) -> str:
    principal = acting(request)
    return f"{principal.tenant.name}, times in {principal.tenant.time_zone}" if principal else "No tenant"


def companies(request: HttpRequest) -> list[dict[str, Any]]:
    """The choices of the bar; none for who belongs to one tenant or to none."""
    choices = getattr(request, "tenant_choices", [])
    here = acting(request)
    return [
        {
            "title": one.tenant.name,
            "link": "",
            "icon": "check" if here and one.tenant.id == here.tenant.id else "domain",
            "attrs": {"tenant": str(one.tenant.id)},
        }
        for one in choices
        if len(choices) > 1
    ]


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """A group may be shared; an app that names none stands under its own name."""
    group_of = {app.label: app.admin_group for app in business_apps() if app.admin_group} | _GROUPS
    icons = {name: icon for app in business_apps() for name, icon in app.admin_icons.items()} | _ICONS
    own = set(_GROUPS.values())
    groups: dict[str, list[dict[str, Any]]] = {title: [] for title in group_of.values() if title not in own}
    groups |= {title: [] for title in _GROUPS.values()}
    for app in admin.site.get_app_list(request):
        groups.setdefault(group_of.get(app["app_label"], app["name"]), []).extend(
            {
                "title": str(model["name"]).capitalize(),
                "link": model["admin_url"],
                "icon": icons.get(model["object_name"], "table_rows"),
            }
            for model in app["models"]
        )
    found = [{"title": title, "items": items} for title, items in groups.items() if items]
    return [*found[:1], *_reports(request), *found[1:]]


def _reports(request: HttpRequest) -> list[dict[str, Any]]:
    if not may(request, "read", "reports"):
        return []
    items = [
        {"title": title_of(name), "link": reverse("admin:report", args=(name,)), "icon": "table_chart"}
        for name in REPORTS
    ]
    first = reverse("admin:reports")
    everything = {
        "title": "All reports", "link": first, "icon": "summarize",
        "active": lambda request: request.path_info == first,
    }  # fmt: skip
    return [{"title": "Reports", "items": [everything, *items], "collapsible": True}]
