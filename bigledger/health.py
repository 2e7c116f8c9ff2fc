"""Health checks for load balancers and operators, and metrics."""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse

from bigledger import children, errors
from bigledger.api.failures import error_response
from bigledger.apps import Gauge, business_apps
from bigledger.postgres.execute import fetch_one

COUNT_LIMIT = 10_000  # what waits is counted up to here: more needs no exact figure, and would cost a long read

_OWN_GAUGES = (
    Gauge(
        "events_unnumbered",
        "Committed events that the relay has not numbered yet.",
        "SELECT 1 FROM events_pending",
    ),
    Gauge("mails_waiting", "Mails that are waiting for an attempt.", "SELECT 1 FROM mail_mail WHERE state = 'waiting'"),
    Gauge("mails_failed", "Mails that have failed for good.", "SELECT 1 FROM mail_mail WHERE state = 'failed'"),
)


def healthz(request: HttpRequest) -> HttpResponse:
    """200 as long as the process answers."""
    return JsonResponse({"status": "ok"})


def readyz(request: HttpRequest) -> HttpResponse:
    """200 if the database answers, else 503; with the state of the supervisor's children."""
    status, body = readiness()
    return JsonResponse(body, status=status)


def readiness() -> tuple[int, dict[str, object]]:
    """Status and body of /readyz. A child that is down does not count, because the API serves without it."""
    status, database = (200, "ok") if _reaches_database() or _reaches_database() else (503, "unreachable")
    states = {
        name: {
            "up": child.is_up,
            "restarts": child.restarts,
            "since": child.since,
            "last_end": child.last_end,
            "ended_at": child.ended_at,
        }
        for name, child in children.read(Path(settings.BIGLEDGER_HOME)).items()
    }
    return status, {
        "status": "ready" if status == 200 else "unavailable",
        "database": database,
        "children": states,
    }


def _reaches_database() -> bool:
    """Call this twice: after a restart of the server every old connection fails once, and is then closed."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM django_migrations LIMIT 1")
    except DatabaseError:
        if not connection.in_atomic_block:
            connection.close()
        return False
    return True


def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus' text, for whoever has METRICS_TOKEN."""
    if not may_read_metrics(request.META.get("HTTP_AUTHORIZATION", "")):
        return error_response(request, errors.AuthenticationFailed())
    return HttpResponse("\n".join([*_metrics(), ""]), content_type="text/plain; version=0.0.4; charset=utf-8")


def may_read_metrics(header: str) -> bool:
    """Whether an `Authorization` header has METRICS_TOKEN."""
    token = settings.METRICS_TOKEN
    return bool(token) and hmac.compare_digest(header.encode(), f"Bearer {token}".encode())


def _metrics() -> Iterator[str]:
    known = children.read(Path(settings.BIGLEDGER_HOME))
    up = {name: float(child.is_up) for name, child in known.items()}
    restarts = {name: float(child.restarts) for name, child in known.items()}
    now = datetime.now(UTC)
    ages = {
        name: (now - datetime.fromisoformat(child.since)).total_seconds()
        for name, child in known.items()
        if child.since
    }
    yield from metric("child_up", "gauge", "Whether a child of the supervisor is running.", _by_child(up))
    yield from metric("child_restarts_total", "counter", "How many times it was restarted.", _by_child(restarts))
    yield from metric("child_up_seconds", "gauge", "How long its current process has been running.", _by_child(ages))
    reached = 1.0
    for gauge in (*_OWN_GAUGES, *(gauge for app in business_apps() for gauge in app.gauges)):
        counted = f"SELECT count(*) FROM ({gauge.query} LIMIT {COUNT_LIMIT}) counted"  # noqa: S608 - our own
        try:
            (count,) = fetch_one(counted, [], using="worker")
        except DatabaseError:
            reached = 0.0
            continue
        yield from metric(gauge.name, "gauge", f"{gauge.meaning} At most {COUNT_LIMIT}.", [("", float(count))])
    yield from metric("database_up", "gauge", "Whether the database answered all of these queries.", [("", reached)])


def _by_child(figures: dict[str, float]) -> list[tuple[str, float]]:
    return [(f'{{child="{name}"}}', figure) for name, figure in figures.items()]


def metric(name: str, kind: str, meaning: str, samples: Iterable[tuple[str, float]]) -> Iterator[str]:
    """The lines of one figure; `samples` are labels (`{child="api"}`, or none) with their values."""
    yield f"# HELP bigledger_{name} {meaning}"
    yield f"# TYPE bigledger_{name} {kind}"
    for labels, figure in samples:
        yield f"bigledger_{name}{labels} {figure:g}"
