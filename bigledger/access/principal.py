"""Who performs an operation: in which tenant, as which user, with which credential, allowed what."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Literal

from bigledger.access.actors import SystemActor
from bigledger.access.models import User
from bigledger.access.scopes import ROLE_WRITES, sufficient
from bigledger.errors import Detail, PermissionDenied
from bigledger.tenants.context import current_tenant
from bigledger.tenants.models import Tenant

Action = Literal["read", "write"]
_NOBODY = uuid.UUID(int=0)  # no user has this id, so a foreign key refuses a row that would belong to it
_ALL_SCOPES = frozenset({"read", "write", "admin"})


@dataclass(frozen=True)
class Principal:
    """Who acts. `scopes` are the credential's, `role` is the member's: an action needs both.

    A credential made with this one has at most its scopes, `networks` (empty means all) and `expires_at`. `made_by` is
    the member who made the credential, when that is somebody else. `system_actor` acts instead of a member, if set.
    """

    tenant: Tenant
    user_id: uuid.UUID
    role: str
    scopes: frozenset[str]
    credential: str  # its public id: `key_…`, `sec_…`, `app_…`; `sgn_…` for a token issued here
    networks: tuple[str, ...] = ()
    expires_at: datetime | None = None
    made_by: uuid.UUID | None = None
    system_actor: SystemActor | None = None

    @classmethod
    def of_member(cls, tenant: Tenant, user_id: uuid.UUID, role: str, *, credential: str) -> Principal:
        """A member who is known by other means than an API credential; only the role limits them."""
        return cls(tenant, user_id, role, _ALL_SCOPES, credential)

    @classmethod
    def on_behalf_of(cls, user_id: uuid.UUID, *, by: SystemActor, role: str) -> Principal:
        """`by` acts in the tenant in context. Events name `by`; the rows that it creates belong to `user_id`."""
        return cls(current_tenant(), user_id, role, frozenset({"write"}), by.name, system_actor=by)

    @classmethod
    def system(cls, actor: SystemActor) -> Principal:
        """`actor` acts in the tenant in context, on behalf of nobody, so it creates no rows that belong to a user."""
        return cls(current_tenant(), _NOBODY, "", frozenset(), actor.name, system_actor=actor)

    # What Django REST framework asks of `request.user`.
    is_authenticated = True
    is_active = True

    @cached_property
    def identity(self) -> str:
        """Everything that determines an answer: callers with the same identity may see each other's answers."""
        return f"{self.tenant.id} {self.user_id} {self.credential} {self.role} {' '.join(sorted(self.scopes))}"

    @cached_property
    def user_public_id(self) -> str:
        return User.public_id_of(self.user_id)

    @cached_property
    def actor(self) -> str:
        """The `actor` of events: the system actor, or the member followed by a blank and who made their credential."""
        if self.system_actor:
            return self.system_actor.name
        return self.user_public_id + (f" {User.public_id_of(self.made_by)}" if self.made_by else "")

    def require(self, action: Action, resource: str) -> None:
        """Raises PermissionDenied naming the scope or the role that is missing."""
        scope = f"{action}:{resource}"
        if not self.scopes & sufficient(action, resource):
            raise PermissionDenied(
                f"Missing scope: {scope}",
                [Detail(f"The credential lacks the scope {scope}", scope=scope)],
            )
        writable = ROLE_WRITES[self.role]
        if action == "write" and writable is not None and resource not in writable:
            roles = [name for name, may in ROLE_WRITES.items() if may is None or resource in may]
            message = f"The role {self.role} cannot write {resource}; allowed roles: {', '.join(map(str, roles))}"
            raise PermissionDenied(message, [Detail(message, code="missing_role")])
