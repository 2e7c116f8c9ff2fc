"""A client of the plain protocol, and a running server to talk to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp

from bigledger import exact_json

PATIENCE_SECONDS = 20
SILENCE_SECONDS = 0.4
GRAPH = "graphql-transport-ws"
METRICS_TOKEN = "metrics of the sockets"


class Closed(Exception):
    """The server has closed the socket; `code` is its close code."""

    def __init__(self, code: int | None) -> None:
        super().__init__(str(code))
        self.code = code


@dataclass
class Live:
    """One open socket."""

    wire: aiohttp.ClientWebSocketResponse
    base: str = ""

    async def say(self, type_: str, **fields: Any) -> None:
        await self.wire.send_str(exact_json.encode({"type": type_, **fields}).decode())

    async def hear(self) -> Any:
        """The next message but pings. Raises Closed."""
        while True:
            found = await self.wire.receive(PATIENCE_SECONDS)
            if found.type != aiohttp.WSMsgType.TEXT:
                raise Closed(self.wire.close_code)
            message = exact_json.decode(found.data.encode())
            if message["type"] != "ping":
                return message

    async def hear_events(self, count: int) -> list[Any]:
        """The next `count` messages, which are events."""
        found = [await self.hear() for _ in range(count)]
        assert [one["type"] for one in found] == ["event"] * count, found
        return found

    async def hears_nothing(self) -> None:
        try:
            found = await self.wire.receive(SILENCE_SECONDS)
        except TimeoutError:
            return
        raise AssertionError(f"heard {found}")

    async def subscribe(self, *channels: str, after: int | None = None) -> Any:
        await self.say("subscribe", channels=list(channels), **({} if after is None else {"after": after}))
        return await self.hear()

    async def closed(self) -> int | None:
        """The code with which the server closes it."""
        try:
            while True:
                await self.hear()
        except Closed as closed:
            return closed.code

    # -- graphql-transport-ws -------------------------------------------------------------------------------------

    async def ask(self, id_: str, query: str, **variables: Any) -> None:
        await self.say("subscribe", id=id_, payload={"query": query, "variables": variables})

    async def hear_next(self, id_: str) -> Any:
        """The payload of the next message, which is a `next` of this operation."""
        message = await self.hear()
        assert (message["type"], message["id"]) == ("next", id_), message
        return message["payload"]

    async def is_followed(self, count: int = 1) -> None:
        """So many subscriptions of the server have begun: what happens from now on reaches them."""
        while (await figures(self.base))["followers"] != count:
            await asyncio.sleep(0.01)

    async def is_answered(self) -> None:
        """The server has dealt with everything that was said before."""
        await self.say("ping")
        assert await self.hear() == {"type": "pong"}


async def figures(base: str) -> dict[str, int]:
    """The server's own: `sockets_open`, `streams_open`, `followers`."""
    headers = {"Authorization": f"Bearer {METRICS_TOKEN}"}
    async with aiohttp.ClientSession(headers=headers) as session, session.get(f"{base}/metrics") as answer:
        lines = (await answer.text()).splitlines()
    rows = [line.removeprefix("bigledger_").split() for line in lines if not line.startswith("#")]
    return {name: int(value) for name, value in rows}


@asynccontextmanager
async def opened(base: str, key: str = "", *, protocol: str = "", **headers: str) -> AsyncIterator[Live]:
    """A socket; with a key, one that has authenticated in its handshake and said `ready`."""
    if key:
        headers["Authorization"] = f"Bearer {key}"
    async with (
        aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session,
        session.ws_connect(f"{base}/v1", headers=headers, protocols=[protocol] if protocol else []) as wire,
    ):
        live = Live(wire, base)
        if key and not protocol:
            assert (await live.hear())["type"] == "ready"
        yield live


@asynccontextmanager
async def graph(base: str, key: str) -> AsyncIterator[Live]:
    """A socket of `graphql-transport-ws` that is acknowledged."""
    async with opened(base, protocol=GRAPH) as live:
        await live.say("connection_init", payload={"Authorization": f"Bearer {key}"})
        assert (await live.hear())["type"] == "connection_ack"
        yield live


def run(script: Callable[[], Awaitable[Any]], seconds: float = 60) -> Any:
    """Runs a script of sockets, for so long at most."""

    async def bounded() -> Any:
        return await asyncio.wait_for(script(), seconds)

    return asyncio.run(bounded())
