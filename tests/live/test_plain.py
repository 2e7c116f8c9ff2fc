"""The plain JSON protocol: whose socket it is, what it is told, and where it goes on."""

from __future__ import annotations

import asyncio
import uuid
from typing import Any

import pytest

from bigledger.access.models import Role
from bigledger.access.services import add_api_key, add_member, get_or_create_user
from bigledger.tenants.context import tenant_context
from tests.conftest import Caller, Cast
from tests.live.client import opened, run
from tests.live.conftest import Make, account, post_entries


def names(events: list[Any]) -> list[str]:
    return [one["event"]["data"]["customer"]["name"] for one in events]


def seqs(events: list[Any]) -> list[int]:
    return [one["seq"] for one in events]


def key_of(tenant: Caller, *scopes: str) -> str:
    """The key of a viewer of its own, with these scopes."""
    with tenant_context(tenant.tenant):
        user = get_or_create_user(email=f"{uuid.uuid4().hex}@live.example")
        add_member(user=user, role=Role.VIEWER)
        return add_api_key(user=user, name="live", scopes=scopes)[1]


def test_an_event_arrives_as_the_log_shows_it(base: str, tenant: Caller, customers: Make) -> None:
    async def script() -> tuple[Any, Any]:
        async with opened(base) as live:
            await live.say("auth", token=tenant.api_key)
            ready = await live.hear()
            assert ready == {"type": "ready", "tenant": str(tenant.tenant.id), "seq": ready["seq"]}
            assert await live.subscribe("customer.*") == {
                "type": "subscribed", "channels": ["customer.*"], "after": ready["seq"],
            }  # fmt: skip
            await customers("Ada")
            (event,) = await live.hear_events(1)
            assert event["seq"] == ready["seq"] + 1
            return event

    event = run(script)

    (logged,) = tenant.get(f"/v1/events?after={event['seq'] - 1}").body["data"]
    assert event == {"type": "event", "seq": logged["seq"], "event": logged}


def test_a_socket_resumes_where_it_left_off(base: str, tenant: Caller, customers: Make) -> None:
    async def script() -> None:
        async with opened(base, tenant.api_key) as live:
            first = (await live.subscribe("customer.created"))["after"]
            await customers("Ada", "Bea", "Cem")
            heard = await live.hear_events(3)
        await customers("Dan", "Eve")
        async with opened(base, tenant.api_key) as live:
            assert (await live.subscribe("customer.created", after=heard[-1]["seq"]))["after"] == heard[-1]["seq"]
            heard += await live.hear_events(2)
            await customers("Fay")
            heard += await live.hear_events(1)
            await live.hears_nothing()
        assert names(heard) == ["Ada", "Bea", "Cem", "Dan", "Eve", "Fay"]
        assert seqs(heard) == list(range(first + 1, first + 7))

    run(script)


def test_channels_choose(base: str, tenant: Caller, customers: Make) -> None:
    async def script() -> None:
        async with opened(base, tenant.api_key) as live:
            await live.subscribe("invoice.*", "customer.deleted")
            await customers("Ada")
            await live.hears_nothing()
            start = (await live.subscribe("*"))["after"]
            await customers("Bea")
            assert names(await live.hear_events(1)) == ["Bea"]
            # A channel that is added reaches back to its own `after`, and repeats nothing that was sent.
            assert (await live.subscribe("customer.created", after=start - 1))["type"] == "subscribed"
            assert names(await live.hear_events(1)) == ["Ada"]
            await live.hears_nothing()
            await live.say("unsubscribe", channels=["*", "customer.created"])
            assert (await live.hear())["type"] == "unsubscribed"
            await customers("Cem")
            await live.hears_nothing()

    run(script)


def test_nobody_hears_of_another_tenant(base: str, tenant: Caller, cast: Cast, customers: Make) -> None:
    async def script() -> None:
        async with opened(base, cast.globex.api_key) as globex, opened(base, tenant.api_key) as own:
            await globex.subscribe("*")
            await globex.subscribe("customer.*", after=0)
            await own.subscribe("*")
            await customers("Ada")
            assert names(await own.hear_events(1)) == ["Ada"]
            await globex.hears_nothing()

    run(script)


def test_a_viewer_hears_what_they_may_read(base: str, tenant: Caller, customers: Make) -> None:
    key = key_of(tenant, "read", "write")

    async def script() -> None:
        async with opened(base, key) as live:
            await live.subscribe("customer.*")
            await customers("Ada")
            assert names(await live.hear_events(1)) == ["Ada"]

    run(script)


def test_scopes_choose(base: str, tenant: Caller, customers: Make) -> None:
    key = key_of(tenant, "read:accounts")

    async def script() -> None:
        async with opened(base, key) as live:
            refused = await live.subscribe("account.*", "customer.*")
            assert (refused["type"], refused["error"]["code"]) == ("error", "PERMISSION_DENIED")
            assert refused["error"]["details"] == [
                {
                    "field": "channels[1]", "code": "missing_scope", "scope": "read:customers",
                    "message": "The credential lacks the scope read:customers",
                }
            ]  # fmt: skip
            assert (await live.subscribe("*", after=0))["type"] == "subscribed"
            await customers("Ada")
            await asyncio.to_thread(account, tenant, "8888")
            (event,) = await live.hear_events(1)
            assert (event["event"]["type"], event["event"]["data"]["account"]["code"]) == ("account.created", "8888")
            await live.hears_nothing()

    run(script)


@pytest.mark.parametrize(
    ("message", "field", "code"),
    [
        ({}, "channels", "not_a_list"),
        ({"channels": "invoice.*"}, "channels", "not_a_list"),
        ({"channels": []}, "channels", "too_few"),
        ({"channels": ["*", 5]}, "channels[1]", "not_a_string"),
        ({"channels": ["invoices.*"]}, "channels[0]", "not_a_choice"),
        ({"channels": ["*"] * 101}, "channels", "too_many"),
        ({"channels": ["*"], "after": "5"}, "after", "not_a_number"),
        ({"channels": ["*"], "after": True}, "after", "not_a_number"),
        ({"channels": ["*"], "after": -1}, "after", "out_of_range"),
        ({"channels": ["*"], "after": 2**63}, "after", "out_of_range"),
        ({"channels": ["*"], "after": 10**9}, "after", "too_large"),
        ({"channels": ["*"], "since": 1}, "since", "unknown_field"),
    ],
)
def test_a_wrong_subscribe_is_an_error_and_the_socket_stays(
    base: str, cast: Cast, message: dict[str, Any], field: str, code: str
) -> None:
    async def script() -> None:
        async with opened(base, cast.acme.api_key) as live:
            await live.say("subscribe", **message)
            error = (await live.hear())["error"]
            assert (error["code"], [(one["field"], one["code"]) for one in error["details"]]) == (
                "VALIDATION_ERROR", [(field, code)],
            )  # fmt: skip
            assert error["request_id"].startswith("req_")
            await live.say("ping")
            assert await live.hear() == {"type": "pong"}

    run(script)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{", 4400), ("5", 4400), ("{}", 4400), ('{"type": {}}', 4400), ('{"type": "dance"}', 4400),
        ('{"type": "auth", "token": "blg_sandbox_x"}', 4401), ('{"type": "auth", "token": 5}', 4401),
        ('{"type": "auth"}', 4401), ('{"type": "subscribe", "channels": ["*"]}', 4401),
    ],
)  # fmt: skip
def test_what_is_no_message_closes_the_socket(base: str, text: str, code: int) -> None:
    async def script() -> int | None:
        async with opened(base) as live:
            await live.wire.send_str(text)
            return await live.closed()

    assert run(script) == code


def test_a_long_log_is_read_in_pages(base: str, tenant: Caller) -> None:
    post_entries(tenant, 700)

    async def script() -> list[Any]:
        async with opened(base, tenant.api_key) as live:
            await live.subscribe("journal_entry.posted", after=0)
            return await live.hear_events(700)

    heard = run(script)
    assert [one["event"]["data"]["journal_entry"]["description"] for one in heard] == [str(n) for n in range(700)]
    assert seqs(heard) == sorted(seqs(heard))
