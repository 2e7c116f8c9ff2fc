"""The sockets' server on the suite's database, and what happens in the books beside it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest

from bigledger.server import serving
from tests.committed import number_all, tenant
from tests.conftest import Caller, Cast
from tests.live.client import METRICS_TOKEN
from tests.running import api_server

__all__ = ["tenant"]

Make = Callable[..., Awaitable[Any]]


@pytest.fixture(scope="module")
def base(cast: Cast) -> Iterator[str]:
    """The address of a sockets' server of the module's own, whose pages are at http://localhost:8000."""
    with api_server(
        target="bigledger.asgi:application", arguments=serving.SOCKET_ARGUMENTS, ready="/healthz",
        PUBLIC_URL="http://localhost:8000", METRICS_TOKEN=METRICS_TOKEN,
        TEST_SETTINGS=json.dumps({"REQUIRE_SECOND_FACTOR": False}),
    ) as address:  # fmt: skip
        yield address


def customer(caller: Caller, name: str) -> Any:
    """A customer, whose event is committed and not numbered yet."""
    made = caller.post("/v1/customers", {"name": name})
    assert made.status == 201, made.text
    return made.body


def account(caller: Caller, code: str) -> Any:
    """An account, whose event is numbered."""
    body = {"code": code, "name": f"Account {code}", "type": "asset", "subtype": "current_asset", "currency": "USD"}
    made = caller.post("/v1/accounts", body)
    assert made.status == 201, made.text
    number_all()
    return made.body


def post_entries(caller: Caller, count: int) -> None:
    """Entries in one request, described by their place in it; their events are numbered."""
    for code in ("8001", "8002"):
        account(caller, code)
    lines = [{"account_id": "acc_8001", "debit": 1}, {"account_id": "acc_8002", "credit": 1}]
    entries = [{"date": "2026-01-31", "description": str(number), "lines": lines} for number in range(count)]
    operations = [{"operation": "create", "data": entry} for entry in entries]
    made = caller.post("/v1/journal-entries/bulk", {"operations": operations})
    assert made.status == 200, made.text
    number_all()


@pytest.fixture
def customers(tenant: Caller) -> Make:
    """Makes customers with these names in the tenant's books, and numbers their events."""

    async def make(*names: str, caller: Caller = tenant) -> list[Any]:
        def work() -> list[Any]:
            made = [customer(caller, name) for name in names]
            number_all()
            return made

        return await asyncio.to_thread(work)

    return make
