"""Members, invitations and the tenant itself."""

from __future__ import annotations

import secrets as random_secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from bigledger.access import secrets, sign_ins
from bigledger.access import services as access
from bigledger.access.models import ApiKey, Application, Invitation, KioskLink, Membership, Role, SigningSecret, User
from bigledger.access.principal import Principal
from bigledger.access.scopes import scopes_of, within
from bigledger.errors import BusinessRuleViolation, Conflict, Detail, PermissionDenied, ResourceNotFound
from bigledger.events.changes import shown_change
from bigledger.events.record import record
from bigledger.identity import events
from bigledger.identity.bodies import InvitationBody, MemberBody, TenantBody, invitation_body, member_body, tenant_body
from bigledger.identity.mails import INVITATION_DAYS, INVITATION_MAIL
from bigledger.identity.rules import ADDRESS_INVITED_TOO_OFTEN, LAST_OWNER, OWN_ROLE, TOO_MANY_INVITATIONS
from bigledger.identity.services import credentials
from bigledger.identity.services.ceilings import check_role
from bigledger.identity.services.logo import keep_logo
from bigledger.mail.models import Mail
from bigledger.mail.services import queue_mail
from bigledger.postgres.execute import fetch_all
from bigledger.tenants.context import current_tenant, tenant_context
from bigledger.tenants.models import Tenant

# Whoever is invited did not ask for it: an open invitation of a tenant, and mails of them to one address in a day.
MAX_OPEN_INVITATIONS = 100
MAX_INVITATIONS_OF_ADDRESS = 5


@transaction.atomic
def invite_member(
    *, email: str, role: str, metadata: Mapping[str, str] | None = None, acting: Principal
) -> InvitationBody:
    """Mails `email` a link that makes who opens it a member. Raises Conflict for who is one already;
    PermissionDenied for a role beyond what the caller holds.

    A second invitation of the same address takes the place of the first. Raises BusinessRuleViolation
    (`too_many_invitations`, `mail_limit_reached`).
    """
    check_role(role, acting)
    # One invitation of a tenant at a time, so that the counts below hold.
    tenant = Tenant.objects.select_for_update(no_key=True).get(pk=current_tenant().pk)
    if Membership.objects.filter(user__email__iexact=email).exists():
        message = f"{email} is already a member."
        raise Conflict(message, [Detail(message, field="email")])
    Invitation.objects.filter(email__iexact=email, accepted_at=None).delete()
    _refuse_a_flood(email)
    token = random_secrets.token_urlsafe(32)
    invitation = Invitation.objects.create(
        email=email,
        role=role,
        digest=secrets.digest(token),
        metadata=dict(metadata or {}),
        invited_by_id=acting.made_by or acting.user_id,
        expires_at=tenant.now() + timedelta(days=INVITATION_DAYS),
    )
    invitation.refresh_from_db()
    body = invitation_body(invitation)
    record(events.MEMBER_INVITED, invitation.id, body, acting=acting)
    queue_mail(kind=INVITATION_MAIL, about_id=invitation.id, to=[email], secret=token)
    return body


def _refuse_a_flood(email: str) -> None:
    """Raises BusinessRuleViolation (`too_many_invitations`)."""
    now = timezone.now()
    if Invitation.objects.filter(accepted_at=None, expires_at__gt=now).count() >= MAX_OPEN_INVITATIONS:
        raise BusinessRuleViolation.of(TOO_MANY_INVITATIONS, most=MAX_OPEN_INVITATIONS)
    today = Mail.objects.filter(kind=INVITATION_MAIL.name, created_at__gt=now - timedelta(days=1))
    mailed = sum(to[0].casefold() == email.casefold() for to in today.values_list("to", flat=True))
    if mailed >= MAX_INVITATIONS_OF_ADDRESS:
        raise BusinessRuleViolation.of(ADDRESS_INVITED_TOO_OFTEN, "email", email=email, times=mailed)


@transaction.atomic
def withdraw_invitation(*, invitation: Invitation, acting: Principal) -> None:
    """The link is no longer valid."""
    record(events.INVITATION_WITHDRAWN, invitation.id, invitation_body(invitation), acting=acting)
    invitation.delete()


def find_invitation(token: str) -> Invitation:
    """The invitation, with its tenant, before anybody is known. Raises ResourceNotFound."""
    rows = fetch_all("SELECT tenant_id, id FROM access_find_invitation(%b)", [secrets.digest(token)])
    if not rows:
        raise ResourceNotFound("The invitation has been used or withdrawn, or has expired")
    with tenant_context(rows[0][0]):
        return Invitation.objects.select_related("tenant", "invited_by").get(pk=rows[0][1])


def accept_invitation(*, token: str, user: User) -> MemberBody:
    """Makes `user` a member. Raises ResourceNotFound; PermissionDenied for another address than the invited."""
    found = find_invitation(token)
    if user.email.casefold() != found.email.casefold():
        raise PermissionDenied(f"The invitation is for {found.email}")
    with tenant_context(found.tenant):
        invitation = Invitation.objects.select_for_update().get(pk=found.pk)
        if invitation.accepted_at is not None:
            raise ResourceNotFound("The invitation has been used or withdrawn, or has expired")
        invitation.accepted_at = found.tenant.now()
        invitation.save(update_fields=["accepted_at"])
        membership = access.add_member(user=user, role=invitation.role)
        membership.refresh_from_db()
        body = member_body(membership)
        acting = Principal.of_member(found.tenant, user.id, membership.role, credential="session")
        record(events.MEMBER_ADDED, membership.id, body, acting=acting)
        return body


@transaction.atomic
def change_role(*, membership: Membership, role: str, acting: Principal) -> MemberBody:
    """Raises BusinessRuleViolation (`own_role`, `last_owner`); PermissionDenied for a role that gives more than the
    member has, beyond what the caller holds."""
    membership = _locked(membership)
    if membership.user_id == acting.user_id:
        raise BusinessRuleViolation.of(OWN_ROLE, "role")
    if not scopes_of(role) <= within(scopes_of(role), scopes_of(membership.role)):
        check_role(role, acting)
    if membership.role == Role.OWNER and role != Role.OWNER:
        _keep_an_owner(membership, "role")
    before = member_body(membership)
    membership.role = role
    body = shown_change(membership, before, member_body)
    if body is None:
        return before
    membership.save(update_fields=["role"])
    record(events.MEMBER_UPDATED, membership.id, body, acting=acting, previous=before)
    return body


@transaction.atomic
def remove_member(*, membership: Membership, acting: Principal) -> None:
    """Ends the membership and everything whose secret the member knows, made by them or for them, for good, so that
    rejoining revives none. What they made for others ends too, and their invitations on the way are withdrawn.

    Applications pass to the caller, without a secret that anybody knows. Raises BusinessRuleViolation (`last_owner`).
    """
    membership = _locked(membership)
    if membership.role == Role.OWNER:
        _keep_an_owner(membership)
    gone = membership.user
    known = Q(user=gone) | Q(created_by=gone)
    for key in ApiKey.objects.filter(known, revoked_at=None).order_by("id"):
        credentials.revoke_api_key(key=key, acting=acting)
    for secret in SigningSecret.objects.filter(known, revoked_at=None).order_by("id"):
        credentials.revoke_signing_secret(secret=secret, acting=acting)
    for link in KioskLink.objects.filter(known, revoked_at=None).order_by("id"):
        credentials.revoke_kiosk_link(link=link, acting=acting)
    fetch_all("SELECT access_revoke_grants(%b)", [gone.id])
    for application in Application.objects.filter(Q(user=gone) | Q(secret_shown_to=gone)).order_by("id"):
        credentials.void_application_secret(application=application, acting=acting)
    for invitation in Invitation.objects.filter(invited_by=gone, accepted_at=None).order_by("id"):
        withdraw_invitation(invitation=invitation, acting=acting)
    sign_ins.end_all(user=gone)
    record(events.MEMBER_REMOVED, membership.id, member_body(membership), acting=acting)
    membership.delete()


@transaction.atomic
def update_tenant(*, changes: Mapping[str, Any], acting: Principal) -> TenantBody:
    """Changes the tenant from the fields of `TenantInput`; the plan is not the tenant's to change.

    `logo` is the bytes of an image, or None. Raises ValidationFailed.
    """
    tenant = Tenant.objects.select_for_update().get(pk=acting.tenant.pk)
    before = tenant_body(tenant)
    changes = dict(changes)
    if "logo" in changes:
        content = changes.pop("logo")
        changes["logo_id"] = None if content is None else keep_logo(content).id
    if changes.get("address"):
        blank = dict.fromkeys(("line2", "city", "state", "postal_code"), "")
        changes["address"] = blank | changes["address"]
    for name, value in changes.items():
        setattr(tenant, name, value)
    body = shown_change(tenant, before, tenant_body)
    if body is None:
        return before
    tenant.save(update_fields=list(changes))
    record(events.TENANT_UPDATED, tenant.id, body, acting=acting, previous=before)
    return body


def _locked(membership: Membership) -> Membership:
    """The member with all owners locked in one order, so that two demotions at once leave one."""
    list(Membership.objects.select_for_update().filter(role=Role.OWNER).order_by("id").values("id"))
    found = Membership.objects.select_for_update(of=("self",)).select_related("user").filter(pk=membership.pk).first()
    if found is None:
        raise ResourceNotFound(f"There is no {membership.public_id}")
    return found


def _keep_an_owner(membership: Membership, field: str | None = None) -> None:
    if not Membership.objects.filter(role=Role.OWNER).exclude(pk=membership.pk).exists():
        raise BusinessRuleViolation.of(LAST_OWNER, field)
