"""Puts each admin page into the tenant that its reader has chosen, in one transaction."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse

from bigledger.access.admin_tenant import principals_of
from bigledger.access.models import User
from bigledger.access.principal import Principal
from bigledger.events.record import Cause, caused_by
from bigledger.tenants.context import tenant_context

PATH = "/admin/"  # as in bigledger/urls.py; looked at on every request, so not reversed each time
SESSION_KEY = "admin_tenant"


class AdminTenantMiddleware:
    """After Django's authentication. The choice is kept in the session and checked against the memberships on
    every page, so that it ends with the membership; who never chose gets the first tenant by name.

    A page that fails leaves nothing behind. Staff without any tenant see no tenant's rows.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user if request.path_info.startswith(PATH) else None
        if not isinstance(user, User) or not user.is_staff:
            return self.get_response(request)
        choices = principals_of(user)
        chosen = next((p for p in choices if str(p.tenant.id) == request.session.get(SESSION_KEY)), None)
        return self._inside(request, choices, chosen or next(iter(choices), None))

    def _inside(self, request: Any, choices: list[Principal], principal: Principal | None) -> HttpResponse:
        request.acting, request.tenant_choices = principal, choices
        if principal is None:
            return self.get_response(request)
        cause = Cause(principal.user_public_id, getattr(request, "id", ""))
        with tenant_context(principal.tenant), caused_by(cause):
            response = self.get_response(request)
            if response.status_code >= 400:
                transaction.set_rollback(True)
        return response
