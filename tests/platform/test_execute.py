"""Statements on the path of every request, on the request's own connection."""

from __future__ import annotations

import hashlib
import os
import socket
from collections.abc import Callable
from typing import Any

import pytest
from django.db import DataError, OperationalError, connection, transaction

from bigledger.postgres.execute import call, fetch_one, send, settle
from tests.conftest import Cast


@pytest.mark.usefixtures("db_access")
def test_a_call_takes_and_gives_text() -> None:
    assert call("SELECT upper($1)", "Müller".encode()) == "MÜLLER".encode()


@pytest.mark.usefixtures("db_access")
def test_a_function_that_gives_nothing_gives_no_text() -> None:
    assert call("SELECT pg_advisory_xact_lock(length($1))", b"x") == b""


@pytest.mark.usefixtures("db_access")
def test_a_call_is_part_of_the_transaction() -> None:
    with transaction.atomic():
        call("SELECT set_config('app.tenant_id', $1, true)", b"019c0000-0000-7000-8000-000000000000")
        with connection.cursor() as cursor:
            cursor.execute("SELECT app_tenant()::text")
            assert cursor.fetchone() == ("019c0000-0000-7000-8000-000000000000",)


def test_a_call_opens_the_transaction_that_it_is_the_first_of(cast: Cast, django_db_blocker: Any) -> None:
    with django_db_blocker.unblock():
        with transaction.atomic():
            first = call("SELECT pg_current_xact_id()::text || $1", b"")
            second = call("SELECT pg_current_xact_id()::text || $1", b"")
        third = call("SELECT pg_current_xact_id()::text || $1", b"")

    assert first == second != third


@pytest.mark.usefixtures("db_access")
def test_a_fault_arrives_as_djangos() -> None:
    with pytest.raises(DataError, match="invalid input syntax for type integer"), transaction.atomic():
        call("SELECT $1::text::integer", b"x")
    assert call("SELECT $1::text", b"still usable") == b"still usable"


def test_a_server_that_went_away_is_an_operational_error(cast: Cast, django_db_blocker: Any) -> None:
    """It becomes 503; without an SQLSTATE, libpq's message alone would be a fault of ours."""
    with django_db_blocker.unblock():
        call("SELECT $1::text", b"connected")
        wrapper: Any = connection
        with socket.socket(fileno=os.dup(wrapper.pgconn.socket)) as wire:
            wire.shutdown(socket.SHUT_RDWR)
        try:
            with pytest.raises(OperationalError):
                call("SELECT $1::text", b"gone")
        finally:
            connection.close()


@pytest.mark.usefixtures("db_access")
def test_what_was_sent_is_done_before_the_next_statement() -> None:
    with transaction.atomic():
        send("SELECT set_config('my.word', $1, true)", b"sent")
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('my.word')")
            assert cursor.fetchone() == ("sent",)
        send("SELECT set_config('my.word', $1, true)", b"sent again")
        assert call("SELECT current_setting($1)", b"my.word") == b"sent again"


@pytest.mark.usefixtures("db_access")
@pytest.mark.parametrize(
    "follows",
    [
        settle,
        lambda: call("SELECT $1::text", b"x"),
        lambda: fetch_one("SELECT 1"),
        lambda: connection.cursor(),
        lambda: send("SELECT $1::text", b"x"),
    ],
    ids=["settle", "call", "fetch", "cursor", "send"],
)
def test_a_fault_of_what_was_sent_is_raised_by_what_follows(follows: Callable[[], object]) -> None:
    with pytest.raises(DataError, match="invalid input syntax for type integer"), transaction.atomic():
        send("SELECT $1::text::integer", b"x")
        follows()
    assert call("SELECT $1::text", b"still usable") == b"still usable"


def test_the_commit_raises_what_was_wrong_and_keeps_nothing(cast: Cast, django_db_blocker: Any) -> None:
    with django_db_blocker.unblock():
        call("CREATE TEMPORARY TABLE IF NOT EXISTS kept AS SELECT $1::text AS word WITH NO DATA", b"")
        with pytest.raises(DataError), transaction.atomic():
            call("INSERT INTO kept VALUES ($1) RETURNING word", b"first")
            send("SELECT $1::text::integer", b"x")
        assert call("SELECT count(*)::text || $1 FROM kept", b"") == b"0"

        with transaction.atomic():
            send("INSERT INTO kept VALUES ($1)", b"second")
        assert call("SELECT string_agg(word, $1) FROM kept", b",") == b"second"


def test_a_rollback_forgets_what_was_sent(cast: Cast, django_db_blocker: Any) -> None:
    with django_db_blocker.unblock():
        with transaction.atomic():
            send("SELECT $1::text::integer", b"x")
            transaction.set_rollback(True)
        assert call("SELECT $1::text", b"still usable") == b"still usable"


@pytest.mark.usefixtures("db_access")
def test_more_is_sent_than_fits_into_the_socket() -> None:
    with transaction.atomic():
        send("SELECT set_config('my.word', encode(sha256($1::bytea), 'hex'), true)", b"x" * 5_000_000)
        assert call("SELECT current_setting($1)", b"my.word") == hashlib.sha256(b"x" * 5_000_000).hexdigest().encode()
