"""An integrator's server for the bench: `python -m bench.receiver PORT`.

Answers each POST with 200 and remembers when it came, but holds those to `/hang` for longer than a worker waits.
`GET` tells what came, and how many hang.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
import time

HANG_SECONDS = 12


class Receiver:
    def __init__(self) -> None:
        self.receipts: dict[str, float] = {}
        self.hanging = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                answer = await self._answer(head, reader)
                writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%s" % (len(answer), answer))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async def _answer(self, head: bytes, reader: asyncio.StreamReader) -> bytes:
        if head.startswith(b"GET"):
            return json.dumps({"receipts": self.receipts, "hanging": self.hanging}).encode()
        length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
        body = await reader.readexactly(int(length[1]) if length else 0)
        if b" /hang " in head:
            self.hanging += 1
            await asyncio.sleep(HANG_SECONDS)
            self.hanging -= 1
        elif b" /ok " in head:
            self.receipts.setdefault(json.loads(body)["id"], time.time())
        return b"ok"


async def _main(port: int) -> None:
    server = await asyncio.start_server(Receiver().serve, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_main(int(sys.argv[1])))
