"""What a log may hold: no living link, no token, no row, and not without end. Of every route there is."""

import json
import logging
import re
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from django.conf import settings
from django.db import IntegrityError, connection
from django.test import Client
from django.urls import get_resolver
from django.urls.resolvers import URLResolver

from bigledger import logs
from bigledger.api.failures import to_catalogue
from bigledger.tenants.context import tenant_context
from tests.conftest import Caller

SECRET = "-MBS8TFXFUoL79PQcHFoZJbnhacTme5HAnwwFh4nje0"
LONG = "x" * 60_000


class Written(logging.Handler):
    """Keeps what is logged by the standard library, as our formatter writes it."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__(0)
        formatter = logs.django_logging("DEBUG")["formatters"]["json"]
        self.setFormatter(formatter["()"](**{name: value for name, value in formatter.items() if name != "()"}))
        self.lines = lines

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The lines that are written while the test calls, structlog's and Django's."""
    lines: list[str] = []
    former = structlog.get_config()
    logs.configure("DEBUG")
    monkeypatch.setattr("bigledger.api.failures.logger", structlog.get_logger())
    for name in ("debug", "info", "warning", "error", "exception"):
        monkeypatch.setattr(structlog.BytesLogger, name, lambda _, line: lines.append(line.decode()))
    monkeypatch.setattr("bigledger.logs._write", lambda line: lines.append(line.decode()))
    handler = Written(lines)
    logger = logging.getLogger("django")
    level = logger.level
    logger.setLevel("DEBUG")
    logger.addHandler(handler)
    yield lines
    logger.removeHandler(handler)
    logger.setLevel(level)
    structlog.configure(**former)


def paths_with_text() -> list[str]:
    """A path of every route that takes text, with a token in its place."""
    found: set[str] = set()

    def walk(patterns: Any, prefix: str) -> None:
        for one in patterns:
            route = prefix + str(one.pattern).removeprefix("^").removesuffix("$")
            if isinstance(one, URLResolver):
                walk(one.url_patterns, route)
            elif "<" in route:
                found.add("/" + re.sub(r"\(\?P<\w+>\[[^]]*\]\+\)|\(\?P<\w+>[^)]*\)|<[^>]+>", SECRET, route))

    walk(get_resolver().url_patterns, "")
    return sorted(path for path in found if not path.startswith("/admin"))


def test_no_path_is_logged(written: list[str], acme: Caller) -> None:
    client = Client(raise_request_exception=False, enforce_csrf_checks=True)
    paths = paths_with_text()
    assert any(path.startswith("/i/") for path in paths)
    assert any(path.startswith("/invitations/") for path in paths)
    assert any(path.startswith("/v1/accounts/") for path in paths)
    for path in paths:
        for method in ("get", "post"):
            getattr(client, method)(path)
    assert [line for line in written if SECRET in line] == []
    requests = [line for line in map(json.loads, written) if line["event"] == "request"]
    assert len(requests) == 2 * len(paths)
    assert all("route" in line and "path" not in line for line in requests)
    assert len({line["route"] for line in requests}) > 50


def test_a_path_of_any_length_leaves_a_short_line(written: list[str], db_access: None) -> None:
    Client(raise_request_exception=False).get(f"/nothing/{LONG}")
    Client(raise_request_exception=False).get(f"/v1/{LONG}")
    assert len(written) >= 2
    assert max(map(len, written)) < 2000


@pytest.mark.parametrize(
    "text",
    [
        f"Forbidden (CSRF cookie not set.): /invitations/{SECRET}",
        f"https://books.example/i/{SECRET}?pay=1",
        f"args: ('{SECRET}', 5)",
        "blg_sandbox_3Y13sqSZR1_H92DvfwhdOV0lKoZKNOh_iU7PdI0grDU",
        "whsec_abc+def/ghi=",
        f"Authorization: Bearer {SECRET}",
    ],
)
def test_a_secret_is_left_out_of_whatever_anybody_says(text: str) -> None:
    kept = logs.clean(text)
    assert SECRET not in kept
    assert "3Y13" not in kept
    assert "abc+def" not in kept
    assert "(left out)" in kept


@pytest.mark.parametrize(
    "text",
    [
        "01a20292-a47a-7810-8a35-9ab450e456b4",
        "inv_01m81d9t9re2fv3m4gmzs30td2",
        "invoicing_creditnoteapplication_not_more_than_the_invoice_is_worth",
        "/v1/invoices/<str:public_id>/send",
    ],
)
def test_ids_and_names_stay(text: str) -> None:
    assert logs.clean(text) == text


def test_a_row_refused_by_the_database_is_not_logged(written: list[str], acme: Caller) -> None:
    row = [-471147114711, "Mr Secret"]  # the trace shows the lines of this file
    with pytest.raises(IntegrityError) as fault, tenant_context(acme.tenant), connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE kept (number bigint CONSTRAINT positive CHECK (number > 0), name text)")
        cursor.execute("INSERT INTO kept VALUES (%s, %s)", row)
    assert "471147114711, Mr Secret" in str(fault.value)
    to_catalogue(fault.value)
    structlog.get_logger().error("unhandled_exception", exc_info=fault.value)
    told, trace = map(json.loads, written)
    assert (told["table"], told["constraint"]) == ("kept", "positive")
    assert "Traceback" in trace["exception"]
    assert [line for line in written if "471147114711" in line or "Mr Secret" in line] == []


def test_the_exception_has_the_id_of_its_request(
    written: list[str], acme: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*args: Any, **options: Any) -> Any:
        raise LookupError("nobody foresaw this")

    monkeypatch.setattr("ledger.views.accounts.AccountViewSet.list", broken)
    answer = acme.get("/v1/accounts", X_REQUEST_ID="mine-1")
    assert answer.status == 500
    lines = [json.loads(line) for line in written]
    [told] = [line for line in lines if line["event"] == "unhandled_exception"]
    assert told["request_id"] == "mine-1"
    assert logs.request_id.get() == ""


def test_the_settings_use_it() -> None:
    assert settings.LOGGING["loggers"]["celery"]["level"] == "WARNING"
