"""Structured logs: one JSON object a line on standard error, with request id and tenant, never a secret.

Bodies, headers, query strings and paths are not logged, but the route of a request is. What libraries say may repeat
a path or a row all the same (Django's warnings, PostgreSQL's DETAIL), so every value goes through `clean`.
"""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import MutableMapping
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

import msgspec
import structlog

_LEVELS = {"DEBUG": 10, "INFO": 20, "WARNING": 30, "ERROR": 40}
LONGEST_VALUE, LONGEST_TRACE = 1000, 16_000  # characters

# What is logged while a request is answered has its id: the exception beside the line of the request.
request_id: ContextVar[str] = ContextVar("request_id", default="")

_DETAIL = re.compile(r"\b(DETAIL|CONTEXT|HINT|STATEMENT): .*")
_NAMED_SECRET = re.compile(r"\b(blg_|whsec_|Bearer )[^\s\"',)]+")
# Our tokens and keys are at least 32 random bytes in base64, 43 characters; ids and UUIDs have at most 36.
_RANDOM = re.compile(r"[A-Za-z0-9_-]{40,}")


def clean(text: str) -> str:
    """Without anything that opens a door or is a row's content, and not without end."""
    if len(text) < 8:
        return text
    if "\n" in text or ": " in text:
        text = _DETAIL.sub(r"\1: (left out)", text)
    text = _NAMED_SECRET.sub(r"\1(left out)", text)
    if len(text) >= 40:
        text = _RANDOM.sub(_unless_a_name, text)
    longest = LONGEST_TRACE if text.startswith("Traceback") else LONGEST_VALUE
    return text if len(text) <= longest else f"{text[:longest]}… ({len(text)} characters)"


def _unless_a_name(found: re.Match[str]) -> str:
    """A name in code or database is in one case; what is random never is, at this length."""
    text = found[0]
    return text if text.islower() or text.isupper() or not any(map(str.isdigit, text)) else "(left out)"


def _finish(logger: Any, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The last processor but one: the request's id, and every value cleaned."""
    if current := request_id.get():
        event.setdefault("request_id", current)
    for name, value in event.items():
        if not isinstance(value, int | float | None):
            event[name] = clean(value if isinstance(value, str) else str(value))
    return event


def _render(event: Any, **_: Any) -> bytes:
    return msgspec.json.encode(event, enc_hook=str)


class RequestLine(msgspec.Struct):
    """One request that was answered. `route` is None when nobody has looked which it is."""

    request_id: str
    tenant: str | None
    method: str
    route: str | None
    status: int
    milliseconds: float
    level: str
    timestamp: str
    event: str = "request"


_LONGEST_METHOD = 16
_STANDARD_ERROR = 2
_encode_line = msgspec.json.Encoder().encode
_lowest = _LEVELS["INFO"]


def log_request(
    request_id: str, *, tenant: object, method: str, route: str | None, status: int, began: float, level: str = "INFO"
) -> None:
    """Writes the line of a request; `began` is a time of perf_counter. Each request has one, and nothing in it needs to
    be cleaned: through structlog's processors it takes five times as long."""
    if _LEVELS[level] < _lowest:
        return
    milliseconds = round((time.perf_counter() - began) * 1000, 1)
    now = f"{datetime.now(UTC).isoformat()[:-6]}Z"
    named = str(tenant) if tenant else None
    line = RequestLine(request_id, named, method[:_LONGEST_METHOD], route, status, milliseconds, level.lower(), now)
    _write(_encode_line(line))


def _write(line: bytes) -> None:
    """Below Python's buffer, which every thread would wait for. A pipe takes a line of this length in one piece."""
    os.write(_STANDARD_ERROR, line + b"\n")


def configure(level: str) -> None:
    global _lowest
    _lowest = _LEVELS[level]
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(_LEVELS[level]),
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _finish,
            structlog.processors.JSONRenderer(serializer=_render),
        ],
        logger_factory=structlog.BytesLoggerFactory(sys.stderr.buffer),
        cache_logger_on_first_use=True,
    )


def django_logging(level: str) -> dict[str, Any]:
    """Django's own loggers, in the same shape. Its `django.request` repeats what our request line says."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "json": {
                "()": structlog.stdlib.ProcessorFormatter,
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    _finish,
                    structlog.processors.JSONRenderer(serializer=lambda event, **_: _render(event).decode()),
                ],
                "foreign_pre_chain": [
                    structlog.stdlib.add_log_level,
                    structlog.stdlib.add_logger_name,
                    structlog.processors.TimeStamper(fmt="iso", utc=True),
                    structlog.processors.format_exc_info,
                ],
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "django": {"handlers": ["stderr"], "level": level, "propagate": False},
            "django.request": {"handlers": [], "level": "CRITICAL", "propagate": False},
            # That a task came and went, every few seconds; what fails is a warning.
            "celery": {"level": "WARNING"},
        },
    }
