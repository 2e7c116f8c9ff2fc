"""Whoever hands out a credential or a role gives at most what they hold: scopes, role, networks, end."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bigledger.access.models import Application, Invitation, Role, SigningSecret
from bigledger.access.principal import Principal
from bigledger.access.scopes import RESOURCES, ROLE_WRITES, SCOPES, covers, scopes_of, sufficient, within
from bigledger.errors import PermissionDenied
from bigledger.identity.services.ceilings import check_role
from bigledger.tenants.context import tenant_context
from tests.access.program import register
from tests.access.test_permissions import OPERATIONS
from tests.conftest import Answer, Caller
from tests.security.people import bearer, key_of, keys_in, member, signed

SOON = datetime.now(UTC) + timedelta(days=1)
LATER = (SOON + timedelta(days=1)).isoformat()
NETWORK = "127.0.0.0/8"
MANAGING = ("write:api_keys", "write:signing_secrets", "write:oauth_applications", "write:invitations", "write:members")
APPLICATION = {"name": "App", "redirect_uris": ["https://yourapp.com/callback"]}

Act = Callable[[Caller, dict[str, str]], Answer]


def _post(path: str, body: dict[str, Any]) -> Act:
    return lambda caller, headers: caller.post(path, body, **headers)


def _on_application(change: dict[str, Any] | None, *, secret: bool = False) -> Act:
    """On an application that an owner registered with every scope."""

    def act(caller: Caller, headers: dict[str, str]) -> Answer:
        made = caller.post("/v1/oauth-applications", APPLICATION | {"scopes": ["admin"]}).body
        path = f"/v1/oauth-applications/{made['id']}"
        return caller.post(f"{path}/rotate-secret", **headers) if secret else caller.patch(path, change, **headers)

    return act


def _raise_a_member(role: str) -> Act:
    def act(caller: Caller, headers: dict[str, str]) -> Answer:
        raised = member(caller, "raised@acme.example", Role.VIEWER)
        return caller.patch(f"/v1/members/{raised.public_id}", {"role": role}, **headers)

    return act


# What a credential with nothing but the management scopes cannot hand out.
BEYOND_SCOPES: dict[str, Act] = {
    "a key": _post("/v1/api-keys", {"name": "x", "scopes": ["read"]}),
    "a key with admin": _post("/v1/api-keys", {"name": "x", "scopes": ["admin"]}),
    "a secret": _post("/v1/signing-secrets", {"scopes": ["admin"]}),
    "an application": _post("/v1/oauth-applications", APPLICATION),
    "wider scopes of an application": _on_application({"scopes": ["read", "write"]}),
    "the codes of a wide application": _on_application({"redirect_uris": ["https://evil.example/"]}),
    "the secret of a wide application": _on_application(None, secret=True),
    "an invitation as owner": _post("/v1/invitations", {"email": "me@evil.example", "role": "owner"}),
    "an invitation as clerk": _post("/v1/invitations", {"email": "me@evil.example", "role": "clerk"}),
    "an invitation as viewer": _post("/v1/invitations", {"email": "me@evil.example", "role": "viewer"}),
    "the role owner": _raise_a_member("owner"),
    "the role clerk": _raise_a_member("clerk"),
}
# What a credential with every scope, but bound to networks or with an end, cannot hand out without these bounds.
BEYOND_NETWORKS: dict[str, Act] = {
    "a key for everywhere": _post("/v1/api-keys", {"name": "x", "scopes": ["read"], "allowed_networks": ["0.0.0.0/0"]}),
    "a key for elsewhere": _post("/v1/api-keys", {"name": "x", "scopes": ["read"], "allowed_networks": ["10.0.0.1"]}),
    "a key of another family": _post("/v1/api-keys", {"name": "x", "scopes": ["read"], "allowed_networks": ["::/0"]}),
}
BEYOND_END: dict[str, Act] = {
    "a later key": _post("/v1/api-keys", {"name": "x", "scopes": ["read"], "expires_at": LATER}),
}
UNBOUNDED: dict[str, Act] = {
    "an application": _post("/v1/oauth-applications", APPLICATION),
    "the scopes of one": _on_application({"scopes": ["read"]}),
    "the codes of one": _on_application({"redirect_uris": ["https://evil.example/"]}),
    "the secret of one": _on_application(None, secret=True),
    "an invitation": _post("/v1/invitations", {"email": "me@evil.example", "role": "viewer"}),
    "a role": _raise_a_member("clerk"),
}
CREATES_CREDENTIALS = {
    ("post", "api-keys"),
    ("post", "signing-secrets"),
    ("post", "oauth-applications"),
    ("patch", "oauth-applications/none"),
    ("post", "oauth-applications/none/rotate-secret"),
    ("post", "invitations"),
    ("patch", "members/none"),
}
TAKES_AWAY = {
    ("delete", "api-keys/none"),
    ("delete", "signing-secrets/none"),
    ("delete", "oauth-applications/none"),
    ("delete", "invitations/none"),
    ("delete", "members/none"),
}


def test_every_operation_that_lets_somebody_in_is_swept() -> None:
    """A new one under the same scopes has to be put into this file."""
    managing = {s.partition(":")[2] for s in MANAGING}
    found = {(o.method, o.path) for o in OPERATIONS if o.resource in managing and o.action == "write"}

    assert found == CREATES_CREDENTIALS | TAKES_AWAY


@pytest.mark.parametrize("what", BEYOND_SCOPES)
def test_a_credential_with_management_scopes_only_hands_out_none_beyond(acme: Caller, what: str) -> None:
    key = key_of(acme, member(acme, "boss@acme.example", Role.OWNER).user, *MANAGING)

    refused = BEYOND_SCOPES[what](acme, bearer(key))

    assert (refused.status, refused.error["code"]) == (403, "PERMISSION_DENIED")
    with tenant_context(acme.tenant):
        assert not Invitation.objects.exists()
        assert SigningSecret.objects.count() == 1
        assert set(Application.objects.values_list("redirect_uris", flat=True)) <= {"https://yourapp.com/callback"}
    assert acme.get("/v1/members?email=raised@acme.example&role=viewer").body["meta"]["total"] == (
        1 if what.startswith("the role") else 0
    )


BOUNDS = {"networks": {"allowed_networks": [NETWORK]}, "an end": {"expires_at": SOON}}


@pytest.mark.parametrize(
    ("bound", "what"),
    [("networks", what) for what in BEYOND_NETWORKS | UNBOUNDED]
    + [("an end", what) for what in BEYOND_END | UNBOUNDED],
)
def test_a_bound_credential_hands_out_nothing_unbound(acme: Caller, bound: str, what: str) -> None:
    key = key_of(acme, member(acme, "boss@acme.example", Role.OWNER).user, **BOUNDS[bound])
    before = keys_in(acme)

    refused = (BEYOND_NETWORKS | BEYOND_END | UNBOUNDED)[what](acme, bearer(key))

    assert (refused.status, refused.error["code"]) == (403, "PERMISSION_DENIED")
    assert keys_in(acme) == before
    with tenant_context(acme.tenant):
        assert not Invitation.objects.exists()


def test_unspecified_restrictions_are_inherited(acme: Caller) -> None:
    boss = member(acme, "boss@acme.example", Role.OWNER).user
    key = key_of(acme, boss, allowed_networks=[NETWORK], expires_at=SOON)

    made = acme.post("/v1/api-keys", {"name": "x", "scopes": ["read"]}, **bearer(key)).body
    secret = acme.post("/v1/signing-secrets", {}, **bearer(key)).body
    nearer = acme.post(
        "/v1/api-keys", {"name": "x", "scopes": ["read"], "allowed_networks": ["127.0.0.1"]}, **bearer(key)
    )

    for body in (made, secret):
        assert body["allowed_networks"] == [NETWORK]
        assert datetime.fromisoformat(body["expires_at"]) == SOON
    assert (nearer.status, nearer.body["allowed_networks"]) == (201, ["127.0.0.1/32"])
    token = signed(secret["secret"], boss.public_id)
    assert acme.get("/v1/accounts", **bearer(token)).status == 200
    away = acme.client.get("/v1/accounts", HTTP_AUTHORIZATION=f"Bearer {token}", REMOTE_ADDR="203.0.113.9")
    assert away.status_code == 401
    with tenant_context(acme.tenant):
        SigningSecret.objects.filter(user=boss).update(expires_at=datetime.now(UTC) - timedelta(seconds=1))
    assert acme.get("/v1/accounts", **bearer(token)).status == 401


def test_a_token_has_the_scopes_of_its_secret_and_not_those_it_claims(acme: Caller) -> None:
    """The one that `create_tenant` prints has the owner's; one made by a key has the key's."""
    boss = member(acme, "boss@acme.example", Role.OWNER).user
    narrow = key_of(acme, boss, "write:signing_secrets", "read:accounts")
    made = acme.post("/v1/signing-secrets", {}, **bearer(narrow)).body
    assert made["scopes"] == ["read:accounts", "write:signing_secrets"]

    for claimed in ("admin", "read write admin", "read", None):
        token = signed(made["secret"], boss.public_id, claimed)
        statuses = [acme.get(f"/v1/{path}", **bearer(token)).status for path in ("accounts", "members")]
        assert statuses == [200, 403], claimed
        made_key = acme.post("/v1/api-keys", {"name": "x", "scopes": ["admin"]}, **bearer(token))
        assert made_key.status == 403, claimed
    whole = signed(acme.signing_secret, acme.principal.user_public_id, "admin")
    assert acme.post("/v1/api-keys", {"name": "x", "scopes": ["admin"]}, **bearer(whole)).status == 201


def test_only_admin_makes_a_credential_for_somebody_else(acme: Caller) -> None:
    boss = member(acme, "boss@acme.example", Role.OWNER).user
    key = key_of(acme, boss, "read", "write", "write:api_keys", "write:signing_secrets")
    other = {"user_id": acme.principal.user_public_id}
    before = keys_in(acme)

    for path, body in (("api-keys", {"name": "x", "scopes": ["read"]}), ("signing-secrets", {"scopes": ["read"]})):
        refused = acme.post(f"/v1/{path}", body | other, **bearer(key))
        assert (refused.status, refused.fields) == (403, ["user_id"])
    assert keys_in(acme) == before


def test_narrowing_an_application_narrows_its_living_tokens(acme: Caller) -> None:
    program = register(acme, scopes=["read", "write", "admin"])
    pair = program.exchange(program.code(scope="read write admin")).body
    path = acme.get("/v1/oauth-applications").body["data"][0]["id"]
    assert acme.get("/v1/members", **bearer(pair["access_token"])).status == 200

    assert acme.patch(f"/v1/oauth-applications/{path}", {"scopes": ["read:accounts"]}).status == 200

    def opens(token: str) -> list[int]:
        made = acme.post("/v1/api-keys", {"name": "x", "scopes": ["admin"]}, **bearer(token)).status
        return [acme.get(f"/v1/{what}", **bearer(token)).status for what in ("accounts", "members")] + [made]

    assert opens(pair["access_token"]) == [200, 403, 403]
    renewed = program.refresh(pair["refresh_token"]).body
    assert renewed["scope"] == "read:accounts"
    assert opens(renewed["access_token"]) == [200, 403, 403]


def test_a_demoted_members_credentials_shrink_with_the_role(acme: Caller) -> None:
    boss = member(acme, "boss@acme.example", Role.OWNER)
    key = key_of(acme, boss.user)
    secret = acme.post("/v1/signing-secrets", {}, **bearer(key)).body["secret"]
    assert acme.patch(f"/v1/members/{boss.public_id}", {"role": "viewer"}).status == 200

    for credential in (key, signed(secret, boss.user.public_id, "admin")):
        refused = acme.post("/v1/api-keys", {"name": "x", "scopes": ["read"]}, **bearer(credential))
        assert (refused.status, refused.error["code"]) == (403, "PERMISSION_DENIED")


def test_taking_a_role_away_takes_no_more_than_the_scope(acme: Caller) -> None:
    key = key_of(acme, member(acme, "boss@acme.example", Role.OWNER).user, "write:members")
    lowered = member(acme, "clerk@acme.example", Role.ACCOUNTANT)

    assert acme.patch(f"/v1/members/{lowered.public_id}", {"role": "clerk"}, **bearer(key)).status == 200
    raised = acme.patch(f"/v1/members/{lowered.public_id}", {"role": "accountant"}, **bearer(key))
    assert raised.status == 403


# -- the algebra that all of it rests on ------------------------------------------------------------------

ACTIONS = [(action, resource) for action in ("read", "write") for resource in sorted(RESOURCES)]
some_scopes = st.frozensets(st.sampled_from(sorted(SCOPES)), max_size=6)
some_role = st.sampled_from(Role.values)


def effective(scopes: frozenset[str], role: str) -> set[tuple[str, str]]:
    """What a credential with these scopes may do in the hands of a member of this role."""
    writable = ROLE_WRITES[role]
    return {
        (action, resource)
        for action, resource in ACTIONS
        if scopes & sufficient(action, resource) and (action == "read" or writable is None or resource in writable)
    }


@given(claimed=some_scopes, ceiling=some_scopes)
def test_within_is_the_intersection_of_both(claimed: frozenset[str], ceiling: frozenset[str]) -> None:
    both = effective(claimed, Role.OWNER) & effective(ceiling, Role.OWNER)

    assert effective(within(claimed, ceiling), Role.OWNER) == both


@given(held=some_scopes, wanted=some_scopes, role=some_role)
def test_nobody_can_grant_more_than_they_have(held: frozenset[str], wanted: frozenset[str], role: str) -> None:
    handed_out = frozenset(scope for scope in wanted if covers(held, scope))

    assert effective(handed_out, role) <= effective(held, role)


@given(held=some_scopes, own=some_role, role=some_role)
def test_a_role_that_may_be_handed_out_does_no_more_than_its_giver(held: frozenset[str], own: str, role: str) -> None:
    giver = Principal(None, None, own, held, "key_x")  # type: ignore[arg-type] # neither is looked at
    try:
        check_role(role, giver)
    except PermissionDenied:
        return
    assert effective(frozenset({"admin"}), role) <= effective(held, own)
    assert effective(scopes_of(role), Role.OWNER) >= effective(frozenset({"admin"}), role)
