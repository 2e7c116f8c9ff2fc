"""Jobs over many tenants: in turns, each a transaction on one tenant's books, so that no tenant waits for another.

A tenant with more work than fits into its turn queues again behind the others. A failure of any kind is logged with its
tenant and ends only that tenant's part in this run; the next run tries again. A step that takes too long is such a
failure.
"""

from __future__ import annotations

import signal
import threading
import time
import uuid
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TypeVar

import structlog

from bigledger.interfaces import CLOCK, through
from bigledger.postgres.execute import limit_statements
from bigledger.tenants.context import tenant_context
from bigledger.tenants.models import Tenant

TURN_SECONDS = 2.0  # after this long the next tenant has its turn
STEP_SECONDS = 60.0  # the most that one step may take
JOB_SECONDS = 600.0  # no new turn begins after this; the next run does the rest

Claim = TypeVar("Claim")
logger = structlog.get_logger(__name__)


class StepTookTooLong(Exception):
    """A step has run for too long."""


def for_each_tenant(
    tenants: Iterable[uuid.UUID] | None,
    step: Callable[[], int],
    *,
    job: str,
    repeat: bool = True,
) -> int:
    """Calls `step` in the context of each tenant (None: of all) and adds up what it returns.

    With `repeat` a tenant's step is called until it returns 0, for TURN_SECONDS a turn.
    """

    def work(tenant: Tenant) -> int:
        with tenant_context(tenant):
            limit_statements(STEP_SECONDS)
            return int(step())

    return in_turns(tenants, work, job=job, repeat=repeat)


def for_each_claim(
    tenants: Iterable[uuid.UUID] | None,
    claim: Callable[[], Claim | None],
    work: Callable[[Claim], object],
    *,
    job: str,
) -> int:
    """Like `for_each_tenant`, for rows where one that fails must not keep the others waiting. Returns how many were
    claimed.

    `claim` takes a row, counts the attempt and moves the row back, in a transaction of its own; it returns None when
    there are no more rows. `work` processes the row in the next transaction. Whatever happens then, even if the process
    ends, the attempt is counted and the row is behind the others.
    """

    def work_on_one(tenant: Tenant) -> int:
        with tenant_context(tenant):
            limit_statements(STEP_SECONDS)
            claimed = claim()
        if claimed is None:
            return 0
        try:
            with tenant_context(tenant):
                limit_statements(STEP_SECONDS)
                work(claimed)
        except Exception as fault:
            more = {"row": str(claimed), "fault": type(fault).__name__}
            logger.exception("row_failed", job=job, tenant=str(tenant.id), **more)
        return 1

    return in_turns(tenants, work_on_one, job=job, repeat=True)


def in_turns(
    tenants: Iterable[uuid.UUID] | None,
    work: Callable[[Tenant], int],
    *,
    job: str,
    repeat: bool = True,
    turn_seconds: float | None = None,
) -> int:
    """Gives each tenant its turns, for work that enters the tenant's context itself: once a turn, or for
    `turn_seconds`. What they record came through the clock."""
    with through(CLOCK):
        return _in_turns(tenants, work, job, repeat=repeat, turn_seconds=turn_seconds)


def _in_turns(
    tenants: Iterable[uuid.UUID] | None,
    work: Callable[[Tenant], int],
    job: str,
    *,
    repeat: bool,
    turn_seconds: float | None,
) -> int:
    everybody = Tenant.objects.using("worker").order_by("pk")
    waiting = deque(everybody if tenants is None else everybody.filter(pk__in=list(tenants)))
    total, failed, began = 0, 0, time.monotonic()
    while waiting and time.monotonic() - began < JOB_SECONDS:
        tenant = waiting.popleft()
        turn_ends = time.monotonic() + (TURN_SECONDS if turn_seconds is None else turn_seconds)
        first, more = True, True
        try:
            while first or (more and time.monotonic() < turn_ends):
                first = False
                with at_most(STEP_SECONDS):
                    count = work(tenant)
                total += count
                more = repeat and count > 0
        except Exception as fault:
            failed += 1
            logger.exception("job_failed", job=job, tenant=str(tenant.id), fault=type(fault).__name__)
            continue
        if more:
            waiting.append(tenant)
    if failed or waiting:
        logger.warning("job_incomplete", job=job, done=total, failed_tenants=failed, unserved_tenants=len(waiting))
    return total


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Raises StepTookTooLong in the block after `seconds`. It works in the main thread of a process, where signals
    arrive."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise StepTookTooLong(f"no end after {seconds:g} s")

    former = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, former)
