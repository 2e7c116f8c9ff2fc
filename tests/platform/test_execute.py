"""Statements on the path of every request, on the request's own connection."""

from __future__ import annotations

import os
import socket
from typing import Any

import pytest
from django.db import DataError, OperationalError, connection, transaction

from bigledger.postgres.execute import call
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
