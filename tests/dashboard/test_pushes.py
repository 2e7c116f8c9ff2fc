"""The socket pushes the dashboard: what a watcher puts together is, at every event, what SQL says."""

from __future__ import annotations

import asyncio
import os
from typing import Any

from bigledger.access.services import add_api_key, get_or_create_user
from bigledger.tenants.context import tenant_context
from tests.committed import number_all
from tests.conftest import Caller
from tests.dashboard.books import Bookkeeper, by_sql, of_body, open_books, post
from tests.live.client import Live, opened, run
from tests.live.conftest import base, tenant

__all__ = ["base", "tenant"]

PUSHES = int(os.environ.get("DASHBOARD_PUSHES", "40"))
BURST = 4
CHANGED = {"as_of_seq", "unnumbered_events", "cash", "cash_flow", "latest_entries"}


async def watched(live: Live) -> Any:
    await live.say("watch", name="dashboard")
    return await live.hear()


def applied(state: Any, message: Any) -> Any:
    """As the page does it: a change is put on the very state that it was made from."""
    if message["type"] == "state":
        return {"etag": message["etag"], "data": message["data"]}
    assert (message["type"], message["from"]) == ("changed", state["etag"])
    return {"etag": message["etag"], "data": state["data"] | message["changed"]}


def test_the_whole_comes_first_and_then_what_changes_of_it(base: str, tenant: Caller) -> None:
    open_books(tenant)
    number_all()

    async def script() -> tuple[Any, Any, Any]:
        async with opened(base, tenant.api_key) as live:
            whole = await watched(live)
            await asyncio.to_thread(post, tenant, tenant.tenant.today(), "acc_1000", "acc_3000", "12.34")
            await asyncio.to_thread(number_all)
            change = await live.hear()
            await live.say("watch", name="dashboard")
            return whole, change, await live.hear()

    whole, change, again = run(script)

    assert (whole["type"], whole["name"], change["type"], again["type"]) == ("state", "dashboard", "changed", "state")
    assert change["changed"].keys() <= CHANGED
    assert applied(applied(None, whole), change) == {"etag": again["etag"], "data": again["data"]}
    answer = tenant.get("/v1/dashboard")
    assert (again["data"], again["etag"]) == (answer.body, answer.response["ETag"])


def test_it_is_pushed_to_whoever_may_read_it(base: str, tenant: Caller) -> None:
    with tenant_context(tenant.tenant):
        user = get_or_create_user(email=f"owner@{tenant.tenant.name.lower()}.example")
        keys = {scope: add_api_key(user=user, name=scope, scopes=[scope])[1] for scope in ("read:dashboard", "write")}

    async def script() -> list[Any]:
        answers = []
        for key in keys.values():
            async with opened(base, key) as live:
                answers.append(await watched(live))
        return answers

    may, may_not = run(script)

    assert (may["type"], may["data"]) == ("state", tenant.get("/v1/dashboard").body)
    assert (may_not["type"], may_not["error"]["code"]) == ("error", "PERMISSION_DENIED")


def test_what_is_no_state_is_refused(base: str, tenant: Caller) -> None:
    async def script() -> list[Any]:
        async with opened(base, tenant.api_key) as live:
            for name in ("board", 5, None):
                await live.say("watch", name=name)
            await live.say("unwatch", name="dashboard")
            return [await live.hear() for _ in range(4)]

    *refused, left = run(script)

    assert [one["error"]["details"][0]["code"] for one in refused] == ["not_a_choice", "not_a_string", "not_a_string"]
    assert left == {"type": "unwatched", "name": "dashboard"}


def test_nothing_comes_after_unwatch_nor_of_another_tenant(base: str, tenant: Caller, cast: Any) -> None:
    open_books(tenant)
    number_all()

    async def script() -> None:
        async with opened(base, tenant.api_key) as mine, opened(base, cast.globex.api_key) as theirs:
            await watched(mine)
            await watched(theirs)
            await mine.say("unwatch", name="dashboard")
            assert (await mine.hear())["type"] == "unwatched"
            await asyncio.to_thread(post, tenant, tenant.tenant.today(), "acc_1000", "acc_3000", "1.00")
            await asyncio.to_thread(number_all)
            await mine.hears_nothing()
            await theirs.hears_nothing()

    run(script)


def test_figures_equal_sql_at_every_event(base: str, tenant: Caller) -> None:
    """`make pushes` takes 500 of them.

    The bookkeeper works in bursts and waits after each until the watcher has it, so that the end of
    every burst is compared, however slowly the machine pushes; what is pushed within a burst is
    compared where a push stands on the very event that SQL was asked at.
    """
    bookkeeper = Bookkeeper(open_books(tenant), seed=15)
    number_all()
    expected = {(found := by_sql(tenant))["seq"]: found}
    bursts = [BURST] * (PUSHES // BURST)

    def work(burst: int) -> None:
        for _ in range(burst):
            bookkeeper.do_something()
            number_all()
            found = by_sql(tenant)
            expected[found["seq"]] = found

    async def script() -> list[Any]:
        async with opened(base, tenant.api_key) as live:
            state = applied(None, await watched(live))
            states = [state["data"]]
            for burst in bursts:
                await asyncio.to_thread(work, burst)
                while state["data"]["as_of_seq"] < max(expected):
                    state = applied(state, await live.hear())
                    states.append(state["data"])
            return states

    states = run(script, seconds=60 + 2 * PUSHES)

    exact = [state for state in states if not state["unnumbered_events"] and state["as_of_seq"] in expected]
    assert [of_body(state) for state in exact] == [expected[state["as_of_seq"]] for state in exact]
    assert len(exact) > len(bursts)
    assert states[-1]["as_of_seq"] == max(expected)
