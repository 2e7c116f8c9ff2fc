"""The attributes that the middleware adds to a request."""

from __future__ import annotations

from django.http import HttpRequest

from bigledger.access.limits import Slot
from bigledger.access.principal import Principal


class ApiRequest(HttpRequest):
    """A request with its id, and the caller once it is known; a type only, never made."""

    id: str
    principal: Principal | None
    slot: Slot | None
