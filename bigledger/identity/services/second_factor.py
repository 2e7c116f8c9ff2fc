"""Forgetting a person's second factor, for whoever has lost their device."""

from __future__ import annotations

from django.db import transaction

from bigledger.access.models import Authenticator, Membership, Passkey, RecoveryCodes
from bigledger.access.principal import Principal
from bigledger.errors import BusinessRuleViolation
from bigledger.events.record import record
from bigledger.identity import events
from bigledger.identity.bodies import member_body
from bigledger.identity.rules import MEMBER_OF_OTHERS, NO_SECOND_FACTOR
from bigledger.identity.services.sign_in import memberships_of


@transaction.atomic
def reset_second_factor(*, membership: Membership, acting: Principal) -> None:
    """Authenticator, passkeys and recovery codes go. The member sets up a new factor at the next sign-in; sessions that
    the old one opened need it at once.

    People reset their own. For others an owner does, and only while they belong to no other tenant, since the
    factor guards all their tenants. Raises PermissionDenied; BusinessRuleViolation (`member_of_others`,
    `no_second_factor`).
    """
    user = membership.user
    if user.id != acting.user_id:
        acting.require("write", "members")
        if any(choice.id != acting.tenant.id for choice in memberships_of(user)):
            raise BusinessRuleViolation.of(MEMBER_OF_OTHERS, email=user.email)
    gone = [model.objects.filter(user=user).delete()[0] for model in (Authenticator, Passkey, RecoveryCodes)]
    if not any(gone):
        raise BusinessRuleViolation.of(NO_SECOND_FACTOR, email=user.email)
    record(events.MEMBER_SECOND_FACTOR_RESET, membership.id, member_body(membership), acting=acting)
