"""The scopes of a credential and the roles of a member: who may do what.

An action needs both. Which resources there are and who writes them, each app of the business says itself. `read` and
`write` are umbrellas over `read:accounts`, `write:invoices` and so on; who may come in at all (`MANAGEMENT`) is written
only with `admin` or the scope by name, and only by owners.
"""

from __future__ import annotations

from collections.abc import Iterable

from bigledger.access.models import Role
from bigledger.apps import Writers, business_apps

MANAGEMENT = frozenset(
    {"api_keys", "signing_secrets", "kiosk_links", "members", "invitations", "tenant", "oauth_applications"}
)
WRITERS = {
    "events": Writers.OWNERS,
    "reports": Writers.NOBODY,
    **dict.fromkeys(MANAGEMENT, Writers.OWNERS),
    **{resource: writers for app in business_apps() for resource, writers in app.scopes.items()},
}
READ_ONLY = frozenset(resource for resource, who in WRITERS.items() if who is Writers.NOBODY)
RESOURCES = WRITERS.keys()


def _written_by(*writers: Writers) -> frozenset[str]:
    return frozenset(resource for resource, who in WRITERS.items() if who in writers)


# What each role may write; every role may read. `None` is everything.
ROLE_WRITES: dict[str, frozenset[str] | None] = {
    Role.OWNER: None,
    Role.ACCOUNTANT: _written_by(Writers.ACCOUNTANTS, Writers.CLERKS),
    Role.CLERK: _written_by(Writers.CLERKS),
    Role.VIEWER: frozenset(),
}

UMBRELLAS = {
    "read": "Read everything in the books",
    "write": "Create and change accounts, entries, customers, invoices and payments",
    "admin": "Manage members, keys, applications and settings, and all of the above",
}
# Every scope there is, with what the consent page says of it.
SCOPES: dict[str, str] = {
    **UMBRELLAS,
    **{f"read:{name}": f"Read {name.replace('_', ' ')}" for name in sorted(RESOURCES)},
    **{f"write:{name}": f"Create and change {name.replace('_', ' ')}" for name in sorted(RESOURCES - READ_ONLY)},
}


def sufficient(action: str, resource: str) -> frozenset[str]:
    """The scopes of which any one allows this."""
    umbrella = frozenset() if action == "write" and resource in MANAGEMENT else frozenset({action})
    return umbrella | {f"{action}:{resource}", "admin"}


def scopes_of(role: str) -> frozenset[str]:
    """What a member of this role may do, in scopes: who hands out the role hands out these."""
    writable = ROLE_WRITES[role]
    return frozenset({"admin"}) if writable is None else frozenset({"read"}) | {f"write:{name}" for name in writable}


def within(claimed: Iterable[str], ceiling: Iterable[str]) -> frozenset[str]:
    """What of `claimed` lies under `ceiling`. Names that are no scopes give nothing."""
    wanted, most = frozenset(claimed) & SCOPES.keys(), frozenset(ceiling)
    if wanted <= most:
        return wanted
    return frozenset(s for s in wanted if covers(most, s)) | frozenset(s for s in most if covers(wanted, s))


def covers(held: frozenset[str], wanted: str) -> bool:
    """Whether somebody with the scopes `held` may hand out `wanted`."""
    if wanted in held or "admin" in held:
        return True
    action, _, resource = wanted.partition(":")
    return bool(resource) and bool(held & sufficient(action, resource))
