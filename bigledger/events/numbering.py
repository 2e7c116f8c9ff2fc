"""Numbering a tenant's events without the relay, for those who cannot leave them waiting."""

from __future__ import annotations

import uuid

import structlog
from django.db import Error, connections

from bigledger.events.wake import report_numbered
from bigledger.postgres.backend.base import connected
from bigledger.postgres.execute import fetch_all
from bigledger.tenants.context import current_tenant

# What records so many events at once has them numbered before its caller is answered. The relay would take seconds for
# a large load, and meanwhile each report would have to number what waits (standing.py).
MANY_EVENTS = 100
_AT_ONCE = 20_000
_NUMBER = "SELECT last FROM events_number(ARRAY[%s::uuid], %s)"

logger = structlog.get_logger(__name__)


def number_committed(tenant_id: uuid.UUID, *, up_to: int | None = None) -> int:
    """Numbers what is committed, at least up to the number `up_to`; the last number, 0 if nothing waited."""
    last = 0
    while found := fetch_all(_NUMBER, [tenant_id, _AT_ONCE], using="worker"):
        last = found[0][0]
        if up_to is not None and last >= up_to:
            break
    if last:
        report_numbered()
    return last


def number_on_commit() -> None:
    """Numbers the events of the tenant in context once the transaction is committed."""
    tenant_id = current_tenant().id

    def number() -> None:
        try:
            number_committed(tenant_id)
        except Error as fault:
            # The change is committed all the same; the relay numbers its events.
            logger.warning("events_not_numbered", error=str(fault))
            connections["worker"].close()

    connected("default").on_commit(number)
