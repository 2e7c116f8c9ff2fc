"""For tests of what happens after the commit: a tenant of the test's own, in committed data."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connections

from bigledger.events import relay
from tests.conftest import Caller, Cast, make_tenant


@pytest.fixture
def tenant(cast: Cast, django_db_blocker: Any) -> Iterator[Caller]:
    """An owner's key to fresh books; what is done with it is committed and stays."""
    with django_db_blocker.unblock():
        yield make_tenant(f"T{uuid.uuid4().hex[:12]}")
        connections.close_all()


def behind_its_back(statement: str, *values: Any) -> int:
    """What another process commits; the number of rows it touched."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(statement, values)
        touched: int = cursor.rowcount
        return touched


def number_all() -> None:
    """What the relay does when it is woken."""
    while relay.number_pending():
        pass
