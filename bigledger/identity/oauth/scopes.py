"""Which scopes an application may ask for."""

from __future__ import annotations

from typing import Any

from oauth2_provider.scopes import BaseScopes

from bigledger.access.scopes import SCOPES, covers
from bigledger.access.tokens import DEFAULT_SCOPES


class ApplicationScopes(BaseScopes):
    """What the application was registered with, and every narrower scope under it."""

    def get_all_scopes(self) -> dict[str, str]:
        return SCOPES

    def get_available_scopes(
        self, application: Any = None, request: Any = None, *args: Any, **kwargs: Any
    ) -> list[str]:
        held = frozenset(application.scopes) if application else SCOPES.keys()
        return [scope for scope in SCOPES if covers(frozenset(held), scope)]

    def get_default_scopes(self, application: Any = None, request: Any = None, *args: Any, **kwargs: Any) -> list[str]:
        available = self.get_available_scopes(application)
        return [scope for scope in DEFAULT_SCOPES.split() if scope in available] or available
