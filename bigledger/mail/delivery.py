"""The job: claims a mail, composes it, sends it, and records the result. Mails do not affect each other.

Claiming a mail and recording its result are separate small transactions around the work. So every attempt is counted,
whatever happens in it: an exception of any kind, a process that is killed, a database that goes away.
"""

from __future__ import annotations

import datetime
import random
import signal
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import structlog
from django.core.mail import get_connection
from django.db import connections

from bigledger.access.principal import Principal
from bigledger.events.record import record
from bigledger.mail.events import DELIVERY, MAIL_FAILED
from bigledger.mail.faults import TookTooLong, is_permanent, refusals, words
from bigledger.mail.letters import message
from bigledger.mail.models import Mail, MailState
from bigledger.mail.registry import kind_named
from bigledger.mail.selectors import mail_body
from bigledger.tenants.context import tenant_context
from bigledger.tenants.models import Tenant

_MINUTE, _HOUR = 60, 3600
# Seconds between the attempts, three days in all; one attempt more than there are waits.
WAITS = (
    _MINUTE, 2 * _MINUTE, 5 * _MINUTE, 15 * _MINUTE, 30 * _MINUTE, _HOUR,
    *(n * _HOUR for n in (2, 4, 8, 12, 12, 12, 12, 8)),
)  # fmt: skip
MAX_ATTEMPTS = len(WAITS) + 1
JITTER = 0.2
# As many mails of one tenant are sent before the next tenant has its turn.
MAILS_PER_TURN = 5
# A run ends after this time and the rest waits for the next run, so that the worker's other jobs have their turn.
RUN_SECONDS = 50.0
# The time for one mail, from reading its object to the last answer of the server. EMAIL_TIMEOUT limits each answer.
MAIL_SECONDS = 60.0

logger = structlog.get_logger(__name__)
_last_served = uuid.UUID(int=0)


def deliver_mails(run_seconds: float | None = None) -> int:
    """Delivers the mails that are due, in turns of the tenants. Returns how many mails were tried."""
    deadline = time.monotonic() + (RUN_SECONDS if run_seconds is None else run_seconds)
    tried = 0
    while True:
        in_round = 0
        for tenant in _tenants_in_turn():
            in_round += _turn(tenant, deadline)
            if time.monotonic() >= deadline:
                return tried + in_round
        tried += in_round
        if not in_round:
            return tried


def deliver_next_mail(tenant: Tenant) -> bool:
    """Tries to send one due mail of the tenant; False if none is due."""
    mail = _claim(tenant)
    if mail is None:
        return False
    state, error, subject = MailState.SENT, "", mail.subject
    sending = False
    try:
        with _time_limit(MAIL_SECONDS):
            kind = kind_named(mail.kind)
            server = get_connection()
            with tenant_context(tenant) as current:
                if kind.still_due(mail):
                    made = message(
                        mail, kind.write(mail), tenant=current, from_tenant=kind.from_tenant, connection=server
                    )
                    subject = str(made.subject)
                else:
                    state = MailState.CANCELLED
            if state == MailState.SENT:
                sending = True
                made.send()
                if refused := getattr(server, "refused", None):
                    error = refusals(refused)
    except (Exception, TookTooLong) as fault:
        # Any exception counts as an attempt; the mail is postponed, and in the end marked as failed.
        state = MailState.WAITING
        if is_permanent(fault) or mail.attempts >= MAX_ATTEMPTS:
            state = MailState.FAILED
        error = words(fault, was_sending=sending)
        if isinstance(fault, TookTooLong):
            connections["default"].close()  # it may have been interrupted in the middle of an answer
        logger.warning("mail_failed", mail=mail.public_id, kind=mail.kind, attempts=mail.attempts, state=state,
                       error=error, exc_info=not sending)  # fmt: skip
    _record_result(tenant, mail, state, error=error, subject=subject)
    return True


def _tenants_in_turn() -> list[Tenant]:
    """The tenants with waiting mails, beginning after the one that this process served last."""
    waiting = Mail.objects.using("worker").filter(state=MailState.WAITING)
    tenants = list(Tenant.objects.using("worker").filter(pk__in=waiting.values("tenant_id")).order_by("pk"))
    return [t for t in tenants if t.pk > _last_served] + [t for t in tenants if t.pk <= _last_served]


def _turn(tenant: Tenant, deadline: float) -> int:
    """Sends at most MAILS_PER_TURN mails of one tenant. A failure outside of a mail ends only this tenant's turn."""
    global _last_served
    _last_served = tenant.pk
    tried = 0
    try:
        while tried < MAILS_PER_TURN and time.monotonic() < deadline and deliver_next_mail(tenant):
            tried += 1
    except Exception:
        logger.exception("mail_turn_failed", tenant=str(tenant.pk))
        connections["default"].close()
    return tried


def _claim(tenant: Tenant) -> Mail | None:
    """Counts an attempt at the tenant's next mail and moves it back, as if the attempt had failed already."""
    with tenant_context(tenant) as current:
        now = current.now()
        mail = (
            Mail.objects.select_for_update(skip_locked=True)
            .filter(state=MailState.WAITING, next_attempt_at__lte=now)
            .order_by("next_attempt_at", "id")
            .first()
        )
        if mail is None:
            return None
        mail.attempts += 1
        mail.next_attempt_at = now + _wait_after(mail.attempts)
        mail.save(update_fields=["attempts", "next_attempt_at"])
        return mail


def _wait_after(attempts: int) -> datetime.timedelta:
    """Longer than one attempt may take, and randomized, so that mails that failed together are not retried together."""
    seconds = WAITS[min(attempts, len(WAITS)) - 1] * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311 - no secret
    return datetime.timedelta(seconds=max(seconds, MAIL_SECONDS + 5))


def _record_result(tenant: Tenant, mail: Mail, state: MailState, *, error: str, subject: str) -> None:
    with tenant_context(tenant) as current:
        mail.state, mail.last_error, mail.subject = state, error, subject
        mail.sent_at = current.now() if state == MailState.SENT else None
        if state != MailState.WAITING:
            mail.encrypted_secret = None
        mail.save(update_fields=["state", "last_error", "subject", "sent_at", "encrypted_secret"])
        if state == MailState.FAILED:
            record(MAIL_FAILED, mail.id, mail_body(mail), acting=Principal.system(DELIVERY))


@contextmanager
def _time_limit(seconds: float) -> Iterator[None]:
    """Raises TookTooLong in the block after `seconds`. Outside of a main thread, where no signal arrives, only the
    server's own time-out applies."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def over(_number: int, _frame: FrameType | None) -> None:
        raise TookTooLong

    former = signal.signal(signal.SIGALRM, over)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, former)
