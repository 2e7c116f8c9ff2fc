"""Numbers under concurrency: few locks, no waiting between generated numbers, no two entries with one number."""

from __future__ import annotations

import datetime
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connections, transaction

from bigledger.postgres.execute import fetch_one
from bigledger.tenants.context import tenant_context
from ledger.serializers import new_entry
from ledger.services.drafts import create_draft_entry
from ledger.services.posting import post_journal_entries
from tests.api.conftest import open_chart, rent
from tests.conftest import Caller, make_tenant

BULK = "/v1/journal-entries/bulk"
ADVISORY = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()"


@pytest.fixture
def books(committed: None) -> Caller:
    caller = make_tenant("Numbers")
    open_chart(caller)
    with transaction.atomic(), tenant_context(caller.tenant):  # their row is made by the first posting, others wait
        fetch_one("SELECT ledger_close_periods('1999-01-01', 'sales', gen_random_uuid())")
    return caller


def entries(*references: str | None, date: str = "2024-01-15") -> list[Any]:

    day = datetime.date.fromisoformat(date)
    return [
        new_entry(rent(reference=reference) | {"date": day} if reference else rent() | {"date": day})
        for reference in references
    ]


def posted(books: Caller, *references: str | None, date: str = "2024-01-15") -> list[str]:
    with transaction.atomic(), tenant_context(books.tenant):
        wanted = entries(*references, date=date)
        return [body.number for body in post_journal_entries(entries=wanted, acting=books.principal)]


@pytest.mark.parametrize(
    ("references", "locks"),
    [
        ([None] * 1000, 1),
        ([f"R-{n}" for n in range(1000)], 1),
        ([f"JE-2024-{n}" for n in range(1000)], 1),
        ([*(f"JE-{2000 + n % 30}-7{n}" for n in range(500)), *[None] * 500], 31),
    ],
)
def test_a_thousand_entries_take_one_lock_per_series(books: Caller, references: list[str | None], locks: int) -> None:
    with transaction.atomic(), tenant_context(books.tenant):
        (before,) = fetch_one(ADVISORY)
        post_journal_entries(entries=entries(*references), acting=books.principal)
        of_the_books_and_their_balances = 2
        assert fetch_one(ADVISORY)[0] - before <= locks + of_the_books_and_their_balances
        transaction.set_rollback(True)


class Meanwhile:
    """A transaction that has posted and is not committed yet, in a thread of its own."""

    def __init__(self, work: Callable[[], Any]) -> None:
        self._began, self._may_end = threading.Event(), threading.Event()
        self._pool = ThreadPoolExecutor(1)
        self._done = self._pool.submit(self._run, work)
        assert self._began.wait(20)

    def _run(self, work: Callable[[], Any]) -> Any:
        try:
            with transaction.atomic():
                found = work()
                self._began.set()
                assert self._may_end.wait(20)
            return found
        finally:
            connections.close_all()

    def end(self) -> Any:
        self._may_end.set()
        return self._done.result(20)


def in_thread(work: Callable[[], Any]) -> Any:
    def run() -> Any:
        try:
            return work()
        finally:
            connections.close_all()

    return ThreadPoolExecutor(1).submit(run)


# Two that post to one account on one day share the slot of its balance once in sixteen times, and wait for it.
OTHER_DAY = "2024-01-16"


def test_generated_numbers_do_not_wait_for_each_other(books: Caller) -> None:
    first = Meanwhile(lambda: posted(books, None, None, date=OTHER_DAY))

    assert posted(books, None) == ["JE-2024-003"]
    assert first.end() == ["JE-2024-001", "JE-2024-002"]


def test_other_references_do_not_wait_either(books: Caller) -> None:
    first = Meanwhile(lambda: posted(books, "A", date=OTHER_DAY))

    assert posted(books, "B", None) == ["B", "JE-2024-001"]
    assert first.end() == ["A"]


def test_the_second_of_two_equal_references_takes_a_number(books: Caller) -> None:
    """It waits in the unique index, sees the first, and goes on."""
    first = Meanwhile(lambda: posted(books, "A", "B"))
    second = in_thread(lambda: posted(books, "C", "B"))
    wait_until_somebody_waits()

    assert first.end() == ["A", "B"]
    assert second.result(20) == ["C", "JE-2024-001"]


def test_when_the_first_is_undone_the_second_has_the_reference(books: Caller) -> None:
    def undone() -> None:
        posted(books, "A")
        transaction.set_rollback(True)

    first = Meanwhile(undone)
    second = in_thread(lambda: posted(books, "A"))
    wait_until_somebody_waits()
    first.end()

    assert second.result(20) == ["A"]


def test_a_reference_that_looks_like_a_number_meets_no_generated_one(books: Caller) -> None:
    first = Meanwhile(lambda: posted(books, "JE-2024-001"))
    second = in_thread(lambda: posted(books, None))
    wait_until_somebody_waits()

    assert first.end() == ["JE-2024-001"]
    assert second.result(20) == ["JE-2024-002"]


def test_a_draft_and_an_entry_never_share_a_number(books: Caller) -> None:
    def draft(reference: str | None) -> str:
        with transaction.atomic(), tenant_context(books.tenant):
            return create_draft_entry(entry=entries(reference)[0], acting=books.principal).number

    for reference, expected in (("A", "JE-2024-001"), ("JE-2024-002", "JE-2024-003")):
        first = Meanwhile(lambda reference=reference: posted(books, reference))
        second = in_thread(lambda reference=reference: draft(reference))
        wait_until_somebody_waits()
        assert first.end() == [reference]
        assert second.result(20) == expected
    first = Meanwhile(lambda: draft("JE-2024-004"))
    second = in_thread(lambda: posted(books, None))
    wait_until_somebody_waits()
    assert (first.end(), second.result(20)) == ("JE-2024-004", ["JE-2024-005"])


def test_batches_in_opposite_order_do_not_deadlock(books: Caller) -> None:
    names = [f"X{n}" for n in range(40)]
    with ThreadPoolExecutor(2) as pool:
        for round_ in range(5):
            forward = [f"{round_}{name}" for name in names]

            def post(references: list[str]) -> list[str]:
                try:
                    return posted(books, *references)
                finally:
                    connections.close_all()

            found = [number for numbers in pool.map(post, (forward, forward[::-1])) for number in numbers]
            assert len(set(found)) == 80


def wait_until_somebody_waits() -> None:
    """Until a backend waits for a lock: bounded, and without a fixed pause."""
    sql = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    for _ in range(20_000):
        if fetch_one(sql)[0]:
            return
    raise AssertionError("nobody waits")
