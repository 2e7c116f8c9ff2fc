"""What one worker delivers, and how long a change is on its way: alone, beside another endpoint that answers, and
beside one that hangs.

The three take turns within each round, with fresh tenants, since a machine drifts; the ratio is taken inside a round
and the median of the rounds is what is quoted. The broker is the one of REDIS_URL, else the folder.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from django.conf import settings

from bench import page, stack
from bench.home import free_ports
from bigledger.access.models import Role
from bigledger.access.principal import Principal
from bigledger.access.services import create_tenant
from bigledger.events.models import Event
from bigledger.management.commands.up import children
from bigledger.supervisor import Child
from bigledger.tenants.context import tenant_context
from bigledger.tenants.models import Plan
from ledger.services.accounts import create_account
from webhooks.models import DeliveryState, WebhookDelivery, WebhookEndpoint
from webhooks.services.endpoints import create_endpoint, update_endpoint

CHANGES_PER_SECOND = 40
CUTS = {"p50": 49, "p99": 98}
_PATIENCE_SECONDS = 120

Found = TypeVar("Found")


@dataclass(frozen=True)
class Way:
    """Milliseconds from each commit on: until its first attempt began, and until its receipt."""

    started: list[float]
    received: list[float]

    def cut(self, end: str, name: str) -> float:
        cuts: list[float] = statistics.quantiles(getattr(self, end), n=100)
        return cuts[CUTS[name]]


# What else each event goes to. Another endpoint is twice the work; what counts is whether it matters that it hangs.
LOADS = {"alone": (), "beside one that answers": ("/answers",), "beside one that hangs": ("/hang",)}
Round = dict[str, Way]


def figures() -> str:
    seconds, rounds = float(os.environ.get("SEC", "10")), int(os.environ.get("RUNS", "3"))
    backlog = int(os.environ.get("BACKLOG", "3000"))
    with stack.started_server(), _receiver() as port:
        throughput, measured = _measure(port, backlog, rounds, seconds)
    rows = [
        [f"commit to {title}, {name}", *_columns(measured, end, name)]
        for end, title in (("started", "start of the delivery"), ("received", "receipt"))
        for name in CUTS
    ]
    return "\n\n".join(
        [
            f"{page.measured_on()}; receiver, worker, relay and database share it."
            f" Rounds: {rounds}, of {seconds:g} s each; {CHANGES_PER_SECOND} changes a second,"
            f" {'Redis' if settings.REDIS_URL else 'a folder'} as the broker.",
            f"One worker with a backlog of {backlog:,}: {throughput:.0f} deliveries/s.",
            page.table(["min / median / max", *(f"{load}, ms" for load in LOADS), "hangs by answers"], rows),
        ]
    )


def _columns(measured: list[Round], end: str, name: str) -> list[str]:
    cuts = [[one[load].cut(end, name) for one in measured] for load in LOADS]
    ratios = [hangs / answers for answers, hangs in zip(*cuts[1:], strict=True)]
    return [*(page.spread(values, "{:.0f}".format) for values in cuts), page.spread(ratios, "{:.2f}".format)]


def _measure(port: int, backlog: int, rounds: int, seconds: float) -> tuple[float, list[Round]]:
    waiting = _tenant(port, "/ok")
    for number in range(backlog):
        _change(waiting, number)
    with ExitStack() as running:
        for child in _senders():
            running.enter_context(stack.started(child))
        times = sorted(_receipts(port, waiting, backlog))
        measured = []
        for number in range(rounds):
            measured.append({load: _way(port, seconds, "/ok", *others) for load, others in LOADS.items()})
            print(f"Round {number + 1} of {rounds} is done.", file=sys.stderr, flush=True)
    return backlog / (times[-1] - times[0]), measured


@contextmanager
def _receiver() -> Iterator[int]:
    [port] = free_ports(1)
    with stack.started(Child("receiver", [sys.executable, "-m", "bench.receiver", str(port)], {})):
        _wait_for(lambda: _told(port) or None, "the receiver")
        yield port


def _senders() -> list[Child]:
    """As `manage.py up` starts them."""
    (Path(settings.BIGLEDGER_HOME) / "broker").mkdir(exist_ok=True)
    return [child for child in children() if child.name in ("relay", "deliveries")]


def _tenant(port: int, *paths: str) -> Principal:
    """The owner of a tenant with an endpoint per path."""
    new = create_tenant(name="Bench", plan=Plan.ENTERPRISE, owner_email=f"{time.time_ns()}@bench.example")
    acting = Principal(new.tenant, new.user.id, Role.OWNER, frozenset({"admin"}), "key_bench")
    with tenant_context(new.tenant):
        for path in paths:
            create_endpoint(url=f"http://127.0.0.1:{port}{path}", events=["account.created"], acting=acting)
    return acting


def _change(acting: Principal, number: int) -> None:
    with tenant_context(acting.tenant):
        create_account(code=str(number), name="Bench", type="asset", subtype="current_asset", acting=acting)


def _way(port: int, seconds: float, *paths: str) -> Way:
    """At a steady pace, to the endpoint at `/ok`; afterwards nothing of this tenant is under way."""
    acting = _tenant(port, *paths)
    committed = []
    start = time.time()
    for number in range(round(CHANGES_PER_SECOND * seconds)):
        time.sleep(max(0.0, start + number / CHANGES_PER_SECOND - time.time()))
        _change(acting, number)
        committed.append(time.time())
    received = _receipts(port, acting, len(committed))
    began = _starts(acting, len(committed))
    with tenant_context(acting.tenant):
        for endpoint in WebhookEndpoint.objects.all():
            update_endpoint(endpoint=endpoint, changes={"is_active": False}, acting=acting)
    _wait_for(lambda: _told(port)["hanging"] == 0 or None, "the end of what hangs")
    return Way(*([(at - went) * 1000 for went, at in zip(committed, ends, strict=True)] for ends in (began, received)))


def _receipts(port: int, acting: Principal, count: int) -> list[float]:
    """When each event came, in the order of the log."""

    def all_came() -> list[float] | None:
        with tenant_context(acting.tenant):
            events = Event.objects.filter(type="account.created").order_by("seq").only("id")
            ids = [event.public_id for event in events]
        came = _told(port)["receipts"]
        return [came[one] for one in ids] if len(ids) == count and came.keys() >= set(ids) else None

    return _wait_for(all_came, f"{count} receipts")


def _starts(acting: Principal, count: int) -> list[float]:
    """When the attempt of each event began, in the order of the log; where it was accepted at once, its only one."""

    def all_settled() -> list[float] | None:
        with tenant_context(acting.tenant):
            settled = WebhookDelivery.objects.filter(endpoint__url__endswith="/ok", state=DeliveryState.DELIVERED)
            times = list(settled.order_by("seq").values_list("attempted_at", flat=True))
        return [at.timestamp() for at in times if at] if len(times) == count else None

    return _wait_for(all_settled, f"{count} settled deliveries")


def _told(port: int) -> dict[str, Any]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/") as answer:
            told: dict[str, Any] = json.load(answer)
            return told
    except OSError:
        return {}


def _wait_for(find: Callable[[], Found | None], what: str) -> Found:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < deadline:
        found = find()
        if found is not None:
            return found
        time.sleep(0.2)
    raise SystemExit(f"bench: waited in vain for {what}")
