"""How long an event is on its way from its commit to 1,000 sockets of 50 tenants, whether each has every event once,
and whether memory comes back after 1,000 sockets that were reset.

The sockets and the relay run as `manage.py up` starts them; the clients are a process of their own (`listeners`). Half
of the sockets speak plain JSON, half `graphql-transport-ws`.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings

from bench import page, stack
from bigledger.access.models import Role
from bigledger.access.principal import Principal
from bigledger.access.services import create_tenant
from bigledger.events.models import Event
from bigledger.management.commands.up import children
from bigledger.postgres.execute import fetch_one
from bigledger.tenants.context import tenant_context
from bigledger.tenants.models import Plan
from ledger.services.accounts import create_account

TENANTS, CHANGES_PER_SECOND = 50, 50
_PATIENCE_SECONDS = 120
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True)
class Owner:
    """A tenant's owner, and their key."""

    acting: Principal
    key: str


def figures() -> str:
    seconds, count = float(os.environ.get("SEC", "60")), int(os.environ.get("SOCKETS", "1000"))
    with stack.started_server(), ExitStack() as running:
        owners = [_owner(number) for number in range(TENANTS)]
        started = {
            child.name: running.enter_context(stack.started(child))
            for child in children()
            if child.name in ("relay", "sockets")
        }
        _wait_for(_answers, "the sockets")
        _wait_for(_is_numbered, "the numbers of the first events")
        received, committed = _measure(owners, count, seconds)
        worker = started["sockets"].pid
        before = _memory(worker)
        _listeners("reset", owners, count).communicate()
        _wait_for(lambda: _open_sockets() == 0, "the end of all sockets")
        after = _memory(worker)
    return _shown(owners, received, committed, (before, after), seconds)


def _measure(owners: list[Owner], count: int, seconds: float) -> tuple[list[Any], dict[str, float]]:
    """What each socket received, and when each change was committed, by its code."""
    listeners = _listeners("listen", owners, count)
    assert listeners.stdin and listeners.stdout
    if listeners.stdout.readline().strip() != b"ready":
        raise SystemExit("bench: the listeners did not start")
    committed: dict[str, float] = {}
    start = time.time()
    for number in range(round(CHANGES_PER_SECOND * seconds)):
        time.sleep(max(0.0, start + number / CHANGES_PER_SECOND - time.time()))
        code = str(10_000 + number)
        _change(owners[number % len(owners)], code)
        committed[code] = time.time()
    _wait_for(_is_numbered, "the numbers of all events")
    time.sleep(2)
    text, _ = listeners.communicate(b"\n")
    return [json.loads(line) for line in text.splitlines()], committed


def _shown(
    owners: list[Owner], received: list[Any], committed: dict[str, float], memory: tuple[int, int], seconds: float
) -> str:
    logs = [_log(owner) for owner in owners]
    lost = doubled = foreign = 0
    delays = []
    for tenant, _, messages in received:
        known = dict(logs[tenant])
        seqs = [seq for seq, _, _ in messages]
        lost += len(known.keys() - set(seqs))
        doubled += len(seqs) - len(set(seqs))
        foreign += sum(known.get(seq) != code for seq, code, _ in messages)
        delays += [(at - committed[code]) * 1000 for _, code, at in messages]
    cuts = statistics.quantiles(delays, n=100)
    before, after = memory
    rows = [
        ["messages received", f"{len(delays):,}"],
        ["lost, doubled, of another tenant", f"{lost}, {doubled}, {foreign}"],
        ["commit to client, p50", f"{cuts[49]:.0f} ms"],
        ["commit to client, p99", f"{cuts[98]:.0f} ms"],
        ["commit to client, longest", f"{max(delays):.0f} ms"],
        [
            f"memory of the sockets' process, before and after {len(received):,} sockets reset at random",
            f"{before / 2**20:.1f}, {after / 2**20:.1f} MiB ({(after / before - 1) * 100:+.1f} %)",
        ],
    ]
    return "\n\n".join(
        [
            f"{page.measured_on()}; clients, sockets, relay and database share it. {len(received):,} sockets of"
            f" {len(owners)} tenants, half of them GraphQL; {CHANGES_PER_SECOND} changes a second for {seconds:g} s.",
            page.table(["what", "measured"], rows),
        ]
    )


def _owner(number: int) -> Owner:
    new = create_tenant(name=f"Bench {number}", plan=Plan.ENTERPRISE, owner_email=f"{number}@bench.example")
    acting = Principal(new.tenant, new.user.id, Role.OWNER, frozenset({"admin"}), "key_bench")
    return Owner(acting, new.api_key)


def _change(owner: Owner, code: str) -> None:
    with tenant_context(owner.acting.tenant):
        create_account(code=code, name="Bench", type="asset", subtype="current_asset", acting=owner.acting)


def _log(owner: Owner) -> list[tuple[int, str]]:
    """The number and the code of each account's event."""
    with tenant_context(owner.acting.tenant):
        events = Event.objects.filter(type="account.created").order_by("seq")
        found = [(event.seq, json.loads(event.data)["account"]["code"]) for event in events]
        return [(seq, code) for seq, code in found if len(code) == 5]


def _is_numbered() -> bool:
    """Whether no event waits for its number."""
    [found] = fetch_one("SELECT NOT EXISTS (SELECT FROM events_pending)", using="worker")
    return bool(found)


def _listeners(what: str, owners: list[Owner], count: int) -> subprocess.Popen[bytes]:
    """The clients' process: so many sockets, the tenants' by turns."""
    asked = {"port": settings.WS_PORT, "keys": [owner.key for owner in owners], "count": count}
    return subprocess.Popen(
        [sys.executable, "-m", "bench.listeners", what, json.dumps(asked)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip


def _answers() -> bool:
    with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{settings.WS_PORT}/readyz", timeout=2):
        return True
    return False


def _open_sockets() -> int:
    request = urllib.request.Request(
        f"http://127.0.0.1:{settings.WS_PORT}/metrics", headers={"Authorization": f"Bearer {settings.METRICS_TOKEN}"}
    )
    with urllib.request.urlopen(request, timeout=5) as answer:
        lines = answer.read().decode().splitlines()
    [found] = [line.split()[1] for line in lines if line.startswith("bigledger_sockets_open ")]
    return int(found)


def _memory(pid: int) -> int:
    """Resident bytes of a process and its children."""
    listing = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    rows = [(int(one), int(parent)) for one, parent in map(str.split, listing.splitlines())]
    family = [pid, *(one for one, parent in rows if parent == pid)]
    return sum(int(Path(f"/proc/{one}/statm").read_text().split()[1]) * _PAGE_BYTES for one in family)


def _wait_for(fact: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not fact():
        if time.monotonic() > deadline:
            raise SystemExit(f"bench: waited in vain for {what}")
        time.sleep(0.2)
