"""The resources of members and credentials."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.db.models import Q

from bigledger.access.models import ApiKey, Application, Invitation, KioskLink, Membership, Role, SigningSecret, User
from bigledger.api import filters
from bigledger.api.bodies import Body
from bigledger.api.listing import Listing
from bigledger.api.resource import Resource
from bigledger.identity import bodies

_CREATED = {"created_at": filters.moment("created_at")}
_STATUS = {
    "status": filters.choice(
        "revoked_at", ("active", "revoked"), lambda value: Q(revoked_at__isnull=value == "active")
    ),
    "user_id": filters.reference("user_id", User),
}


def _each(body: Callable[[Any], Body]) -> Callable[[Sequence[Any]], list[Body]]:
    return lambda rows: [body(row) for row in rows]


API_KEYS = Resource(
    name="api_keys",
    model=ApiKey,
    body=bodies.ApiKeyBody,
    bodies=_each(bodies.api_key_body),
    rows=lambda: ApiKey.objects.select_related("user", "created_by"),
    listing=Listing(
        filters={"name": filters.text("name"), **_STATUS, **_CREATED},
        sort=("name", "created_at"),
        order="created_at:desc",
        search=("name",),
    ),
)
SIGNING_SECRETS = Resource(
    name="signing_secrets",
    model=SigningSecret,
    body=bodies.SigningSecretBody,
    bodies=_each(bodies.signing_secret_body),
    rows=lambda: SigningSecret.objects.select_related("user", "created_by"),
    listing=Listing(filters={**_STATUS, **_CREATED}, sort=("created_at",), order="created_at:desc"),
)
KIOSK_LINKS = Resource(
    name="kiosk_links",
    model=KioskLink,
    body=bodies.KioskLinkBody,
    bodies=_each(bodies.kiosk_link_body),
    rows=lambda: KioskLink.objects.select_related("user", "created_by"),
    listing=Listing(
        filters={"name": filters.text("name"), **_STATUS, **_CREATED},
        sort=("name", "created_at"),
        order="created_at:desc",
        search=("name",),
    ),
)
OAUTH_APPLICATIONS = Resource(
    name="oauth_applications",
    model=Application,
    body=bodies.ApplicationBody,
    bodies=_each(bodies.application_body),
    rows=lambda: Application.objects.select_related("user", "secret_shown_to"),
    listing=Listing(
        filters={"name": filters.text("name"), "created_at": filters.moment("created")},
        sort=("name", "created_at"),
        order="name:asc",
        search=("name",),
    ),
)
MEMBERS = Resource(
    name="members",
    model=Membership,
    body=bodies.MemberBody,
    bodies=_each(bodies.member_body),
    rows=lambda: Membership.objects.select_related("user"),
    listing=Listing(
        filters={"email": filters.text("user__email"), "role": filters.choice("role", Role.values), **_CREATED},
        sort=("email", "role", "created_at"),
        order="created_at:asc",
        search=("user__email", "user__name"),
    ),
)
INVITATIONS = Resource(
    name="invitations",
    model=Invitation,
    body=bodies.InvitationBody,
    bodies=_each(bodies.invitation_body),
    rows=lambda: Invitation.objects.select_related("invited_by"),
    listing=Listing(
        filters={"email": filters.text("email"), "role": filters.choice("role", Role.values), **_CREATED},
        sort=("email", "created_at"),
        order="created_at:desc",
        search=("email",),
    ),
)
