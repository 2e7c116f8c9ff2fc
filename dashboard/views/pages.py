"""The page at `/dashboard`, for people who have signed in. It is complete without JavaScript; the program that keeps it
up to date uses the public API and the socket alone, with a token that may read the dashboard and nothing else."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from bigledger.access import limits, sign_ins
from bigledger.access.address import address_of
from bigledger.access.admin_tenant import BACK_OFFICE_ROLES, SESSION_KEY
from bigledger.access.authentication import authenticate
from bigledger.access.models import User
from bigledger.access.page_sessions import NotSignedIn, SecondFactorMissing, members_of_session
from bigledger.access.principal import Principal
from bigledger.access.secrets import KIOSK_PREFIX
from bigledger.errors import AuthenticationFailed, RateLimitExceeded
from bigledger.server import headers
from bigledger.tenants.context import tenant_context
from bigledger.tenants.models import Tenant
from dashboard.selectors import dashboard
from dashboard.shown import shown

SCOPE = "read:dashboard"
_PRIVATE = {"X-Robots-Tag": "noindex, nofollow", "Referrer-Policy": "same-origin"}


@never_cache
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """The dashboard of the tenant that the person has chosen, or of the first by name."""
    choices = _choices(request)
    if isinstance(choices, HttpResponse):
        return choices
    if not choices:
        context = {
            "title": "You belong to no tenant",
            "message": f"{request.user} is not a member of any tenant. Ask an owner for an invitation.",
            "sign_out": True,
        }
        return render(request, "identity/message.html", context, status=403)
    chosen = choices[0]
    context = {
        "choices": sorted(choices, key=lambda one: one.tenant.name) if len(choices) > 1 else [],
        "back_office": request.user.is_staff or chosen.role in BACK_OFFICE_ROLES,
    }
    return dashboard_page(request, chosen.tenant, context)


@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    """Switches to another tenant. 404 if the person is not a member of it."""
    choices = _choices(request)
    if isinstance(choices, HttpResponse):
        return choices
    chosen = _chosen(request, choices)
    request.session[SESSION_KEY] = str(chosen.tenant.id)
    return redirect("dashboard")


@never_cache
@require_POST
def token(request: HttpRequest) -> HttpResponse:
    """`{access, expires_in}`: a token for the dashboard of one tenant, for the page that shows it."""
    choices = _choices(request)
    if isinstance(choices, HttpResponse) or not isinstance(request.user, User):
        return JsonResponse({"message": "The session has ended"}, status=401)
    chosen = _chosen(request, choices)
    made = sign_ins.token_of_session(
        session=request.session, user=request.user, tenant_id=chosen.tenant.id, scope=SCOPE
    )
    return JsonResponse({"access": str(made), "expires_in": int(made.lifetime.total_seconds())})


@never_cache
@require_safe
def kiosk(request: HttpRequest, token: str) -> HttpResponse:
    """The dashboard for whoever has the link, which is a credential of its own: read-only, revocable, expiring."""
    address = address_of(request)
    try:
        limits.count_opening(address, token)
        limits.refuse_if_many(address)
        with transaction.atomic():
            if not token.startswith(KIOSK_PREFIX):
                raise AuthenticationFailed("This is not the token of a link")
            tenant = authenticate(f"Bearer {token}", remote_address=address).tenant
            response = dashboard_page(request, tenant, {"kiosk": True})
    except AuthenticationFailed:
        return _no_link(request, address)
    except RateLimitExceeded as fault:
        text = f"Try again in {fault.retry_after_seconds} seconds."
        context = {"title": "This page was opened too often", "message": text}
        response = render(request, "identity/message.html", context, status=429)
        response["Retry-After"] = str(fault.retry_after_seconds)
        return response
    response["Referrer-Policy"] = "no-referrer"  # the address of the page is the credential
    return response


def _no_link(request: HttpRequest, address: str) -> HttpResponse:
    context = {"title": "This link is not valid", "message": "It was revoked, has expired, or was never one."}
    with suppress(RateLimitExceeded):  # the next opening is refused
        limits.count_failure(address)
    return render(request, "identity/message.html", context, status=404)


def dashboard_page(request: HttpRequest, tenant: Tenant, context: dict[str, Any]) -> HttpResponse:
    """The page with the figures of a tenant; `context` says what else is on it."""
    with tenant_context(tenant.id) as found:
        body = dashboard()
        read_at = found.now()
    context |= {"tenant": found, "socket": settings.SOCKETS_URL, "read_at": read_at, **shown(body)}
    response = render(request, "dashboard/dashboard.html", context)
    response["Content-Security-Policy"] = headers.policy_with_socket(settings.SOCKETS_URL)
    for name, value in _PRIVATE.items():
        response[name] = value
    return response


def _choices(request: HttpRequest) -> list[Principal] | HttpResponse:
    """The tenants of the person; or where they have to go first."""
    try:
        return members_of_session(request)
    except NotSignedIn:
        return redirect_to_login(reverse("dashboard"), settings.LOGIN_URL)
    except SecondFactorMissing:
        return redirect_to_login(reverse("dashboard"), reverse("second-factor"))


def _chosen(request: HttpRequest, choices: list[Principal]) -> Principal:
    wanted = request.POST.get("tenant")
    found = next((one for one in choices if str(one.tenant.id) == wanted), None)
    if found is None:
        raise Http404
    return found
