"""The delivery loop of one worker: fan out, claim, send, record the attempts, until there is nothing left to do.

All requests of a worker share one event loop, so an endpoint that hangs delays only a few coroutines. One thread beside
the loop talks to the database. A delivery that is interrupted by a signal, a lost connection or a bug is due again when
its lease ends. So no commit has to wait for the disk: if the database server crashes and loses a commit, the delivery
is sent again, and webhooks promise delivery at least once.
"""

from __future__ import annotations

import asyncio
import datetime
import time
import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import aiohttp
import structlog
from django.conf import settings
from django.db import InterfaceError, OperationalError, connections
from django.utils import timezone

from bigledger.access.secrets import decrypt
from bigledger.events.models import Event
from bigledger.events.relay import LISTENER, LOG_CHANNEL
from bigledger.heartbeat import beat
from bigledger.postgres.execute import fetch_all
from bigledger.tenants.context import NOT_DURABLE, tenant_context
from webhooks import signing, transport
from webhooks.models import WebhookDelivery, WebhookEndpoint
from webhooks.services.fan_out import fan_out
from webhooks.services.outcome import Attempt, record_attempts

PER_ENDPOINT = 32
IN_FLIGHT = 400
TICK_SECONDS = 0.02
GATHER_SECONDS = 0.005
# Stays awake this long after its last work, with its connections open; then it is Celery's wake-up again.
LINGER_SECONDS = 2.0
# Woken for nothing, as by the clock every few seconds, it looks for a little longer than wake-ups are held back.
FIRST_LOOK_SECONDS = 0.25
LOOK_SECONDS = 1.0

# The one failure that ends a run: without a database there is nothing to deliver. Any other is of one delivery,
# endpoint or tenant, is counted there, and keeps nobody else waiting.
LOST_DATABASE = (OperationalError, InterfaceError)
NOT_MADE = transport.Answer(None, "", "The request could not be made.", 0)

logger = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Claim:
    """A delivery that this worker has claimed until its lease ends, with everything needed to send it."""

    tenant_id: uuid.UUID
    endpoint_id: uuid.UUID
    delivery_id: uuid.UUID
    number: int
    url: str
    body: bytes
    message_id: str
    secrets: tuple[str, ...]


def claim(in_flight: Counter[uuid.UUID]) -> list[Claim]:
    """Claims what is due, of any tenant, and reads it in its tenant's context."""
    room = IN_FLIGHT - in_flight.total()
    if room <= 0:
        return []
    rows = fetch_all(
        f"SELECT tenant_id, id, attempts, {NOT_DURABLE} FROM webhooks_claim(%s::uuid[], %s::int[], %s, %s, %s)",  # noqa: S608
        [list(in_flight), list(in_flight.values()), PER_ENDPOINT, room, settings.WEBHOOKS_LEASE_SECONDS],
        using="worker",
    )
    claims: list[Claim] = []
    for tenant in {row[0] for row in rows}:
        numbers = {row[1]: row[2] for row in rows if row[0] == tenant}
        with tenant_context(tenant, durable=False):
            found = WebhookDelivery.objects.filter(pk__in=numbers).select_related("endpoint")
            for delivery in found:
                try:
                    claims.append(_claim(delivery, numbers[delivery.id]))
                except LOST_DATABASE:
                    raise
                except Exception:
                    logger.exception("delivery_not_prepared", delivery=delivery.public_id)
                    attempt = Attempt(delivery.id, numbers[delivery.id], {}, timezone.now(), NOT_MADE)
                    record_attempts(delivery.endpoint_id, [attempt])
    return claims


def _claim(delivery: WebhookDelivery, number: int) -> Claim:
    endpoint = delivery.endpoint
    secrets = [decrypt(endpoint.encrypted_secret)]
    expiry = endpoint.previous_secret_expires_at
    if endpoint.previous_encrypted_secret and expiry and expiry > timezone.now():
        secrets.append(decrypt(endpoint.previous_encrypted_secret))
    return Claim(
        tenant_id=endpoint.tenant_id,
        endpoint_id=endpoint.id,
        delivery_id=delivery.id,
        number=number,
        url=endpoint.url,
        body=delivery.body.encode(),
        message_id=Event.public_id_of(delivery.event_id),
        secrets=tuple(secrets),
    )


class Worker:
    """One run of the loop, until there is no more work, or until `stopping` returns true and the requests in flight
    have ended."""

    def __init__(self, stopping: Callable[[], bool] = lambda: False) -> None:
        self._stopping = stopping
        self._in_flight: dict[asyncio.Task[Attempt], Claim] = {}
        self._behind: set[uuid.UUID] = set()
        self._last_look = 0.0
        self._last_work = 0.0

    async def deliver(self) -> None:
        self._last_work = time.monotonic() - LINGER_SECONDS + FIRST_LOOK_SECONDS
        loop = asyncio.get_running_loop()
        with ThreadPoolExecutor(1) as database:
            await loop.run_in_executor(database, _listen)
            try:
                async with transport.session() as client:
                    finished: list[tuple[Claim, Attempt]] = []  # the first look is at once
                    while True:
                        beat()
                        ending = self._stopping()
                        claims = await loop.run_in_executor(
                            database, partial(self._work_on_database, finished, ending=ending)
                        )
                        for one in claims:
                            self._in_flight[asyncio.ensure_future(_attempt(client, one))] = one
                        idle = not self._behind and time.monotonic() - self._last_work > LINGER_SECONDS
                        if not self._in_flight and (idle or ending):
                            return
                        finished = await self._finished()
            finally:
                await loop.run_in_executor(database, _hang_up)

    async def _finished(self) -> list[tuple[Claim, Attempt]]:
        """The attempts that ended since the last call. Waits for the first of them and a moment for others, so that
        they are recorded together, but not longer than a tick."""
        if self._in_flight:
            ended, _ = await asyncio.wait(self._in_flight, timeout=TICK_SECONDS, return_when=asyncio.FIRST_COMPLETED)
            if ended:
                await asyncio.sleep(GATHER_SECONDS)
        else:
            await asyncio.sleep(TICK_SECONDS)
        done = [task for task in self._in_flight if task.done()]
        return [(self._in_flight.pop(task), task.result()) for task in done]

    def _work_on_database(self, finished: Sequence[tuple[Claim, Attempt]], *, ending: bool) -> list[Claim]:
        """The database's part of a turn."""
        _record_attempts(finished)
        if ending:
            return []
        self._fan_out()
        claims = claim(Counter(one.endpoint_id for one in self._in_flight.values()))
        if claims or finished or self._behind:
            self._last_work = time.monotonic()
        return claims

    def _fan_out(self) -> None:
        self._behind |= _notified_tenants()
        if time.monotonic() - self._last_look > LOOK_SECONDS:
            self._last_look = time.monotonic()
            self._behind |= {row[0] for row in fetch_all("SELECT * FROM webhooks_behind()", using="worker")}
        for tenant in list(self._behind):
            more = False
            try:
                with tenant_context(tenant, durable=False):
                    more = fan_out()
            except LOST_DATABASE:
                raise
            except Exception:  # of this tenant; the next look tries again
                logger.exception("events_not_fanned_out", tenant=str(tenant))
            if not more:
                self._behind.discard(tenant)


async def _attempt(client: aiohttp.ClientSession, one: Claim) -> Attempt:
    attempted_at = datetime.datetime.now(datetime.UTC)
    headers: dict[str, str] = {}
    try:
        headers = {
            "Content-Type": "application/json",
            "User-Agent": f"BigLedger-Webhooks/{settings.API_VERSION}",
            "X-Attempt": str(one.number),
            **signing.headers(one.body, one.message_id, int(attempted_at.timestamp()), one.secrets),
        }
        answer = await transport.post(client, one.url, one.body, headers)
    except Exception:
        logger.exception("delivery_failed", delivery=WebhookDelivery.public_id_of(one.delivery_id))
        answer = NOT_MADE
    return Attempt(one.delivery_id, one.number, headers, attempted_at, answer)


def _record_attempts(finished: Sequence[tuple[Claim, Attempt]]) -> None:
    by_endpoint: dict[tuple[uuid.UUID, uuid.UUID], list[Attempt]] = {}
    for one, attempt in finished:
        by_endpoint.setdefault((one.tenant_id, one.endpoint_id), []).append(attempt)
    for (tenant_id, endpoint_id), attempts in by_endpoint.items():
        try:
            with tenant_context(tenant_id, durable=False):
                record_attempts(endpoint_id, attempts)
        except LOST_DATABASE:
            raise
        except Exception:  # due again when the lease ends, counted as an attempt
            logger.exception("attempts_not_recorded", endpoint=WebhookEndpoint.public_id_of(endpoint_id))


def _listen() -> None:
    with connections[LISTENER].cursor() as cursor:
        cursor.execute(f"LISTEN {LOG_CHANNEL}")


def _notified_tenants() -> set[uuid.UUID]:
    listener = connections[LISTENER]
    with listener.wrap_database_errors:
        return {uuid.UUID(note.payload.partition(" ")[0]) for note in listener.connection.notifies(timeout=0)}


def _hang_up() -> None:
    for alias in (LISTENER, "worker", "default"):
        connections[alias].close()
