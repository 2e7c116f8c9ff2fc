"""The people who have signed in to the pages, and the tenants that they may work in there."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest

from bigledger.access.admin_tenant import BACK_OFFICE_ROLES, SESSION_KEY, principals_of
from bigledger.access.models import User
from bigledger.access.principal import Principal


class NotSignedIn(Exception):
    """Nobody has signed in."""


class SecondFactorMissing(Exception):
    """The person has to give, or first set up, a second factor."""


def members_of_session(request: HttpRequest) -> list[Principal]:
    """The memberships of the person who has signed in, the chosen tenant first, then by name.

    Raises NotSignedIn, SecondFactorMissing.
    """
    user = request.user
    if not isinstance(user, User):
        raise NotSignedIn
    found = principals_of(user)
    needs_factor = user.is_staff or any(one.role in BACK_OFFICE_ROLES for one in found)
    if settings.REQUIRE_SECOND_FACTOR and needs_factor and not user.is_verified():  # type: ignore[attr-defined]
        raise SecondFactorMissing
    wanted = request.session.get(SESSION_KEY)
    return sorted(found, key=lambda one: str(one.tenant.id) != wanted)
