"""Statements on the path of every request, on the request's own connection."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.db import DataError, OperationalError, connection, transaction

from bigledger.postgres.execute import begin_with, call, call_and_commit, fetch_one, settle
from bigledger.postgres.statement import Call, OtherAnswer, Statement
from tests.conftest import Cast

# With FAST_PATH=off a call never ends its transaction. `make check` runs this file with the switch on, so nothing is
# left out there.
hot_path_only = pytest.mark.skipif(not settings.FAST_PATH, reason="the switch is off")


@pytest.mark.usefixtures("db_access")
def test_a_call_takes_and_gives_text() -> None:
    assert call(Call("upper({0})"), "Müller".encode()) == "MÜLLER".encode()


@pytest.mark.usefixtures("db_access")
def test_a_function_that_gives_nothing_gives_no_text() -> None:
    assert call(Call("pg_advisory_xact_lock(length({0}))"), b"x") == b""


@pytest.mark.usefixtures("db_access")
def test_a_call_is_part_of_the_transaction() -> None:
    with transaction.atomic():
        call(SET_TENANT, b"019c0000-0000-7000-8000-000000000000")
        with connection.cursor() as cursor:
            cursor.execute("SELECT app_tenant()::text")
            assert cursor.fetchone() == ("019c0000-0000-7000-8000-000000000000",)


def test_a_call_opens_the_transaction_that_it_is_the_first_of(cast: Cast, django_db_blocker: Any) -> None:
    with django_db_blocker.unblock():
        with transaction.atomic():
            first = call(Call("pg_current_xact_id()::text || {0}"), b"")
            second = call(Call("pg_current_xact_id()::text || {0}"), b"")
        third = call(Call("pg_current_xact_id()::text || {0}"), b"")

    assert first == second != third


TENANT = b"019c0000-0000-7000-8000-000000000000"
SET_TENANT = Call("set_config('app.tenant_id', {0}, true)")
SAY = Call("{0}::text")


def test_an_opening_goes_with_the_first_call(cast: Cast, django_db_blocker: Any) -> None:
    with django_db_blocker.unblock(), transaction.atomic():
        begin_with(SET_TENANT, TENANT, expected=TENANT)

        assert call(Call("app_tenant()::text || {0}"), b"!") == TENANT + b"!"
        assert call(Call("app_tenant()::text || {0}"), b"!") == TENANT + b"!"


def test_after_another_answer_the_call_was_not_made(cast: Cast, django_db_blocker: Any) -> None:
    with django_db_blocker.unblock():
        with pytest.raises(OtherAnswer), transaction.atomic():
            begin_with(SET_TENANT, TENANT, expected=b"another")
            call(Call("pg_advisory_lock(length({0}))"), b"four")  # it would outlive the transaction
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()")
            assert cursor.fetchone() == (0,)


@pytest.mark.parametrize("way", ["orm", "savepoint", "fetch", "a call that is no select", "settle"])
def test_an_opening_comes_before_whatever_comes_first(cast: Cast, django_db_blocker: Any, way: str) -> None:
    ways: dict[str, Callable[[], Any]] = {
        "orm": lambda: connection.cursor().execute("SELECT 1").fetchone(),
        "savepoint": lambda: transaction.savepoint_commit(transaction.savepoint()),
        "fetch": lambda: fetch_one("SELECT app_tenant()"),
        "a call that is no select": lambda: call(Statement("VALUES ({0}::text)"), b"x"),
        "settle": settle,
    }
    with django_db_blocker.unblock():
        with transaction.atomic():
            begin_with(SET_TENANT, TENANT, expected=TENANT)
            ways[way]()
            assert str(fetch_one("SELECT app_tenant()")[0]).encode() == TENANT
        with pytest.raises(OtherAnswer), transaction.atomic():
            begin_with(SET_TENANT, TENANT, expected=b"another")
            ways[way]()


def test_an_opening_is_not_left_for_the_next_transaction(cast: Cast, django_db_blocker: Any) -> None:
    with django_db_blocker.unblock():
        with pytest.raises(LookupError), transaction.atomic():
            begin_with(SET_TENANT, TENANT, expected=TENANT)
            raise LookupError
        assert fetch_one("SELECT app_tenant()") == (None,)


TRANSACTION = Call("pg_current_xact_id()::text || {0}")


@hot_path_only
def test_a_call_that_is_all_of_its_transaction_ends_it(cast: Cast, django_db_blocker: Any) -> None:
    with django_db_blocker.unblock(), transaction.atomic():
        begin_with(SET_TENANT, TENANT, expected=TENANT)
        alone = call_and_commit(TRANSACTION, b"")
        after = call(TRANSACTION, b"")

        assert int(alone) < int(after)
        assert str(fetch_one("SELECT app_tenant()")[0]).encode() == TENANT
        assert call(TRANSACTION, b"") == after


@pytest.mark.parametrize("way", ["orm", "savepoint", "fetch", "a call that is no select", "call", "another"])
def test_what_comes_after_it_begins_as_it_began(cast: Cast, django_db_blocker: Any, way: str) -> None:
    ways: dict[str, Callable[[], Any]] = {
        "orm": lambda: connection.cursor().execute("SELECT 1").fetchone(),
        "savepoint": lambda: transaction.savepoint_commit(transaction.savepoint()),
        "fetch": lambda: fetch_one("SELECT 1"),
        "a call that is no select": lambda: call(Statement("VALUES ({0}::text)"), b"x"),
        "call": lambda: call(SAY, b"x"),
        "another": lambda: call_and_commit(SAY, b"x"),
    }
    with django_db_blocker.unblock():
        with transaction.atomic():
            begin_with(SET_TENANT, TENANT, expected=TENANT)
            call_and_commit(SAY, b"kept")
            ways[way]()
            assert call(Call("app_tenant()::text || {0}"), b"!") == TENANT + b"!"
        assert fetch_one("SELECT app_tenant()") == (None,)


def test_after_another_answer_it_was_not_made_either(cast: Cast, django_db_blocker: Any) -> None:
    with django_db_blocker.unblock():
        with pytest.raises(OtherAnswer), transaction.atomic():
            begin_with(SET_TENANT, TENANT, expected=b"another")
            call_and_commit(Call("pg_advisory_lock(length({0}))"), b"four")
        held = fetch_one("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()")
        assert held == (0,)


@pytest.mark.parametrize("before", ["call", "savepoint", "nothing to begin with"])
def test_a_call_that_is_not_all_is_part_of_the_transaction(cast: Cast, django_db_blocker: Any, before: str) -> None:
    with django_db_blocker.unblock(), transaction.atomic():
        if before != "nothing to begin with":
            begin_with(SET_TENANT, TENANT, expected=TENANT)
        if before == "call":
            call(SAY, b"something")
        if before == "savepoint":
            with transaction.atomic():
                inside = call_and_commit(TRANSACTION, b"")
                assert call(TRANSACTION, b"") == inside
            return
        first = call_and_commit(TRANSACTION, b"")
        assert call(TRANSACTION, b"") == first


def test_nothing_of_it_is_left_for_the_next_transaction(cast: Cast, django_db_blocker: Any) -> None:
    with django_db_blocker.unblock():
        for ends in (False, True):
            try:
                with transaction.atomic():
                    begin_with(SET_TENANT, TENANT, expected=TENANT)
                    call_and_commit(SAY, b"kept")
                    if ends:
                        raise LookupError
            except LookupError:
                pass
            assert fetch_one("SELECT app_tenant()") == (None,)


@pytest.mark.usefixtures("db_access")
def test_a_fault_arrives_as_djangos() -> None:
    with pytest.raises(DataError, match="invalid input syntax for type integer"), transaction.atomic():
        call(Call("{0}::text::integer"), b"x")
    assert call(SAY, b"still usable") == b"still usable"


def test_a_server_that_went_away_is_an_operational_error(cast: Cast, django_db_blocker: Any) -> None:
    """It becomes 503; without an SQLSTATE, libpq's message alone would be a fault of ours."""
    with django_db_blocker.unblock():
        call(SAY, b"connected")
        wrapper: Any = connection
        with socket.socket(fileno=os.dup(wrapper.connection.pgconn.socket)) as wire:
            wire.shutdown(socket.SHUT_RDWR)
        try:
            with pytest.raises(OperationalError):
                call(SAY, b"gone")
        finally:
            connection.close()
