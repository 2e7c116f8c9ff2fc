"""Locks between the writers of one tenant."""

from __future__ import annotations

from bigledger.postgres.execute import fetch_all


def lock(name: str) -> None:
    """Waits until no other transaction of the tenant holds the lock of this name, and holds it to the end of this one.

    Whoever counts rows before adding one takes it first, so that two at once see each other's.
    """
    fetch_all("SELECT pg_advisory_xact_lock(hashtextextended(app_tenant()::text || %s, 0))", [name])
