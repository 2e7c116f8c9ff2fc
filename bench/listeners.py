"""The clients of `bench.sockets`, in a process of their own: `listen` until a line comes in, or `reset`.

`listen` says "ready" once every socket is subscribed, and at the end writes a line for each: its tenant, its protocol,
and what it received as [seq, code, time].
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import random
import socket
import struct
import sys
import time
from typing import Any

import aiohttp

_AT_ONCE = 16  # opening; an address may have 32 sockets that have not authenticated
_GRAPH = "graphql-transport-ws"
_DOCUMENT = 'subscription { eventAdded(types: ["account.created"]) { seq data } }'
_NO_LINGER = struct.pack("ii", 1, 0)

Asked = dict[str, Any]


class Listener:
    """One socket of one tenant."""

    def __init__(self, tenant: int, protocol: str) -> None:
        self.tenant, self.protocol = tenant, protocol
        self.received: list[tuple[int, str, float]] = []

    async def open(self, session: aiohttp.ClientSession, asked: Asked, few: asyncio.Semaphore) -> None:
        headers = {"Authorization": f"Bearer {asked['keys'][self.tenant]}"}
        async with few:
            protocols = [self.protocol] if self.protocol else []
            url = f"http://127.0.0.1:{asked['port']}/v1"
            self.wire = await session.ws_connect(url, headers=headers, protocols=protocols)
            if self.protocol:
                await self.wire.send_json({"type": "connection_init"})
                assert (await self.wire.receive_json())["type"] == "connection_ack"
                await self.wire.send_json({"type": "subscribe", "id": "1", "payload": {"query": _DOCUMENT}})
            else:
                assert (await self.wire.receive_json())["type"] == "ready"
                await self.wire.send_json({"type": "subscribe", "channels": ["account.created"]})
                assert (await self.wire.receive_json())["type"] == "subscribed"

    async def listen(self) -> None:
        async for message in self.wire:
            at = time.time()
            found = json.loads(message.data)
            if found["type"] == "next":
                event = found["payload"]["data"]["eventAdded"]
            elif found["type"] == "event":
                event = found["event"]
            else:
                continue
            self.received.append((event["seq"], event["data"]["account"]["code"], at))


async def listen(asked: Asked) -> None:
    few = asyncio.Semaphore(_AT_ONCE)
    tenants = len(asked["keys"])
    listeners = [Listener(n % tenants, _GRAPH if n // tenants % 2 else "") for n in range(asked["count"])]
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        await asyncio.gather(*(one.open(session, asked, few) for one in listeners))
        await asyncio.sleep(2)  # the subscriptions of GraphQL do not say that they have begun
        tasks = [asyncio.create_task(one.listen()) for one in listeners]
        print("ready", flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        for task in tasks:
            task.cancel()
        for one in listeners:
            print(json.dumps([one.tenant, one.protocol, one.received]))
        sys.stdout.flush()


async def reset(asked: Asked) -> None:
    few = asyncio.Semaphore(_AT_ONCE)
    chance = random.Random(15)
    await asyncio.gather(*(_broken(asked, chance, few) for _ in range(asked["count"])))


async def _broken(asked: Asked, chance: random.Random, few: asyncio.Semaphore) -> None:
    """A socket whose connection is reset somewhere after its handshake."""
    async with few:
        reader, writer = await asyncio.open_connection("127.0.0.1", asked["port"])
        nonce = base64.b64encode(os.urandom(16)).decode()
        writer.write(
            f"GET /v1 HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {nonce}\r\n"
            f"Authorization: Bearer {chance.choice(asked['keys'])}\r\n\r\n".encode()
        )
        try:
            await reader.readuntil(b"\r\n\r\n")
            text = b'{"type": "subscribe", "channels": ["*"], "after": 0}'
            if chance.random() < 0.8:
                await reader.read(chance.randrange(1, 500))
                writer.write(bytes([0x81, 0x80 | len(text)]) + b"\0\0\0\0" + text)
            if chance.random() < 0.6:
                await reader.read(chance.randrange(1, 20_000))
        except (OSError, asyncio.IncompleteReadError):  # closed as one too many
            pass
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
        writer.transport.abort()


if __name__ == "__main__":
    asyncio.run({"listen": listen, "reset": reset}[sys.argv[1]](json.loads(sys.argv[2])))
