"""Books with an object of every kind in them, and every operation of the API, for tests that walk all of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver

from bigledger.api.describe import Description
from bigledger.api.listing import Listing
from bigledger.api.views import ApiViewSet
from bigledger.routes import api_routes
from tests.access.raises import clerk
from tests.conftest import Caller, number_events
from tests.everything import one_of_everything


def with_log(caller: Caller) -> dict[str, str]:
    """`one_of_everything` and an event of the log, which holds all that happened so far."""
    made = one_of_everything(caller)
    applied = caller.post(f"/v1/payments/{made['payments']}/apply", {"invoice_id": made["invoices"]})
    assert applied.status == 201, applied.text
    number_events(caller)
    newest = caller.get("/v1/events?sort=seq:desc&limit=1").body["data"][0]
    return {**made, "events": newest["id"], "reports": "trial_balance"}


def with_histories(caller: Caller) -> dict[str, str]:
    """`with_log`, and each object has an event of its own: the member and the delivery of a webhook as well."""
    made = with_log(caller)
    member = clerk(caller).public_id
    changed = caller.patch(f"/v1/members/{member}", {"role": "accountant"})
    again = caller.post(f"/v1/webhook-deliveries/{made['webhook_deliveries']}/redeliver")
    assert (changed.status, again.status) == (200, 202), (changed.text, again.text)
    number_events(caller)
    return {**made, "members": member, "webhook_deliveries": again.body["id"]}


@dataclass(frozen=True)
class Operation:
    """One method on one route (`accounts/{pk}/ledger`), and the view that answers."""

    route: str
    method: str
    action: str
    view: type[ApiViewSet]

    @property
    def description(self) -> Description | None:
        found: Description | None = getattr(getattr(self.view, self.action), "operation", None)
        return found

    @property
    def listing(self) -> Listing | None:
        """What the operation's list takes; None for an operation that is no list."""
        if self.description and self.description.listing:
            return self.description.listing
        return self.view.of.listing if self.action == "list" else None

    def named_in_path(self) -> list[str]:
        """The resources of which the route names an object: the view's own, and those of the parts below it."""
        names = re.findall(r"{(\w+)}", self.route)
        return [self.view.resource if name == "pk" else f"{name}s" for name in names]

    def path(self, ids: dict[str, str]) -> str:
        """The address, with the id of an object of the view's resource in it, and below it those of its parts."""
        parts = {name: ids.get(f"{name}s", "none") for name in re.findall(r"{(\w+)}", self.route)}
        return f"/v1/{self.route.format_map(parts | {'pk': ids.get(self.view.resource, '')})}"

    def __str__(self) -> str:
        return f"{self.method} {self.route}"


def operations(patterns: Sequence[Any] = tuple(api_routes), prefix: str = "") -> Iterator[Operation]:
    for pattern in patterns:
        route = f"{prefix}{pattern.pattern}"
        if isinstance(pattern, URLResolver):
            yield from operations(pattern.url_patterns, route)
        elif isinstance(pattern, URLPattern) and hasattr(pattern.callback, "actions"):
            for method, action in pattern.callback.actions.items():
                yield Operation(readable(route), method.upper(), action, pattern.callback.cls)


def readable(route: str) -> str:
    """`^accounts/(?P<pk>[^/.]+)$` and `reports/<str:pk>` both as `accounts/{pk}`."""
    return re.sub(r"\(\?P<(\w+)>[^)]*\)|<(?:\w+:)?(\w+)>", lambda m: "{" + (m[1] or m[2]) + "}", route).strip("^$/")


OPERATIONS = list(operations())
READS = [operation for operation in OPERATIONS if operation.method == "GET"]
LISTS = [operation for operation in READS if operation.listing]
