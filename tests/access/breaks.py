"""What breaks each rule of members, and the one of mail."""

from __future__ import annotations

import pytest
from django.conf import settings

from bigledger.access.models import Authenticator, Membership, Role
from bigledger.access.services import add_member, get_or_create_user
from bigledger.identity import rules
from bigledger.identity.services import members
from bigledger.identity.services.own_account import remove_authenticator
from bigledger.identity.services.second_factor import reset_second_factor
from bigledger.mail.rules import MAIL_LIMIT_REACHED
from bigledger.rules import Rule
from bigledger.tenants.context import tenant_context
from tests.access.raises import INVITATION
from tests.breaking import Ask, Prepare, asking
from tests.conftest import Caller, make_tenant

Patch = pytest.MonkeyPatch


def crowded(caller: Caller, patch: Patch) -> Ask:
    patch.setattr(members, "MAX_OPEN_INVITATIONS", 1)
    caller.post("/v1/invitations", INVITATION)
    return asking(caller, "POST", "/v1/invitations", {"email": "dan@example.com", "role": "clerk"})


def invited_too_often(caller: Caller, patch: Patch) -> Ask:
    patch.setattr(members, "MAX_INVITATIONS_OF_ADDRESS", 1)
    caller.post("/v1/invitations", INVITATION)
    return asking(caller, "POST", "/v1/invitations", INVITATION)


def out_of_mails(caller: Caller, patch: Patch) -> Ask:
    patch.setattr(settings, "MAIL_RECIPIENTS_PER_DAY", {caller.tenant.plan: 0})
    return asking(caller, "POST", "/v1/invitations", INVITATION)


def on_myself(method: str, change: object = None) -> Prepare:
    def prepare(caller: Caller, patch: Patch) -> Ask:
        with tenant_context(caller.tenant):
            mine = Membership.objects.get(user_id=caller.principal.user_id)
        return asking(caller, method, f"/v1/members/{mine.public_id}", change)

    return prepare


def second_factor(*, of_others: bool) -> Prepare:
    """The back office does this; the service is what it calls."""

    def prepare(caller: Caller, patch: Patch) -> Ask:
        user = get_or_create_user(email="clara@example.com")
        if of_others:
            with tenant_context(make_tenant("Other").tenant):
                add_member(user=user, role=Role.CLERK)
        with tenant_context(caller.tenant):
            member = add_member(user=user, role=Role.CLERK)

        def ask() -> None:
            with tenant_context(caller.tenant):
                reset_second_factor(membership=member, acting=caller.principal)

        return ask

    return prepare


def last_factor(caller: Caller, patch: Patch) -> Ask:
    """The page of one's own account does this; the service is what it calls."""
    patch.setattr(settings, "REQUIRE_SECOND_FACTOR", True)
    user = get_or_create_user(email="clara@example.com")
    Authenticator.objects.create(user=user, name="phone")
    return lambda: remove_authenticator(user=user)


BREAKS: dict[Rule, Prepare] = {
    rules.TOO_MANY_INVITATIONS: crowded,
    rules.ADDRESS_INVITED_TOO_OFTEN: invited_too_often,
    rules.OWN_ROLE: on_myself("PATCH", {"role": "viewer"}),
    rules.LAST_OWNER: on_myself("DELETE"),
    rules.MEMBER_OF_OTHERS: second_factor(of_others=True),
    rules.LAST_FACTOR: last_factor,
    rules.NO_SECOND_FACTOR: second_factor(of_others=False),
    MAIL_LIMIT_REACHED: out_of_mails,
}
