"""REST framework's view of the caller: who it is, and whether the scope and the role suffice."""

from __future__ import annotations

from typing import Any, cast

from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from bigledger.access.principal import Action, Principal
from bigledger.errors import AuthenticationFailed

_READING = ("GET", "HEAD", "OPTIONS")


class PrincipalAuthentication(BaseAuthentication):
    """Passes the caller, whom the middleware has authenticated, to REST framework."""

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        principal = request._request.principal  # type: ignore[attr-defined]
        return (principal, principal.credential) if principal else None

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class NeedsScope(BasePermission):
    """Every view names its `resource`; reading and writing it are two scopes."""

    def has_permission(self, request: Request, view: Any) -> bool:
        principal = request.user
        if principal is None:
            raise AuthenticationFailed("The Authorization header is missing")
        self.guard(cast(Principal, principal), request.method, view.resource)
        return True

    @staticmethod
    def guard(principal: Principal, method: str | None, resource: str) -> None:
        """Raises PermissionDenied. Also asked before an answer is replayed (`dispatch.permit`)."""
        action: Action = "read" if method in _READING else "write"
        principal.require(action, resource)
