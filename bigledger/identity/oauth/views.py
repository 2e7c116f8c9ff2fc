"""The OAuth 2.0 endpoints, each in the context of its application's tenant."""

from __future__ import annotations

import base64
import binascii
import uuid
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote_plus, urlencode

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_exempt
from oauth2_provider.exceptions import OAuthToolkitError
from oauth2_provider.settings import oauth2_settings
from oauth2_provider.views import base, introspect, metadata
from oauthlib.oauth2.rfc6749.errors import InvalidRequestError

from bigledger.access import limits
from bigledger.access.address import address_of
from bigledger.access.models import Application
from bigledger.access.scopes import SCOPES
from bigledger.api.failures import error_response
from bigledger.errors import RateLimitExceeded
from bigledger.identity.oauth.backend import json_parameters
from bigledger.identity.services.sign_in import memberships_of
from bigledger.postgres.execute import fetch_one
from bigledger.server.headers import CONSENT_POLICY
from bigledger.tenants.context import tenant_context


class InTenant:
    """Finds the application's tenant by `client_id` and does the rest in its context, in one transaction.

    Without an application there is no tenant, so no row, and the toolkit says `invalid_client`.
    """

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if _has_nul(request):
            return JsonResponse({"error": "invalid_request", "error_description": "Null characters."}, status=400)
        dispatch: Callable[..., HttpResponseBase] = super().dispatch  # type: ignore[misc]
        tenant_id = _tenant_of(_client_id(request))
        if tenant_id is None:
            with transaction.atomic():
                return _rendered(dispatch(request, *args, **kwargs))
        with tenant_context(tenant_id):
            return _rendered(dispatch(request, *args, **kwargs))


def _rendered(response: HttpResponseBase) -> HttpResponseBase:
    """A template reads the database while it is rendered, so inside."""
    render = getattr(response, "render", None)
    return render() if render else response


def _parameters(request: HttpRequest) -> Mapping[str, str]:
    """Those of the body, in whichever form it came."""
    return json_parameters(request) if request.content_type == "application/json" else request.POST.dict()


def _has_nul(request: HttpRequest) -> bool:
    """No column holds one, and no parameter means one."""
    return any("\0" in text for pairs in (request.GET.dict(), _parameters(request)) for text in pairs.values())


def _client_id(request: HttpRequest) -> str:
    """From the query, the body, or the user of Basic authentication (RFC 6749, section 2.3.1)."""
    scheme, _, encoded = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            return unquote_plus(base64.b64decode(encoded).decode().partition(":")[0])
        except (binascii.Error, UnicodeDecodeError):
            return ""
    return str(_parameters(request).get("client_id") or request.GET.get("client_id") or "")


def _tenant_of(client_id: str) -> uuid.UUID | None:
    if not client_id or "\x00" in client_id:
        return None
    tenant_id: uuid.UUID | None = fetch_one("SELECT access_tenant_of_client(%s)", [client_id[:200]])[0]
    return tenant_id


class AuthorizeView(InTenant, base.AuthorizationView):
    """The consent page. Who belongs to several tenants chooses which one's books are opened."""

    template_name = "identity/consent.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        # The reference writes the address as a template literal over several lines: its white space ends up
        # in the parameters' names.
        pairs = parse_qsl(request.META.get("QUERY_STRING", ""), keep_blank_values=True)
        if any(name != name.strip() for name, _ in pairs):
            request.META["QUERY_STRING"] = urlencode([(name.strip(), value) for name, value in pairs])
            request.__dict__.pop("GET", None)
        response = super().dispatch(request, *args, **kwargs)
        # What is posted here answers with a redirect to the application, which form-action would stop.
        response["Content-Security-Policy"] = CONSENT_POLICY
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        context["tenants"] = memberships_of(self.request.user)
        context["scope_lines"] = [SCOPES[name] for name in kwargs.get("scopes", ())]
        return context

    def form_valid(self, form: Any) -> HttpResponse:
        """The form carries the application's id back, and may carry any text."""
        try:
            response: HttpResponse = super().form_valid(form)
        except Application.DoesNotExist:
            context = {"title": "Unknown application", "message": "Go back to the application and try again."}
            return render(self.request, "identity/message.html", context, status=400)
        return response

    def create_authorization_response(
        self,
        request: HttpRequest,
        scopes: str,
        credentials: dict[str, Any],
        allow: bool,  # noqa: FBT001
    ) -> Any:
        chosen = request.POST.get("tenant", "")
        own = {str(tenant.id): tenant.id for tenant in memberships_of(request.user)}  # type: ignore[arg-type]
        if allow and chosen not in own:
            fault = InvalidRequestError(description="Choose one of your tenants.", state=credentials.get("state"))
            raise OAuthToolkitError(error=fault, redirect_uri=credentials["redirect_uri"])
        credentials["granted_tenant_id"] = own.get(chosen)
        return super().create_authorization_response(request, scopes, credentials, allow)


class CountsFailures(InTenant):
    """What is tried here are secrets: who brings a wrong one is counted by address; a right one never is refused."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = super().dispatch(request, *args, **kwargs)
        if response.status_code >= 400:
            try:
                limits.count_failure(address_of(request))
            except RateLimitExceeded as refusal:
                return error_response(request, refusal)
        return response


@method_decorator(csrf_exempt, name="dispatch")
class TokenView(CountsFailures, base.TokenView):
    """RFC 6749, section 3.2."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if _parameters(request).get("grant_type") not in oauth2_settings.OAUTH2_GRANT_TYPES_SUPPORTED:
            return JsonResponse({"error": "unsupported_grant_type"}, status=400)
        response: HttpResponse = self.authorization_flow_token_response(request)
        return response


@method_decorator(csrf_exempt, name="dispatch")
class RevokeView(CountsFailures, base.RevokeTokenView):
    """RFC 7009."""


@method_decorator(csrf_exempt, name="dispatch")
class IntrospectView(CountsFailures, introspect.IntrospectTokenView):
    """RFC 7662, for the application's own credentials; by POST, since an address is no place for a token."""

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response: HttpResponse = self.get_token_response(_parameters(request).get("token"))
        return response


class MetadataView(metadata.OAuthServerMetadataView):
    """RFC 8414."""
