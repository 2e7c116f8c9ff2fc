"""The page of GraphQL for a browser, and the tokens it asks with for somebody who has signed in (ADR 160)."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from bigledger.access import sign_ins
from bigledger.access.models import User
from bigledger.access.page_sessions import NotSignedIn, SecondFactorMissing, members_of_session
from bigledger.access.tokens import DEFAULT_SCOPES


def explorer(request: HttpRequest, schema: str) -> HttpResponse:
    """For somebody who has signed in, with their tenants; for anybody else, with a field for a key."""
    try:
        members = members_of_session(request)
        needs_factor = False
    except (NotSignedIn, SecondFactorMissing) as missing:
        members, needs_factor = [], isinstance(missing, SecondFactorMissing)
    context = {"schema": schema, "members": members, "needs_factor": needs_factor}
    response = render(request, "bigledger/explorer.html", context)
    response["Cache-Control"] = "private, no-store"
    patch_vary_headers(response, ["Cookie"])
    return response


@never_cache
@require_POST
def token(request: HttpRequest) -> HttpResponse:
    """`{access, expires_in}`: all that the member of a tenant may do, for the page in the browser with the session."""
    try:
        members = members_of_session(request)
    except (NotSignedIn, SecondFactorMissing):
        return JsonResponse({"message": "The session has ended. Sign in again."}, status=401)
    chosen = next((one for one in members if str(one.tenant.id) == request.POST.get("tenant")), None)
    if chosen is None or not isinstance(request.user, User):
        raise Http404
    made = sign_ins.token_of_session(
        session=request.session, user=request.user, tenant_id=chosen.tenant.id, scope=DEFAULT_SCOPES
    )
    return JsonResponse({"access": str(made), "expires_in": int(made.lifetime.total_seconds())})
