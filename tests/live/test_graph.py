"""`graphql-transport-ws`: the reference's subscriptions, the events themselves, and the protocol's close codes."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.committed import number_all
from tests.conftest import Caller, Cast
from tests.contract.reference import blocks
from tests.live.client import GRAPH, graph, opened, run
from tests.live.conftest import Make, account
from tests.live.test_plain import key_of

ACCOUNT = "subscription ($id: ID!, $after: Int) { accountUpdated(id: $id, after: $after) { id code name } }"
INVOICE = "number total status customer { name } lines { total }"
EVENTS = "subscription ($types: [String!], $after: Int) { eventAdded(types: $types, after: $after) { seq type data } }"


async def made(caller: Caller, path: str, body: Any, method: str = "POST") -> Any:
    """What a write answers, once its events are numbered."""

    def work() -> Any:
        answer = caller.request(method, path, body)
        assert answer.status in (200, 201), answer.text
        number_all()
        return answer.body

    return await asyncio.to_thread(work)


async def invoice(caller: Caller, customer_id: str) -> Any:
    line = {"description": "Work", "quantity": 2, "unit_price": 350.25}
    return await made(caller, "/v1/invoices", {"customer_id": customer_id, "lines": [line]})


def test_the_reference_has_these_subscriptions() -> None:
    (text,) = [block.text for block in blocks() if block.language == "graphql" and "type Subscription" in block.text]
    theirs = text.partition("type Subscription {")[2].partition("}")[0].split("\n")
    assert [line.strip() for line in theirs if line.strip()] == [
        "accountUpdated(id: ID!): Account", "invoiceCreated: Invoice", "paymentReceived: Payment",
    ]  # fmt: skip


def test_an_account_is_followed_by_its_code(base: str, tenant: Caller) -> None:
    async def script() -> None:
        await asyncio.to_thread(account, tenant, "8101")
        await asyncio.to_thread(account, tenant, "8102")
        async with graph(base, tenant.api_key) as live:
            await live.ask("1", ACCOUNT, id="acc_8101")
            await live.is_followed()
            await made(tenant, "/v1/accounts/acc_8102", {"name": "Another"}, "PATCH")
            changed = await made(tenant, "/v1/accounts/acc_8101", {"name": "Petty cash"}, "PATCH")
            payload = await live.hear_next("1")
            seq = payload.pop("extensions")["seq"]
            assert payload == {"data": {"accountUpdated": {"id": changed["id"], "code": "8101", "name": "Petty cash"}}}
            await live.hears_nothing()
        # On the next socket it goes on after that event: the object as it was at each one.
        await made(tenant, "/v1/accounts/acc_8101", {"name": "Till"}, "PATCH")
        await made(tenant, "/v1/accounts/acc_8101", {"name": "Safe"}, "PATCH")
        async with graph(base, tenant.api_key) as live:
            await live.ask("2", ACCOUNT, id=changed["id"], after=seq)
            names = [(await live.hear_next("2"))["data"]["accountUpdated"]["name"] for _ in range(2)]
            assert names == ["Till", "Safe"]

    run(script)


def test_invoices_and_payments(base: str, tenant: Caller, customers: Make) -> None:
    async def script() -> None:
        async with graph(base, tenant.api_key) as live:
            await live.ask(
                "i", "subscription { invoiceCreated { number total status customer { name } lines { total } } }"
            )
            await live.ask("p", "subscription { paymentReceived { amount method customer { name } } }")
            await live.is_followed(2)
            (ada,) = await customers("Ada")
            drafted = await invoice(tenant, ada["id"])
            assert (await live.hear_next("i"))["data"] == {
                "invoiceCreated": {
                    "number": drafted["number"], "total": drafted["total"], "status": "DRAFT",
                    "customer": {"name": "Ada"}, "lines": [{"total": drafted["lines"][0]["total"]}],
                }
            }  # fmt: skip
            await made(tenant, f"/v1/invoices/{drafted['id']}/send", {"deliver": False})
            body = {"customer_id": ada["id"], "invoice_id": drafted["id"], "amount": 700.5, "method": "cash"}
            paid = await made(tenant, "/v1/payments", body)
            assert (await live.hear_next("p"))["data"] == {
                "paymentReceived": {"amount": paid["amount"], "method": "CASH", "customer": {"name": "Ada"}}
            }
            await live.say("complete", id="i")
            await live.is_answered()
            await invoice(tenant, ada["id"])
            await live.hears_nothing()

    run(script)


def test_events_of_some_types_resume(base: str, tenant: Caller, customers: Make) -> None:
    async def script() -> None:
        await customers("Ada", "Bea")
        async with graph(base, tenant.api_key) as live:
            await live.ask("1", EVENTS, types=["customer.created"], after=0)
            heard = [await live.hear_next("1") for _ in range(2)]
            assert [one["data"]["eventAdded"]["data"]["customer"]["name"] for one in heard] == ["Ada", "Bea"]
            assert [one["extensions"]["seq"] for one in heard] == [one["data"]["eventAdded"]["seq"] for one in heard]
            await customers("Cem")
            assert (await live.hear_next("1"))["data"]["eventAdded"]["data"]["customer"]["name"] == "Cem"

    run(script)


def test_queries_and_mutations_are_answered(base: str, tenant: Caller) -> None:
    account(tenant, "8103")

    async def script() -> None:
        async with graph(base, tenant.api_key) as live:
            await live.ask("q", "query ($id: ID!) { account(id: $id) { code balance } }", id="acc_8103")
            payload = await live.hear_next("q")
            assert (payload["data"]["account"]["code"], str(payload["data"]["account"]["balance"])) == ("8103", "0.00")
            assert await live.hear() == {"id": "q", "type": "complete"}
            await live.ask("q", 'mutation { deleteAccount(id: "acc_8103") { deleted } }')
            assert await live.hear_next("q") == {"data": {"deleteAccount": {"deleted": True}}}
            assert await live.hear() == {"id": "q", "type": "complete"}

    run(script)
    assert tenant.get("/v1/accounts/acc_8103").status == 404


def test_nobody_sees_another_tenant_and_viewers_do_not_write(
    base: str, tenant: Caller, cast: Cast, customers: Make
) -> None:
    opened_account = account(tenant, "8104")
    viewer = key_of(tenant, "read", "write")

    async def script() -> None:
        async with graph(base, cast.globex.api_key) as globex, graph(base, viewer) as live:
            await globex.ask("a", ACCOUNT, id=opened_account["id"])
            (error,) = (await globex.hear())["payload"]
            assert error["extensions"]["code"] == "RESOURCE_NOT_FOUND"
            await globex.ask("e", EVENTS, after=0)
            await live.ask("e", EVENTS)
            await live.is_followed(2)
            await customers("Ada")
            assert (await live.hear_next("e"))["data"]["eventAdded"]["type"] == "customer.created"
            await live.ask("m", 'mutation { deleteAccount(id: "acc_8104") { deleted } }')
            payload = await live.hear_next("m")
            assert payload["errors"][0]["extensions"]["code"] == "PERMISSION_DENIED"
            await globex.say("ping")
            while (message := await globex.hear())["type"] == "next":
                assert message["payload"]["data"]["eventAdded"]["data"].get("customer", {}).get("name") != "Ada"

    run(script)
    assert tenant.get("/v1/accounts/acc_8104").status == 200


def test_scopes_hold(base: str, tenant: Caller, customers: Make) -> None:
    key = key_of(tenant, "read:invoices")

    async def script() -> None:
        async with graph(base, key) as live:
            for query in (
                "subscription { paymentReceived { id } }",
                'subscription { eventAdded(types: ["payment.*"]) { seq } }',
            ):
                await live.ask("p", query)
                message = await live.hear()
                assert (message["type"], message["payload"][0]["extensions"]["code"]) == ("error", "PERMISSION_DENIED")
            await live.ask("i", "subscription { invoiceCreated { number customer { name } } }")
            await live.is_followed()
            (ada,) = await customers("Ada")
            drafted = await invoice(tenant, ada["id"])
            payload = await live.hear_next("i")
            assert payload["data"]["invoiceCreated"] == {"number": drafted["number"], "customer": None}
            assert payload["errors"][0]["extensions"]["code"] == "PERMISSION_DENIED"

    run(script)


@pytest.mark.parametrize(
    ("query", "variables", "message"),
    [
        ("subscription {", {}, "Syntax Error"),
        ("subscription { nothing }", {}, "Cannot query field"),
        ("subscription { invoiceCreated { id } paymentReceived { id } }", {}, "only one top level field"),
        (ACCOUNT, {}, "was not provided"),
        (ACCOUNT, {"id": "acc_none"}, "There is no acc_none"),
        (EVENTS, {"types": ["invoices.*"]}, "Validation failed"),
        (EVENTS, {"after": -1}, "Validation failed"),
        (EVENTS, {"after": 2_000_000_000}, "Validation failed"),
        (EVENTS, {"after": "1"}, "Int cannot represent"),
        ("subscription A { invoiceCreated { id } } subscription B { invoiceCreated { id } }", {}, "operation name"),
        (
            "subscription ($no: Boolean!) { invoiceCreated @skip(if: $no) { id } }",
            {"no": True},
            "was not provided a runtime value",
        ),
    ],
)
def test_a_wrong_document_is_an_error_of_its_operation(
    base: str, cast: Cast, query: str, variables: dict[str, Any], message: str
) -> None:
    async def script() -> None:
        async with graph(base, cast.acme.api_key) as live:
            await live.ask("1", query, **variables)
            found = await live.hear()
            assert (found["type"], found["id"]) == ("error", "1")
            assert message in found["payload"][0]["message"]
            assert found["payload"][0]["extensions"]["request_id"].startswith("req_")
            await live.is_answered()

    run(script)


INIT = {"type": "connection_init"}
SUBSCRIBE = {"type": "subscribe", "id": "1", "payload": {"query": "subscription { invoiceCreated { id } }"}}


@pytest.mark.parametrize(
    ("messages", "key", "code"),
    [
        (["{"], False, 4400), ([{"type": "dance"}], False, 4400), ([INIT | {"payload": 5}], False, 4400),
        ([SUBSCRIBE], False, 4401), ([INIT], False, 4403),
        ([INIT | {"payload": {"authorization": "Bearer blg_sandbox_x"}}], False, 4403),
        ([INIT | {"payload": {"Authorization": 5}}], False, 4403),
        ([INIT, INIT], True, 4429), ([INIT, SUBSCRIBE, SUBSCRIBE], True, 4409),
        ([INIT, SUBSCRIBE | {"id": ""}], True, 4400), ([INIT, {"type": "subscribe", "id": "1"}], True, 4400),
        ([INIT, SUBSCRIBE | {"payload": {"query": 5}}], True, 4400), ([INIT, {"type": "complete"}], True, 4400),
        ([INIT, SUBSCRIBE | {"payload": {"query": "{a}", "variables": []}}], True, 4400),
    ],
)  # fmt: skip
def test_close_codes(base: str, cast: Cast, messages: list[Any], key: bool, code: int) -> None:
    async def script() -> int | None:
        async with opened(base, cast.acme.api_key if key else "", protocol=GRAPH) as live:
            for message in messages:
                await live.wire.send_str(message) if isinstance(message, str) else await live.wire.send_json(message)
            return await live.closed()

    assert run(script) == code


def test_another_subprotocol_is_not_acceptable(base: str) -> None:
    async def script() -> int | None:
        async with opened(base, protocol="graphql-ws") as live:
            return await live.closed()

    assert run(script) == 4406


def test_a_socket_has_fifty_operations_at_most(base: str, cast: Cast) -> None:
    async def script() -> None:
        async with graph(base, cast.acme.api_key) as live:
            for number in range(51):
                await live.ask(str(number), "subscription { invoiceCreated { id } }")
            found = await live.hear()
            assert (found["type"], found["id"]) == ("error", "50")
            assert found["payload"][0]["extensions"]["details"][0]["limit"] == "operations"
            await live.say("complete", id="0")
            await live.ask("51", "{ __typename }")
            assert (await live.hear_next("51"))["data"] == {"__typename": "Query"}

    run(script)
