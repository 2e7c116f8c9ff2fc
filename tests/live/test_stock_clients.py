"""npm's `graphql-ws` and Apollo Client, as anybody installs them, on the reference's subscriptions."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Caller
from tests.live.client import figures, run
from tests.live.conftest import Make, account
from tests.live.test_graph import invoice, made

CLIENTS = Path(__file__).parent / "clients"
NODE = shutil.which("node")
ENDED = {"sockets_open": 0, "streams_open": 0, "followers": 0}

pytestmark = pytest.mark.parametrize("library", ["graphql-ws", "apollo"])


@pytest.fixture(scope="module", autouse=True)
def installed() -> None:
    assert NODE, "Node is a package of Debian, which .ci/run installs"
    assert (CLIENTS / "node_modules").exists(), "npm ci --prefix tests/live/clients, as .ci/run does"


async def heard(
    library: str, base: str, key: str, query: str, count: int, do: Callable[[], Awaitable[object]], **variables: Any
) -> list[Any]:
    """What the client shows, once `do` has been done while it was subscribed."""
    url = f"{base.replace('http', 'ws')}/v1"
    program = [str(NODE), "subscribe.mjs", library, url, key, query, json.dumps(variables), str(count)]
    process = await asyncio.create_subprocess_exec(*program, cwd=CLIENTS, stdout=asyncio.subprocess.PIPE)
    assert process.stdout
    first = json.loads(await process.stdout.readline())
    if first == "connected":
        await do()
    lines = (await process.stdout.read()).decode().splitlines()
    await process.wait()
    return ([] if first == "connected" else [first]) + [json.loads(line) for line in lines]


async def nothing() -> None:
    return None


async def subscribed(base: str) -> None:
    while (await figures(base))["followers"] != 1:
        await asyncio.sleep(0.01)


def test_an_invoice(base: str, tenant: Caller, customers: Make, library: str) -> None:
    async def script() -> None:
        (ada,) = await customers("Ada")

        async def do() -> None:
            await subscribed(base)
            await invoice(tenant, ada["id"])

        query = "subscription { invoiceCreated { total status customer { name } } }"
        (result,) = await heard(library, base, tenant.api_key, query, 1, do)
        shown = result["data"]["invoiceCreated"]
        assert (shown["total"], shown["status"], shown["customer"]["name"]) == (700.5, "DRAFT", "Ada")

    run(script)


def test_a_payment(base: str, tenant: Caller, customers: Make, library: str) -> None:
    async def script() -> None:
        (ada,) = await customers("Ada")

        async def do() -> None:
            await subscribed(base)
            await made(tenant, "/v1/payments", {"customer_id": ada["id"], "amount": 12.5, "method": "cash"})

        query = "subscription { paymentReceived { amount currency } }"
        (result,) = await heard(library, base, tenant.api_key, query, 1, do)
        assert (result["data"]["paymentReceived"]["amount"], result["data"]["paymentReceived"]["currency"]) == (
            12.5,
            "USD",
        )

    run(script)


def test_an_account(base: str, tenant: Caller, library: str) -> None:
    opened = account(tenant, "8301")

    async def script() -> None:
        async def do() -> None:
            await subscribed(base)
            await made(tenant, "/v1/accounts/acc_8301", {"name": "Till"}, "PATCH")

        query = "subscription Account($id: ID!) { accountUpdated(id: $id) { name balance } }"
        (result,) = await heard(library, base, tenant.api_key, query, 1, do, id=opened["id"])
        assert (result["data"]["accountUpdated"]["name"], result["data"]["accountUpdated"]["balance"]) == ("Till", 0)

    run(script)


def test_events_after_a_number(base: str, tenant: Caller, customers: Make, library: str) -> None:
    async def script() -> None:
        await customers("Ada", "Bea", "Cem")
        query = 'subscription ($after: Int) { eventAdded(types: ["customer.*"], after: $after) { seq data } }'
        found = await heard(library, base, tenant.api_key, query, 3, nothing, after=0)
        names = [one["data"]["eventAdded"]["data"]["customer"]["name"] for one in found]
        assert names == ["Ada", "Bea", "Cem"]
        # The client has left: nothing of it stays.
        while await figures(base) != ENDED:
            await asyncio.sleep(0.01)

    run(script)


def test_a_query(base: str, tenant: Caller, library: str) -> None:
    account(tenant, "8302")

    async def script() -> None:
        query = '{ account(id: "acc_8302") { code } }'
        (result,) = await heard(library, base, tenant.api_key, query, 1, nothing)
        assert result["data"]["account"]["code"] == "8302"

    run(script)


def test_refusals(base: str, tenant: Caller, library: str) -> None:
    async def script() -> None:
        query = "subscription { invoiceCreated { id } }"
        assert await heard(library, base, "blg_sandbox_none", query, 1, nothing) == [{"failed": 4403}]
        unknown = 'subscription { accountUpdated(id: "acc_none") { id } }'
        (found,) = await heard(library, base, tenant.api_key, unknown, 1, nothing)
        assert "RESOURCE_NOT_FOUND" in json.dumps(found)

    run(script)
