"""What a socket holds is released, and a client that is too slow is closed and can go on."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import random
import socket
import struct
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from tests.committed import number_all
from tests.conftest import Caller
from tests.live.client import Closed, figures, graph, opened, run
from tests.live.conftest import Make, account

NOTHING = {"sockets_open": 0, "streams_open": 0, "followers": 0}
SOCKETS = 200
_RESET = struct.pack("ii", 1, 0)


async def _raw(base: str, key: str, protocol: str = "") -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A socket whose connection is ours to break."""
    place = urlsplit(base)
    reader, writer = await asyncio.open_connection(place.hostname, place.port)
    nonce = base64.b64encode(os.urandom(16)).decode()
    lines = [
        "GET /v1 HTTP/1.1", f"Host: {place.netloc}", "Connection: Upgrade", "Upgrade: websocket",
        "Sec-WebSocket-Version: 13", f"Sec-WebSocket-Key: {nonce}", f"Authorization: Bearer {key}",
        *([f"Sec-WebSocket-Protocol: {protocol}"] if protocol else []),
    ]  # fmt: skip
    writer.write("\r\n".join([*lines, "", ""]).encode())
    await reader.readuntil(b"\r\n\r\n")
    return reader, writer


def _frame(message: Any) -> bytes:
    text = json.dumps(message).encode()
    assert len(text) < 65536
    length = bytes([0x80 | len(text)]) if len(text) < 126 else b"\xfe" + struct.pack("!H", len(text))
    return b"\x81" + length + b"\0\0\0\0" + text


def _reset(writer: asyncio.StreamWriter) -> None:
    """As when the machine of the client has gone: no close, no end."""
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    writer.transport.abort()


async def _some_time(chance: random.Random, base: str, key: str, few: asyncio.Semaphore) -> None:
    async with few:
        with suppress(OSError, asyncio.IncompleteReadError):  # the server may have closed one of too many
            await _broken(chance, base, key)


async def _broken(chance: random.Random, base: str, key: str) -> None:
    """A socket that is broken somewhere between its handshake and its events."""
    protocol = chance.choice(["", "graphql-transport-ws"])
    reader, writer = await _raw(base, key, protocol)
    subscription = {"query": "subscription { eventAdded(after: 0) { seq data } }"}
    for message in (
        [{"type": "connection_init"}, {"type": "subscribe", "id": "1", "payload": subscription}]
        if protocol
        else [{"type": "subscribe", "channels": ["*"], "after": 0}]
    ):
        if chance.random() < 0.2:
            break
        writer.write(_frame(message))
        if chance.random() < 0.5:
            await reader.read(chance.randrange(1, 5_000))
    if chance.random() < 0.2:
        writer.close()
    else:
        _reset(writer)


def test_nothing_stays_of_sockets_that_are_reset(base: str, tenant: Caller, customers: Make) -> None:
    async def script() -> dict[str, int]:
        await customers("Ada", "Bea")
        chance, few = random.Random(15), asyncio.Semaphore(16)
        await asyncio.gather(*(_some_time(chance, base, tenant.api_key, few) for _ in range(SOCKETS)))
        while (found := await figures(base)) != NOTHING:
            await asyncio.sleep(0.05)
        return found

    assert run(script) == NOTHING


def test_nothing_stays_of_sockets_that_leave(base: str, tenant: Caller) -> None:
    async def script() -> None:
        async with opened(base, tenant.api_key) as live, graph(base, tenant.api_key) as asking:
            await live.subscribe("*")
            await live.say("unsubscribe", channels=["*"])
            await live.hear()
            await asking.ask("1", "subscription { eventAdded { seq } }")
            await asking.is_followed()
            await asking.say("complete", id="1")
            await asking.is_answered()
            while await figures(base) != NOTHING | {"sockets_open": 2}:
                await asyncio.sleep(0.01)
        while await figures(base) != NOTHING:
            await asyncio.sleep(0.01)

    run(script)


def _post_long_entries(caller: Caller, count: int) -> None:
    """Entries whose events are about 15 KB each."""
    lines = [
        {"account_id": "acc_8201", "debit": 1, "description": "x" * 60},
        {"account_id": "acc_8202", "credit": 1, "description": "x" * 60},
    ] * 20
    entry = {"date": "2026-01-31", "description": "Long", "lines": lines}
    operations = [{"operation": "create", "data": entry} for _ in range(count)]
    made = caller.post("/v1/journal-entries/bulk", {"operations": operations})
    assert made.status == 200, made.text[:500]


def test_a_client_that_takes_nothing_is_closed_and_resumes(base: str, tenant: Caller) -> None:
    for code in ("8201", "8202"):
        account(tenant, code)

    async def script() -> None:
        async with opened(base, tenant.api_key) as slow, opened(base, tenant.api_key) as quick:
            start = (await slow.subscribe("journal_entry.*"))["after"]
            await quick.subscribe("journal_entry.*")
            reading = asyncio.ensure_future(quick.hear_events(800))
            for _ in range(4):
                await asyncio.to_thread(_post_long_entries, tenant, 200)
                await asyncio.to_thread(number_all)
            assert [one["seq"] for one in await reading] == list(range(start + 1, start + 801))
            # It begins to read: what was sent before it was too slow, then the close.
            heard = []
            try:
                while True:
                    heard.append((await slow.hear())["seq"])
            except Closed as closed:
                assert closed.code == 4410
            assert heard == list(range(start + 1, start + 1 + len(heard)))
            assert len(heard) < 800
        async with opened(base, tenant.api_key) as live:
            await live.subscribe("journal_entry.*", after=heard[-1])
            rest = [one["seq"] for one in await live.hear_events(800 - len(heard))]
            assert heard + rest == list(range(start + 1, start + 801))

    run(script)
