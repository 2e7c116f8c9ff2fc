"""Choosing a tenant, and what the admin's frame shows: environment, tenant, navigation."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from bigledger.access.admin_tenant import acting
from bigledger.backoffice.middleware import SESSION_KEY

# The apps by what staff look for, in this order; an app that is not named stands under its own name.
_GROUPS = {
    "ledger": "Books", "customers": "Sales", "invoicing": "Sales", "events": "Events", "webhooks": "Events",
    "mail": "Events", "tenants": "Tenant and access", "access": "Tenant and access", "identity": "Tenant and access",
}  # fmt: skip
_ICONS = {
    "Account": "account_balance", "JournalEntry": "receipt_long", "Document": "description", "Event": "history",
    "Tenant": "domain", "Membership": "badge", "User": "person", "ApiKey": "key", "SigningSecret": "lock",
    "Customer": "groups", "Product": "inventory_2", "Invoice": "request_quote", "Payment": "payments",
    "Mail": "mail", "WebhookEndpoint": "webhook", "WebhookDelivery": "outbox",
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


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    groups: dict[str, dict[str, Any]] = {title: {"title": title, "items": []} for title in _GROUPS.values()}
    for app in admin.site.get_app_list(request):
        title = _GROUPS.get(app["app_label"], app["name"])
        group = groups.setdefault(title, {"title": title, "items": []})
        group["items"] += [
            {
                "title": str(model["name"]).capitalize(),
                "link": model["admin_url"],
                "icon": _ICONS.get(model["object_name"], "table_rows"),
            }
            for model in app["models"]
        ]
    return [group for group in groups.values() if group["items"]]
