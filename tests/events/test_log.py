"""The relay numbers what is committed; the log is gapless, in commit order, and cannot be changed."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, ProgrammingError, connections, transaction

from bigledger.access.principal import Principal
from bigledger.events import chain, relay
from bigledger.events.models import Event
from bigledger.tenants.context import tenant_context
from ledger.services.accounts import create_account
from tests.committed import number_all, tenant
from tests.conftest import Caller, make_tenant

__all__ = ["tenant"]


def _create(acting: Principal, code: str) -> None:
    create_account(code=code, name=code, type="asset", subtype="current_asset", acting=acting)


def _seqs(tenant: Caller) -> list[int]:
    with tenant_context(tenant.tenant):
        return list(Event.objects.order_by("seq").values_list("seq", flat=True))


def _in_thread(work: Callable[[], None]) -> threading.Thread:
    def run() -> None:
        try:
            work()
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def test_an_event_exists_if_and_only_if_its_change_does(tenant: Caller) -> None:
    with tenant_context(tenant.tenant):
        _create(tenant.principal, "1001")
    with pytest.raises(RuntimeError), tenant_context(tenant.tenant):
        _create(tenant.principal, "1002")
        raise RuntimeError
    number_all()

    events = tenant.get("/v1/events").body["data"]

    assert [(event["seq"], event["type"], event["data"]["account"]["code"]) for event in events] == [
        (1, "account.created", "1001")
    ]


def test_nothing_is_numbered_before_its_commit(tenant: Caller) -> None:
    with tenant_context(tenant.tenant):
        _create(tenant.principal, "1001")
        number_all()
    assert _seqs(tenant) == []

    number_all()

    assert _seqs(tenant) == [1]


def test_the_transaction_that_commits_first_comes_first_even_if_it_began_later(tenant: Caller) -> None:
    began, may_commit = threading.Event(), threading.Event()

    def slow() -> None:
        with tenant_context(tenant.tenant):
            _create(tenant.principal, "slow")
            began.set()
            assert may_commit.wait(10)

    thread = _in_thread(slow)
    assert began.wait(10)
    with tenant_context(tenant.tenant):
        _create(tenant.principal, "fast")
    number_all()
    may_commit.set()
    thread.join()
    number_all()

    codes = [event["data"]["account"]["code"] for event in tenant.get("/v1/events").body["data"]]
    assert codes == ["fast", "slow"]


def test_a_transaction_is_numbered_after_those_whose_commit_it_saw(tenant: Caller) -> None:
    """The slow one began first and recorded first, but recorded something more after the fast one's commit."""
    began, may_go_on = threading.Event(), threading.Event()

    def slow() -> None:
        with tenant_context(tenant.tenant):
            _create(tenant.principal, "slow-1")
            began.set()
            assert may_go_on.wait(10)
            _create(tenant.principal, "slow-2")

    thread = _in_thread(slow)
    assert began.wait(10)
    with tenant_context(tenant.tenant):
        _create(tenant.principal, "fast")
    may_go_on.set()
    thread.join()
    number_all()

    codes = [event["data"]["account"]["code"] for event in tenant.get("/v1/events").body["data"]]
    assert codes == ["fast", "slow-1", "slow-2"]


def test_several_relays_and_writers_at_once_leave_no_gap_and_no_double(
    tenant: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay, "BATCH", 7)
    writing = threading.Event()
    writing.set()

    def write(number: int) -> None:
        for count in range(25):
            with transaction.atomic(), tenant_context(tenant.tenant):
                _create(tenant.principal, f"{number}-{count}")
                if count % 5 == 0:
                    transaction.set_rollback(True)

    def number() -> None:
        while writing.is_set() or relay.number_pending():
            relay.number_pending()

    relays = [_in_thread(number) for _ in range(3)]
    for writer in [_in_thread(lambda n=n: write(n)) for n in range(4)]:
        writer.join()
    writing.clear()
    for one in relays:
        one.join()

    assert _seqs(tenant) == list(range(1, 81))
    with tenant_context(tenant.tenant):
        assert chain.first_fault() is None
        per_writer: dict[str, list[int]] = {}
        for event in Event.objects.order_by("seq"):
            writer, _, count = event.data.partition('"code":"')[2].partition('"')[0].partition("-")
            per_writer.setdefault(writer, []).append(int(count))
    assert all(counts == sorted(counts) for counts in per_writer.values())


def test_a_batch_that_cuts_a_transaction_keeps_its_order(tenant: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay, "BATCH", 4)
    codes = [str(code) for code in range(1001, 1011)]
    with tenant_context(tenant.tenant):
        for code in codes:
            _create(tenant.principal, code)

    number_all()

    events = tenant.get("/v1/events").body["data"]
    assert [event["data"]["account"]["code"] for event in events] == codes
    assert _seqs(tenant) == list(range(1, 11))
    with tenant_context(tenant.tenant):
        assert chain.first_fault() is None


def test_all_tenants_that_wait_are_numbered_in_one_round(tenant: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay, "TENANTS", 2)
    callers = [tenant, *(make_tenant(f"T{uuid.uuid4().hex[:12]}") for _ in range(4))]
    for caller in callers:
        with tenant_context(caller.tenant):
            _create(caller.principal, "1001")

    numbered = relay.number_pending()

    assert {caller.tenant.id: 1 for caller in callers}.items() <= numbered.items()
    assert [_seqs(caller) for caller in callers] == [[1]] * 5
    for caller in callers:
        with tenant_context(caller.tenant):
            assert chain.first_fault() is None


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE events_event SET data = '{}'",
        "DELETE FROM events_event",
        "INSERT INTO events_event SELECT * FROM events_event",
        "UPDATE events_head SET seq = 0",
        "DELETE FROM events_pending",
        "UPDATE events_pending SET data = '{}'",
    ],
)
def test_the_application_cannot_change_the_log(tenant: Caller, change: str) -> None:
    with tenant_context(tenant.tenant):
        _create(tenant.principal, "1001")
    number_all()

    for alias in ("default", "worker"):
        with (
            pytest.raises(ProgrammingError, match="permission denied"),
            tenant_context(tenant.tenant, using=alias),
            connections[alias].cursor() as cursor,
        ):
            cursor.execute(change)
    assert _seqs(tenant) == [1]


def test_not_even_the_owner_changes_an_event(tenant: Caller) -> None:
    with tenant_context(tenant.tenant):
        _create(tenant.principal, "1001")
    number_all()

    with (
        pytest.raises(IntegrityError, match="only ever added to"),
        tenant_context(tenant.tenant, using="owner"),
        connections["owner"].cursor() as cursor,
    ):
        cursor.execute("UPDATE events_event SET data = '{}' WHERE tenant_id = app_tenant()")


@pytest.mark.parametrize(
    ("tampering", "fault"),
    [
        ("UPDATE events_event SET data = '{\"account\":{}}'", "event 2 (evt_"),
        ("UPDATE events_event SET actor = 'user_other'", "event 2 (evt_"),
        ("DELETE FROM events_event", "event 2 is missing: 3 follows 1"),
    ],
)
def test_verify_log_finds_a_superusers_change(tenant: Caller, tampering: str, fault: str, capsys: Any) -> None:
    for code in ("1001", "1002", "1003"):
        with tenant_context(tenant.tenant):
            _create(tenant.principal, code)
    number_all()
    call_command("verify_log")
    assert f"{tenant.tenant.id} 3 " in capsys.readouterr().out

    def tamper(statement: str) -> None:
        with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
            cursor.execute("ALTER TABLE events_event DISABLE TRIGGER USER")
            cursor.execute("CREATE TABLE IF NOT EXISTS kept_event AS SELECT * FROM events_event WHERE false")
            cursor.execute(statement, [tenant.tenant.id])
            cursor.execute("ALTER TABLE events_event ENABLE TRIGGER USER")

    tamper("INSERT INTO kept_event SELECT * FROM events_event WHERE tenant_id = %s")
    tamper(f"{tampering} WHERE tenant_id = %s AND seq = 2")
    with pytest.raises(CommandError, match="1 logs have been altered"):
        call_command("verify_log")
    assert fault in capsys.readouterr().out

    # Other tests of this session verify all logs too.
    tamper("DELETE FROM events_event WHERE tenant_id = %s")
    tamper("INSERT INTO events_event SELECT * FROM kept_event WHERE tenant_id = %s")
    with connections["owner"].cursor() as cursor:
        cursor.execute("DROP TABLE kept_event")
    call_command("verify_log")


def test_the_head_is_the_last_event(tenant: Caller) -> None:
    with tenant_context(tenant.tenant):
        _create(tenant.principal, "1001")
        _create(tenant.principal, "1002")
    number_all()

    head = tenant.get("/v1/audit/head").body

    with tenant_context(tenant.tenant):
        last = Event.objects.get(seq=2)
    assert (head["seq"], head["hash"]) == (2, bytes(last.hash).hex())


def test_the_feed_is_resumed_after_a_seq(tenant: Caller) -> None:
    for code in ("1001", "1002", "1003"):
        with tenant_context(tenant.tenant):
            _create(tenant.principal, code)
    number_all()

    rest = tenant.get("/v1/events?after=1&cursor=&limit=1").body
    last = tenant.get(f"/v1/events?after=1&limit=1&cursor={rest['meta']['next_cursor']}").body
    wrong = tenant.get("/v1/events?after=one&type[gt]=x&sort=type")

    assert ([event["seq"] for event in rest["data"]], [event["seq"] for event in last["data"]]) == ([2], [3])
    assert last["meta"]["next_cursor"] is None
    assert (wrong.status, wrong.fields) == (400, ["after", "type[gt]", "sort"])
    assert tenant.get(f"/v1/events/{rest['data'][0]['id']}").body == rest["data"][0]


def test_another_tenant_sees_no_event(tenant: Caller, cast: Any) -> None:
    with tenant_context(tenant.tenant):
        _create(tenant.principal, "1001")
    number_all()
    (event,) = tenant.get("/v1/events").body["data"]

    assert cast.globex.get(f"/v1/events/{event['id']}").status == 404
    assert event["id"] not in cast.globex.get("/v1/events").text


def test_the_relay_runs_on_when_the_server_ends_its_connection(tenant: Caller) -> None:
    stop, numbered = threading.Event(), threading.Event()
    thread = _in_thread(lambda: relay.run(stop, numbered.set))
    try:
        with tenant_context(tenant.tenant):
            _create(tenant.principal, "1001")
        assert numbered.wait(10)
        numbered.clear()
        with connections["listener"].cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE usename = current_user AND datname = current_database() AND pid <> pg_backend_pid()"
            )
        with tenant_context(tenant.tenant):
            _create(tenant.principal, "1002")
        assert numbered.wait(10)
    finally:
        stop.set()
        thread.join()
    assert _seqs(tenant) == [1, 2]


def test_a_request_carries_its_id_and_caller_into_the_event(tenant: Caller) -> None:
    body = {"code": "1001", "name": "Till", "type": "asset", "subtype": "current_asset"}
    request_id = uuid.uuid4().hex
    tenant.post("/v1/accounts", body, x_request_id=request_id)
    number_all()

    (event,) = tenant.get("/v1/events").body["data"]

    assert (event["request_id"], event["actor"]) == (request_id, tenant.principal.user_public_id)
    assert "previous" not in event
