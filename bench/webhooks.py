"""Webhooks, measured: `python bench/webhooks.py` on a server and processes of its own, on this machine.

Prints the delivery throughput of one worker, and the time from a commit to its receipt, alone and beside an
endpoint that hangs for ten seconds on every request. The receiver is a process of its own, too.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).parent.parent
BACKLOG = 3000
CHANGES_PER_SECOND = 40
SECONDS = 20
HANG_SECONDS = 10


async def receive(port: int) -> None:
    """Answers each POST with 200 and remembers when it came; `GET /receipts` tells."""
    receipts: dict[str, float] = {}

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                answer = b"ok"
                if head.startswith(b"GET"):
                    answer = json.dumps(receipts).encode()
                else:
                    body = await reader.readexactly(int(re.search(rb"content-length: (\d+)", head, re.I)[1]))
                    if b" /hang " in head:
                        await asyncio.sleep(HANG_SECONDS + 2)
                    else:
                        receipts.setdefault(json.loads(body)["id"], time.time())
                writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%s" % (len(answer), answer))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", port)
    await server.serve_forever()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Bench:
    def __init__(self, home: Path) -> None:
        self.home, self.port = home, free_port()
        self.processes: list[subprocess.Popen] = []
        os.environ |= {"BIGLEDGER_HOME": str(home), "LOG_LEVEL": "ERROR"}
        os.environ["DJANGO_SETTINGS_MODULE"] = "bigledger.settings"
        sys.path.insert(0, str(ROOT))
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        (home / "broker").mkdir(exist_ok=True)

    def start(self, *argv: str) -> None:
        with (self.home / "bench.log").open("ab") as log:
            process = subprocess.Popen([sys.executable, *argv], cwd=ROOT, stdout=log, stderr=log)
        self.processes.append(process)

    def stop(self) -> None:
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            process.wait()

    def tenant(self, *paths: str):
        """A tenant with an endpoint per path; its principal."""
        from bigledger.access.models import Role
        from bigledger.access.principal import Principal
        from bigledger.access.services import create_tenant
        from bigledger.tenants.context import tenant_context
        from webhooks.services.endpoints import create_endpoint

        new = create_tenant(name="Bench", plan="enterprise", owner_email=f"{time.time_ns()}@bench.example")
        acting = Principal(new.tenant, new.user.id, Role.OWNER, frozenset({"admin"}), "key_bench")
        with tenant_context(new.tenant):
            for path in paths:
                url = f"http://127.0.0.1:{self.port}{path}"
                create_endpoint(url=url, events=["account.created"], acting=acting)
        return acting

    def receipts(self) -> dict[str, float]:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/receipts") as answer:
            return json.load(answer)

    def change(self, acting, number: int) -> None:
        from bigledger.tenants.context import tenant_context
        from ledger.services.accounts import create_account

        with tenant_context(acting.tenant):
            create_account(code=str(number), name="Bench", type="asset", subtype="current_asset", acting=acting)

    def event_ids(self, acting) -> list[str]:
        from bigledger.events.models import Event
        from bigledger.tenants.context import tenant_context

        with tenant_context(acting.tenant):
            return [e.public_id for e in Event.objects.filter(type="account.created").order_by("seq").only("id")]

    def wait_for(self, acting, count: int) -> list[float]:
        """When each event came, in the order of the log."""
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            ids = self.event_ids(acting)
            receipts = self.receipts()
            if len(ids) == count and all(one in receipts for one in ids):
                return [receipts[one] for one in ids]
            time.sleep(0.2)
        raise SystemExit(f"only {len(set(ids) & set(receipts))} of {count} events arrived")

    def throughput(self) -> float:
        """Events per second of one worker that finds a backlog."""
        acting = self.tenant("/ok")
        for number in range(BACKLOG):
            self.change(acting, number)
        self.start("-m", "celery", "-A", "bigledger", "worker", "--concurrency", "1", "--loglevel", "ERROR")
        self.start("manage.py", "relay")
        times = sorted(self.wait_for(acting, BACKLOG))
        return BACKLOG / (times[-1] - times[0])

    def latencies(self, *paths: str) -> list[float]:
        """Milliseconds from each commit to its receipt at `/ok`, at a steady pace."""
        acting = self.tenant(*paths)
        committed = []
        start = time.time()
        for number in range(CHANGES_PER_SECOND * SECONDS):
            time.sleep(max(0.0, start + number / CHANGES_PER_SECOND - time.time()))
            self.change(acting, number)
            committed.append(time.time())
        received = self.wait_for(acting, len(committed))
        return [(came - went) * 1000 for went, came in zip(committed, received, strict=True)]


def show(name: str, milliseconds: list[float]) -> None:
    cuts = statistics.quantiles(milliseconds, n=100)
    print(f"{name:48} p50 {cuts[49]:6.0f} ms   p99 {cuts[98]:6.0f} ms   max {max(milliseconds):6.0f} ms")


def main() -> None:
    home = Path(tempfile.mkdtemp(prefix="bigledger-bench-"))
    home.chmod(0o755)
    bench = Bench(home)
    try:
        bench.start(__file__, str(bench.port))
        print(f"{'delivery, one worker with a backlog':48} {bench.throughput():6.0f} events/s")
        show(f"commit to receipt, {CHANGES_PER_SECOND}/s", bench.latencies("/ok"))
        show("the same beside an endpoint that hangs", bench.latencies("/ok", "/hang"))
    finally:
        bench.stop()
        from django.db import connections

        from bigledger.postgres import server

        connections.close_all()
        server.stop(home)
        shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    asyncio.run(receive(int(sys.argv[1]))) if len(sys.argv) > 1 else main()
