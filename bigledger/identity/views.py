"""The REST views of members, credentials and the tenant: who may, which shape, which service."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from rest_framework.decorators import action
from rest_framework.permissions import AllowAny
from rest_framework.request import Request

from bigledger.access import sign_ins, tokens
from bigledger.access.tokens import IssuedAccess, IssuedRefresh
from bigledger.api.describe import describe
from bigledger.api.failures import error_response
from bigledger.api.response import Response
from bigledger.api.shapes import EmptyInput
from bigledger.api.views import ApiViewSet, ResourceViewSet
from bigledger.errors import AuthenticationFailed, ResourceNotFound
from bigledger.identity import bodies
from bigledger.identity.resources import (
    API_KEYS,
    INVITATIONS,
    KIOSK_LINKS,
    MEMBERS,
    OAUTH_APPLICATIONS,
    SIGNING_SECRETS,
)
from bigledger.identity.rules import LAST_OWNER, OWN_ROLE, TOO_MANY_INVITATIONS
from bigledger.identity.serializers import (
    ApplicationInput,
    MemberInput,
    NewApiKeyInput,
    NewApplicationInput,
    NewInvitationInput,
    NewKioskLinkInput,
    NewSigningSecretInput,
    RefreshInput,
    TenantInput,
    TokenInput,
    VerifyInput,
)
from bigledger.identity.services import credentials, members
from bigledger.identity.services.sign_in import issue_tokens
from bigledger.mail.rules import MAIL_LIMIT_REACHED
from bigledger.tenants.models import Logo

_KEY = {"name": "Nightly import", "scopes": ["read", "write:invoices"]}
_KIOSK = {"name": "Screen in the hall"}
_APPLICATION = {"name": "Your app", "redirect_uris": ["https://yourapp.com/callback"]}
_INVITATION = {"email": "clerk@example.com", "role": "clerk"}
_PASSWORD = {"email": "owner@example.com", "password": "a long passphrase"}


class ApiKeyViewSet(ResourceViewSet):
    of = API_KEYS

    @describe(
        takes=NewApiKeyInput,
        gives=bodies.NewApiKeyBody,
        status=201,
        example=_KEY,
    )
    def create(self, request: Request) -> Response:
        body = credentials.create_api_key(**NewApiKeyInput.read(request.data), acting=self.principal)
        return Response(body, status=201)

    @describe(status=204)
    def destroy(self, request: Request, pk: str) -> Response:
        credentials.revoke_api_key(key=self.find(pk), acting=self.principal)
        return Response(status=204)


class SigningSecretViewSet(ResourceViewSet):
    of = SIGNING_SECRETS

    @describe(takes=NewSigningSecretInput, gives=bodies.NewSigningSecretBody, status=201, example={})
    def create(self, request: Request) -> Response:
        body = credentials.create_signing_secret(**NewSigningSecretInput.read(request.data), acting=self.principal)
        return Response(body, status=201)

    @describe(status=204)
    def destroy(self, request: Request, pk: str) -> Response:
        credentials.revoke_signing_secret(secret=self.find(pk), acting=self.principal)
        return Response(status=204)


class KioskLinkViewSet(ResourceViewSet):
    of = KIOSK_LINKS

    @describe(takes=NewKioskLinkInput, gives=bodies.NewKioskLinkBody, status=201, example=_KIOSK)
    def create(self, request: Request) -> Response:
        body = credentials.create_kiosk_link(**NewKioskLinkInput.read(request.data), acting=self.principal)
        return Response(body, status=201)

    @describe(status=204)
    def destroy(self, request: Request, pk: str) -> Response:
        credentials.revoke_kiosk_link(link=self.find(pk), acting=self.principal)
        return Response(status=204)


class ApplicationViewSet(ResourceViewSet):
    of = OAUTH_APPLICATIONS

    @describe(
        takes=NewApplicationInput,
        gives=bodies.NewApplicationBody,
        status=201,
        example=_APPLICATION,
    )
    def create(self, request: Request) -> Response:
        body = credentials.create_application(**NewApplicationInput.read(request.data), acting=self.principal)
        return Response(body, status=201)

    @describe(takes=ApplicationInput, gives=bodies.ApplicationBody, example={"name": "Our app"})
    def partial_update(self, request: Request, pk: str) -> Response:
        changes = ApplicationInput.read(request.data, partial=True)
        body = credentials.update_application(application=self.find(pk), changes=changes, acting=self.principal)
        return Response(body)

    @describe(status=204)
    def destroy(self, request: Request, pk: str) -> Response:
        credentials.delete_application(application=self.find(pk), acting=self.principal)
        return Response(status=204)

    @describe(gives=bodies.NewApplicationBody)
    @action(detail=True, methods=["post"], url_path="rotate-secret")
    def rotate_secret(self, request: Request, pk: str) -> Response:
        """Give the application a new secret, shown once; the old one and tokens of client credentials stop working."""
        EmptyInput.read(request.data)
        return Response(credentials.rotate_application_secret(application=self.find(pk), acting=self.principal))


class MemberViewSet(ResourceViewSet):
    of = MEMBERS

    @describe(takes=MemberInput, gives=bodies.MemberBody, example={"role": "accountant"}, rules=(OWN_ROLE, LAST_OWNER))
    def partial_update(self, request: Request, pk: str) -> Response:
        membership = self.find(pk)
        role = MemberInput.read(request.data)["role"]
        return Response(members.change_role(membership=membership, role=role, acting=self.principal))

    @describe(status=204, rules=(LAST_OWNER,))
    def destroy(self, request: Request, pk: str) -> Response:
        members.remove_member(membership=self.find(pk), acting=self.principal)
        return Response(status=204)


class InvitationViewSet(ResourceViewSet):
    of = INVITATIONS

    @describe(
        takes=NewInvitationInput,
        gives=bodies.InvitationBody,
        status=201,
        example=_INVITATION,
        rules=(TOO_MANY_INVITATIONS, MAIL_LIMIT_REACHED),
    )
    def create(self, request: Request) -> Response:
        data = NewInvitationInput.read(request.data)
        return Response(members.invite_member(**data, acting=self.principal), status=201)

    @describe(status=204)
    def destroy(self, request: Request, pk: str) -> Response:
        members.withdraw_invitation(invitation=self.find(pk), acting=self.principal)
        return Response(status=204)


class TenantViewSet(ApiViewSet):
    resource = "tenant"
    body = bodies.TenantBody

    def retrieve(self, request: Request) -> Response:
        return Response(bodies.tenant_body(self.principal.tenant))

    @describe(takes=TenantInput, gives=bodies.TenantBody, example={"time_zone": "Europe/Berlin"})
    def partial_update(self, request: Request) -> Response:
        changes = TenantInput.read(request.data, partial=True)
        return Response(members.update_tenant(changes=changes, acting=self.principal))

    @describe(media="image/png", named="getTenantLogo")
    def logo(self, request: Request) -> HttpResponse:
        """The logo of the tenant, as PNG."""
        found = Logo.objects.filter(id=self.principal.tenant.logo_id).first() if self.principal.tenant.logo_id else None
        if found is None:
            raise ResourceNotFound("The tenant has no logo")
        return HttpResponse(bytes(found.content), content_type="image/png")

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:  # noqa: FBT001, FBT002
        """Returns the image whatever the client says it accepts."""
        return super().perform_content_negotiation(request, force=force or self.action == "logo")


class TokenViewSet(ApiViewSet):
    """Tokens that are issued here, for people's own programs. Whoever asks has no credential yet."""

    permission_classes = [AllowAny]
    resource = "tokens"

    @describe(
        takes=TokenInput,
        gives=bodies.TokenPairBody,
        example=_PASSWORD,
    )
    def issue(self, request: Request) -> Response:
        """An access token and a refresh token, for an e-mail address and a password."""
        return _pair(issue_tokens(request._request, **TokenInput.read(request.data)))

    @describe(takes=RefreshInput, gives=bodies.TokenPairBody, example={"refresh": "eyJ…"})
    def refresh(self, request: Request) -> HttpResponse:
        """A new pair of tokens for a refresh token, which works once."""
        token = sign_ins.refresh(text=RefreshInput.read(request.data)["refresh"])
        return _pair(token) if token else _used_up(request._request)

    @describe(takes=RefreshInput, status=204, example={"refresh": "eyJ…"})
    def revoke(self, request: Request) -> Response:
        """Ends the sign-in that a refresh token belongs to, with all its tokens."""
        sign_ins.end(text=RefreshInput.read(request.data)["refresh"])
        return Response(status=204)

    @describe(takes=VerifyInput, gives=bodies.VerifiedBody, example={"token": "eyJ…"})
    def verify(self, request: Request) -> Response:
        """200 with the expiry of the token, or 401."""
        token = tokens.read(IssuedAccess, VerifyInput.read(request.data)["token"])
        return Response(bodies.VerifiedBody(active=True, exp=token["exp"], scope=token["scope"]))


def _used_up(request: HttpRequest) -> HttpResponse:
    """The refusal of a refresh token that was used before; that its sign-in ended with it is kept."""
    response = error_response(request, AuthenticationFailed(tokens.INVALID))
    response.keeps_work = True  # type: ignore[attr-defined]
    return response


def _pair(token: IssuedRefresh) -> Response:
    access = token.access_token
    seconds = int(access.lifetime.total_seconds())
    body = bodies.TokenPairBody(str(access), str(token), "Bearer", seconds, token["scope"])
    return Response(body)
