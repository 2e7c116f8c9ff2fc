"""What raises each event of who may do what."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bigledger.access.models import Invitation, Role
from bigledger.access.secrets import digest
from bigledger.access.services import add_member, get_or_create_user
from bigledger.identity.services.members import accept_invitation
from bigledger.tenants.context import tenant_context
from tests.conftest import Caller

KEY = {"name": "Shop", "scopes": ["read"]}
APPLICATION = {"name": "App", "redirect_uris": ["https://app.example/callback"], "scopes": ["read"]}
INVITATION = {"email": "clara@example.com", "role": "clerk"}


def made(path: str, body: Any) -> Callable[[Caller], Any]:
    return lambda caller: caller.post(path, body).body


def then(path: str, body: Any, method: str, change: Any = None) -> Callable[[Caller], Any]:
    """Makes an object and changes or deletes it."""
    return lambda caller: caller.request(method, f"{path}/{made(path, body)(caller)['id']}", change)


def added(caller: Caller) -> None:
    caller.post("/v1/invitations", INVITATION)
    user = get_or_create_user(email="clara@example.com")
    with tenant_context(caller.tenant):
        Invitation.objects.update(digest=digest("the token of the mail"))
    accept_invitation(token="the token of the mail", user=user)


def on_member(method: str, body: Any = None) -> Callable[[Caller], Any]:
    def change(caller: Caller) -> Any:
        with tenant_context(caller.tenant):
            member = add_member(user=get_or_create_user(email="clara@example.com"), role=Role.CLERK)
        return caller.request(method, f"/v1/members/{member.public_id}", body)

    return change


RAISES: dict[str, Callable[[Caller], object]] = {
    "api_key.created": made("/v1/api-keys", KEY),
    "api_key.revoked": then("/v1/api-keys", KEY, "DELETE"),
    "signing_secret.created": made("/v1/signing-secrets", {}),
    "signing_secret.revoked": then("/v1/signing-secrets", {}, "DELETE"),
    "oauth_application.created": made("/v1/oauth-applications", APPLICATION),
    "oauth_application.updated": then("/v1/oauth-applications", APPLICATION, "PATCH", {"name": "Our app"}),
    "oauth_application.deleted": then("/v1/oauth-applications", APPLICATION, "DELETE"),
    "member.invited": made("/v1/invitations", INVITATION),
    "member.invitation_withdrawn": then("/v1/invitations", INVITATION, "DELETE"),
    "member.added": added,
    "member.updated": on_member("PATCH", {"role": "accountant"}),
    "member.removed": on_member("DELETE"),
    "tenant.updated": lambda caller: caller.patch("/v1/tenant", {"name": "Acme & Sons"}),
}
