"""A server that forgets what was prepared, or hangs: tried again if nothing is lost by that, else 503."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.conf import settings
from django.db import OperationalError, connections, transaction

from bigledger.postgres.execute import begin_with, call, fetch_numbers, fetch_one, limit_statements
from bigledger.postgres.statement import Call, Statement
from tests.committed import tenant
from tests.conftest import Caller

__all__ = ["tenant"]
SAY = Call("{0}::text")
TENANT = b"019c0000-0000-7000-8000-000000000000"
SET_TENANT = Call("set_config('app.tenant_id', {0}, true)")
LOSSES = pytest.mark.parametrize("loss", ["DISCARD ALL", "DEALLOCATE ALL"])
# With FAST_PATH=off there is nothing to lose. `make check` runs this file with the switch on, so nothing is left out.
hot_path_only = pytest.mark.skipif(not settings.FAST_PATH, reason="nothing is prepared without the hot path")


def run(sql: str, alias: str = "default") -> None:
    with connections[alias].cursor() as cursor:
        cursor.execute(sql)


@LOSSES
@pytest.mark.usefixtures("committed")
def test_what_is_lost_is_prepared_again(loss: str) -> None:
    assert call(SAY, b"before") == b"before"
    run(loss)
    assert call(SAY, b"after") == b"after"

    assert fetch_numbers(Statement("SELECT {0}::integer"), [3], using="autonomous") == [3]
    run(loss, "autonomous")
    assert fetch_numbers(Statement("SELECT {0}::integer"), [4], using="autonomous") == [4]


@LOSSES
@pytest.mark.usefixtures("committed")
def test_a_transaction_whose_first_statement_is_lost_begins_again(loss: str) -> None:
    for _ in range(2):
        with transaction.atomic():
            begin_with(SET_TENANT, TENANT, expected=TENANT)
            assert call(Call("app_tenant()::text || {0}"), b"!") == TENANT + b"!"
            assert fetch_one("SELECT app_tenant()::text")[0].encode() == TENANT
        assert fetch_one("SELECT app_tenant()") == (None,)
        run(loss)


@hot_path_only
@LOSSES
@pytest.mark.usefixtures("committed")
def test_a_loss_in_the_middle_fails_the_transaction_and_only_that(loss: str) -> None:
    call(SAY, b"before")
    run(loss)
    with pytest.raises(OperationalError, match="does not exist"), transaction.atomic():
        fetch_one("SELECT 1")
        call(SAY, b"never")

    with transaction.atomic():
        fetch_one("SELECT 1")
        assert call(SAY, b"after") == b"after"


@pytest.mark.usefixtures("committed")
def test_a_plan_whose_type_changed_is_made_again() -> None:
    kind = Call("pg_temp.kind({0})")
    make = "CREATE FUNCTION pg_temp.kind(text) RETURNS {} LANGUAGE sql AS 'SELECT 7::{}'"
    run(make.format("text", "text"))
    assert call(kind, b"x") == b"7"
    for in_transaction in (False, True):
        run("DROP FUNCTION pg_temp.kind(text)")
        run(make.format(*(["integer"] * 2 if not in_transaction else ["bigint"] * 2)))
        if in_transaction:
            with transaction.atomic():
                assert call(kind, b"x") == b"7"
        else:
            assert call(kind, b"x") == b"7"


def test_a_request_after_a_loss_is_answered(tenant: Caller) -> None:
    assert tenant.get("/v1/accounts").status == 200
    for alias in ("default", "autonomous"):
        run("DISCARD ALL", alias)
    assert tenant.get("/v1/accounts").status == 200


@contextmanager
def hanging(alias: str) -> Iterator[None]:
    """The server's process of this connection is stopped: it is there, and says nothing."""
    with connections[alias].cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def test_a_server_that_hangs_costs_one_request(tenant: Caller) -> None:
    assert tenant.get("/v1/accounts").status == 200
    wrapper: Any = connections["default"]
    wrapper.connection.patience.seconds = 0.2
    with hanging("default"):
        assert tenant.get("/v1/accounts").status == 503
        assert tenant.get("/v1/accounts").status == 200  # on a new connection


@pytest.mark.usefixtures("committed")
@pytest.mark.parametrize("way", ["call", "cursor", "commit", "savepoint"])
def test_whatever_waits_for_a_server_that_hangs_is_given_up(way: str) -> None:
    wrapper: Any = connections["default"]
    call(SAY, b"connected")
    wrapper.connection.patience.seconds = 0.2
    with pytest.raises(OperationalError), transaction.atomic(), hanging("default"):
        if way == "call":
            call(SAY, b"gone")
        elif way == "cursor":
            run("SELECT 1")
        elif way == "savepoint":
            transaction.savepoint()
        else:
            wrapper._commit()
    wrapper.close()
    assert call(SAY, b"there") == b"there"


@pytest.mark.usefixtures("committed")
def test_patience_goes_with_the_limit_of_the_transaction() -> None:
    wrapper: Any = connections["default"]
    wrapper.ensure_connection()
    usual = wrapper.connection.patience.seconds
    with transaction.atomic():
        limit_statements(100)
        assert fetch_one("SHOW statement_timeout") == ("100s",)
        assert wrapper.connection.patience.seconds > 100
    assert fetch_one("SHOW statement_timeout") == (f"{settings.STATEMENT_SECONDS:g}s",)
    assert wrapper.connection.patience.seconds == usual > settings.STATEMENT_SECONDS
