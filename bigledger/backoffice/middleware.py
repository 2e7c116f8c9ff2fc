"""Runs each admin page in the chosen tenant, in one transaction."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.contrib.auth.views import redirect_to_login
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from bigledger.access.admin_tenant import BACK_OFFICE_ROLES, principals_of
from bigledger.access.admin_tenant import SESSION_KEY as SESSION_KEY
from bigledger.access.models import User
from bigledger.access.principal import Principal
from bigledger.access.session_store import note_seen
from bigledger.tenants.context import tenant_context

PATH = "/admin/"  # as in bigledger/urls.py; looked at on every request, so not reversed each time
SIGN_OUT_PATH = "/admin/logout/"


class AdminTenantMiddleware:
    """Runs after the authentication of Django and of the second factor. The choice is stored in the session and
    checked against the memberships on every page, so that it ends with the membership. The default is the first
    tenant by name.

    Times are shown and entered in the tenant's zone. If a second factor is required, no page opens without it, however
    the session began. A page that fails is rolled back. Staff without a tenant see no tenant's rows.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user if request.path_info.startswith(PATH) else None
        if not isinstance(user, User):
            return self.get_response(request)
        note_seen(request)
        choices = [p for p in principals_of(user) if user.is_staff or p.role in BACK_OFFICE_ROLES]
        enters = (user.is_staff or bool(choices)) and request.path_info != SIGN_OUT_PATH
        if enters and settings.REQUIRE_SECOND_FACTOR and not user.is_verified():  # type: ignore[attr-defined]
            return redirect_to_login(request.get_full_path(), reverse("second-factor"), "next")
        chosen = next((p for p in choices if str(p.tenant.id) == request.session.get(SESSION_KEY)), None)
        return self._inside(request, choices, chosen or next(iter(choices), None))

    def _inside(self, request: Any, choices: list[Principal], principal: Principal | None) -> HttpResponse:
        request.acting, request.tenant_choices = principal, choices
        if principal is None:
            return self.get_response(request)
        with tenant_context(principal.tenant), timezone.override(principal.tenant.time_zone):
            response = self.get_response(request)
            if response.status_code >= 400:
                response = _framed(request, response)
                transaction.set_rollback(True)
        return response


def _framed(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """A refusal with the menu around it. A failure of ours stays a page by itself: the frame may be what failed."""
    told = getattr(response, "told", None)
    if told is not None and response.status_code < 500:
        context = {**admin.site.each_context(request), **told}
        response.content = render_to_string("backoffice/error.html", context, request=request)
    return response
