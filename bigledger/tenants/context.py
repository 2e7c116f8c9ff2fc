"""Whose books a transaction works on.

The database setting `app.tenant_id` is the truth: policies read it, and it ends with the transaction. The
context variable beside it is for Python that asks about the tenant (today's date, base currency).
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.db import transaction

from bigledger.postgres.execute import fetch_one
from bigledger.tenants.models import Tenant

# Of the transaction alone: behind a pooler the session is another's next time.
NOT_DURABLE = "set_config('synchronous_commit', 'off', true)"

_tenant: ContextVar[Tenant | None] = ContextVar("tenant", default=None)


class NoTenant(RuntimeError):
    """Code that needs a tenant ran outside every tenant's context: a programming error."""


def current_tenant() -> Tenant:
    """The tenant of this context. Raises NoTenant outside one."""
    tenant = _tenant.get()
    if tenant is None:
        raise NoTenant("this code needs a tenant; enter tenant_context() first")
    return tenant


@contextmanager
def entered(tenant: Tenant) -> Iterator[Tenant]:
    """Python's side alone, for the caller that has already told the database (sign-in does both at once)."""
    token = _tenant.set(tenant)
    try:
        yield tenant
    finally:
        _tenant.reset(token)


@contextmanager
def tenant_context(tenant: Tenant | uuid.UUID, *, using: str = "default", durable: bool = True) -> Iterator[Tenant]:
    """One transaction on one tenant's books: commits at the end, rolls back on an exception.

    Nested contexts are savepoints; the outer tenant is set again when the inner one ends. Who is not `durable` does not
    wait for the disk at the end, and does the work again when a crash of the server took it back.
    """
    identifier = tenant.id if isinstance(tenant, Tenant) else tenant
    nested = transaction.get_connection(using).in_atomic_block
    with transaction.atomic(using=using):
        before = set_tenant(identifier, using=using) if nested else None
        if not nested:
            set_tenant(identifier, using=using, durable=durable)
        found = tenant if isinstance(tenant, Tenant) else Tenant.objects.using(using).get(pk=tenant)
        with entered(found):
            yield found
        if nested:
            set_tenant(before, using=using)


def set_tenant(identifier: uuid.UUID | None, *, using: str = "default", durable: bool = True) -> uuid.UUID | None:
    """Tells the database the tenant for the rest of this transaction; returns the one before."""
    also = "" if durable else f", {NOT_DURABLE}"
    row = fetch_one(
        "WITH before AS MATERIALIZED (SELECT app_tenant() AS id)"  # noqa: S608 - our own
        f" SELECT before.id, set_config('app.tenant_id', %s, true){also} FROM before",
        [str(identifier) if identifier else ""],
        using=using,
    )
    previous: uuid.UUID | None = row[0]
    return previous
