"""What one document is executed with: who asks, and what has been read for it so far."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bigledger.access.principal import Principal
from bigledger.api.resource import Resource
from bigledger.errors import ApiError, PermissionDenied


class Context:
    """For one execution, in one thread. `made` holds the id that each mutation of the document gave, by its type;
    None for one that failed. `rehearsed` holds what a `validateOnly` would have written, by the field's name."""

    def __init__(self, principal: Principal, request_id: str) -> None:
        self.principal, self.request_id = principal, request_id
        self.made: dict[str, str | None] = {}
        self.rehearsed: dict[str, Any] = {}
        self.forget()

    def forget(self) -> None:
        """Before each mutation: what was read may not be so any more."""
        self._objects: dict[str, dict[str, Any]] = {}
        self._pages: dict[tuple[Any, ...], dict[str, Any]] = {}

    def may_read(self, scope: str) -> bool:
        try:
            self.principal.require("read", scope)
        except PermissionDenied:
            return False
        return True

    def load(self, resource: Resource, identifiers: Sequence[str]) -> list[Any]:
        """The bodies of these objects, each once; those not read yet in one go."""
        known = self._objects.setdefault(resource.name, {})
        wanted = list(dict.fromkeys(identifiers))
        missing = [identifier for identifier in wanted if identifier not in known]
        if missing:
            found = resource.expansion.load(missing)
            known.update({identifier: found.get(identifier) for identifier in missing})
        return [body for identifier in wanted if (body := known[identifier]) is not None]

    def one(self, resource: Resource, identifier: str) -> Any:
        return next(iter(self.load(resource, [identifier])), None)

    def pages(
        self, key: tuple[Any, ...], parents: Sequence[str], read: Callable[[Sequence[str]], Mapping[str, Any]]
    ) -> list[Any]:
        """The page below each parent; those not read yet in one go. A refusal stands in place of the pages."""
        known = self._pages.setdefault(key, {})
        missing = [parent for parent in parents if parent not in known]
        if missing:
            try:
                known.update(read(missing))
            except ApiError as refusal:
                known.update(dict.fromkeys(missing, refusal))
        return [known[parent] for parent in parents]
