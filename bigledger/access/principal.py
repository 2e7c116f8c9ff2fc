"""The caller of an operation: which tenant, which user, with which credential, allowed what."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Literal

from bigledger import ids
from bigledger.access.scopes import ROLE_WRITES, sufficient
from bigledger.errors import Detail, PermissionDenied
from bigledger.tenants.models import Tenant

Action = Literal["read", "write"]


@dataclass(frozen=True)
class Principal:
    """Who acts. `scopes` are the credential's, `role` is the member's: an action needs both.

    What the credential hands out has at most its scopes, `networks` (none is everywhere) and `expires_at`. `made_by` is
    whoever made the credential for the member, when that was somebody else.
    """

    tenant: Tenant
    user_id: uuid.UUID
    role: str
    scopes: frozenset[str]
    credential: str  # its public id: `key_…`, `sec_…`, `app_…`; `sgn_…` for a token issued here
    networks: tuple[str, ...] = ()
    expires_at: datetime | None = None
    made_by: uuid.UUID | None = None

    # What Django REST framework asks of `request.user`.
    is_authenticated = True
    is_active = True

    @cached_property
    def identity(self) -> str:
        """All that decides what is shown: where it is equal, each caller may see the other's answer."""
        return f"{self.tenant.id} {self.user_id} {self.credential} {self.role} {' '.join(sorted(self.scopes))}"

    @cached_property
    def user_public_id(self) -> str:
        return ids.encode("user", self.user_id)

    @cached_property
    def actor(self) -> str:
        """As events name who acted: the member, and after a blank whoever made the credential for them."""
        return self.user_public_id + (f" {ids.encode('user', self.made_by)}" if self.made_by else "")

    def require(self, action: Action, resource: str) -> None:
        """Raises PermissionDenied naming the scope or the role that is missing."""
        scope = f"{action}:{resource}"
        if not self.scopes & sufficient(action, resource):
            raise PermissionDenied(
                f"This needs the scope {scope}",
                [Detail(f"The credential lacks the scope {scope}", scope=scope)],
            )
        writable = ROLE_WRITES[self.role]
        if action == "write" and writable is not None and resource not in writable:
            roles = [name for name, may in ROLE_WRITES.items() if may is None or resource in may]
            message = f"The role {self.role} may not write {resource}; it takes {' or '.join(map(str, roles))}"
            raise PermissionDenied(message, [Detail(message, code="missing_role")])
