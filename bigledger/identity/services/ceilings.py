"""Whoever hands out a credential or a role hands out at most what their own credential holds (ADR 86)."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Sequence
from datetime import datetime

from bigledger.access.models import Membership, User
from bigledger.access.principal import Principal
from bigledger.access.scopes import ROLE_WRITES, covers, scopes_of
from bigledger.errors import Detail, PermissionDenied, ResourceNotFound


def check_scopes(scopes: Iterable[str], acting: Principal, *, field: str = "scopes") -> None:
    """Raises PermissionDenied, naming each scope that the caller does not have and so cannot grant."""
    beyond = [scope for scope in scopes if not covers(acting.scopes, scope)]
    if beyond:
        raise PermissionDenied(
            f"You cannot grant scopes that your credential does not have: {', '.join(beyond)}",
            [Detail(f"The credential lacks the scope {scope}", field=field, scope=scope) for scope in beyond],
        )


def check_role(role: str, acting: Principal) -> None:
    """Raises PermissionDenied when the role allows more than the caller's role and credential do together."""
    theirs, own = ROLE_WRITES[role], ROLE_WRITES[acting.role]
    if own is not None and (theirs is None or not theirs <= own):
        message = f"The role {acting.role} cannot grant the role {role}"
        raise PermissionDenied(message, [Detail(message, field="role", code="exceeds_credential")])
    check_scopes(sorted(scopes_of(role)), acting, field="role")
    check_unbound(acting, what=f"the role {role}")


def check_unbound(acting: Principal, *, what: str) -> None:
    """Raises PermissionDenied for a credential that is bound to networks or ends: `what` would not be."""
    if acting.networks or acting.expires_at is not None:
        raise PermissionDenied(
            f"The credential is restricted to networks or expires, so it cannot grant unrestricted access ({what})"
        )


def networks_within(wanted: Sequence[str], acting: Principal) -> Sequence[str]:
    """The networks of a new credential: those wanted, or the caller's own. Raises PermissionDenied beyond these."""
    own = [ipaddress.ip_network(network) for network in acting.networks]
    if not own:
        return wanted
    beyond = [network for network in wanted if not any(_lies_in(ipaddress.ip_network(network), one) for one in own)]
    if beyond:
        message = f"The credential is restricted to {', '.join(acting.networks)} and cannot grant {', '.join(beyond)}"
        raise PermissionDenied(message, [Detail(message, field="allowed_networks", code="exceeds_credential")])
    return wanted or acting.networks


def _lies_in(
    network: ipaddress.IPv4Network | ipaddress.IPv6Network, outer: ipaddress.IPv4Network | ipaddress.IPv6Network
) -> bool:
    return network.version == outer.version and network.subnet_of(outer)  # type: ignore[arg-type]


def expiry_within(wanted: datetime | None, acting: Principal) -> datetime | None:
    """The end of a new credential: the one wanted, or the caller's own. Raises PermissionDenied for a later one."""
    if acting.expires_at is None:
        return wanted
    if wanted is not None and wanted > acting.expires_at:
        message = f"The credential expires at {acting.expires_at.isoformat()} and cannot create one that expires later"
        raise PermissionDenied(message, [Detail(message, field="expires_at", code="exceeds_credential")])
    return wanted or acting.expires_at


def member_for(user_id: str | None, acting: Principal) -> User:
    """The member that a new credential acts as: the caller, or another with the scope admin.

    Raises ResourceNotFound; PermissionDenied.
    """
    identifier = User.id_in(user_id) if user_id else acting.user_id
    if identifier != acting.user_id and "admin" not in acting.scopes:
        message = "Creating a credential for another member requires the scope admin"
        raise PermissionDenied(message, [Detail(message, field="user_id", scope="admin")])
    found = Membership.objects.select_related("user").filter(user_id=identifier).first() if identifier else None
    if found is None:
        message = f"There is no member {user_id}"
        raise ResourceNotFound(message, [Detail(message, field="user_id")])
    return found.user
