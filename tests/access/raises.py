"""What raises each event of who may come in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.core import mail
from django.test import Client

from bigledger.access.models import Authenticator, Role
from bigledger.access.services import add_member, get_or_create_user
from bigledger.identity.services.second_factor import reset_second_factor
from bigledger.mail.delivery import deliver_next_mail
from bigledger.tenants.context import tenant_context
from tests.conftest import Caller

KEY = {"name": "Import", "scopes": ["read"]}
APPLICATION = {"name": "Your App", "redirect_uris": ["https://yourapp.com/callback"]}
INVITATION = {"email": "clara@example.com", "role": "clerk"}


def made(path: str, body: Any) -> Callable[[Caller], Any]:
    return lambda caller: caller.post(path, body)


def on(path: str, body: Any, method: str, change: Any = None) -> Callable[[Caller], Any]:
    return lambda caller: caller.request(method, f"{path}/{caller.post(path, body).body['id']}", change)


def joined(caller: Caller) -> None:
    caller.post("/v1/invitations", INVITATION)
    deliver_next_mail(caller.tenant)
    path = urlsplit(next(word for word in mail.outbox[-1].body.split() if "/invitations/" in word)).path
    Client().post(path, {"name": "Clara", "password": "sturdy kettle 42"})


def clerk(caller: Caller) -> Any:
    """A member that nobody invited."""
    with tenant_context(caller.tenant):
        return add_member(user=get_or_create_user(email="clara@example.com"), role=Role.CLERK)


def on_member(method: str, change: Any = None) -> Callable[[Caller], Any]:
    return lambda caller: caller.request(method, f"/v1/members/{clerk(caller).public_id}", change)


def second_factor_reset(caller: Caller) -> None:
    member = clerk(caller)
    with tenant_context(caller.tenant):
        Authenticator.objects.create(user=member.user, name="phone", confirmed=True)
        reset_second_factor(membership=member, acting=caller.principal)


RAISES: dict[str, Callable[[Caller], object]] = {
    "api_key.created": made("/v1/api-keys", KEY),
    "api_key.revoked": on("/v1/api-keys", KEY, "DELETE"),
    "signing_secret.created": made("/v1/signing-secrets", {}),
    "signing_secret.revoked": on("/v1/signing-secrets", {}, "DELETE"),
    "kiosk_link.created": made("/v1/kiosk-links", {"name": "Hall"}),
    "kiosk_link.revoked": on("/v1/kiosk-links", {"name": "Hall"}, "DELETE"),
    "oauth_application.created": made("/v1/oauth-applications", APPLICATION),
    "oauth_application.updated": on("/v1/oauth-applications", APPLICATION, "PATCH", {"name": "Our App"}),
    "oauth_application.deleted": on("/v1/oauth-applications", APPLICATION, "DELETE"),
    "member.invited": made("/v1/invitations", INVITATION),
    "member.invitation_withdrawn": on("/v1/invitations", INVITATION, "DELETE"),
    "member.added": joined,
    "member.updated": on_member("PATCH", {"role": "accountant"}),
    "member.removed": on_member("DELETE"),
    "member.second_factor_reset": second_factor_reset,
    "tenant.updated": lambda caller: caller.patch("/v1/tenant", {"time_zone": "Europe/Berlin"}),
}
