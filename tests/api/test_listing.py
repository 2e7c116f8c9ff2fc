"""Lists: pages, cursors, sorting, filters, search; what is unknown is refused by name."""

from __future__ import annotations

import random
import threading
from typing import Any

import pytest
from django.db import connections

from bigledger.tenants.context import tenant_context
from ledger.models import Account
from tests.api.conftest import rent
from tests.conftest import Answer, Caller, make_tenant


def codes(answer: Any) -> list[str]:
    assert answer.status == 200, answer.text
    return [row["code"] for row in answer.body["data"]]


def test_pages_are_counted(books: Caller) -> None:
    answer = books.get("/v1/accounts?page=2&limit=2")

    assert codes(answer) == ["6100"]
    assert answer.body["meta"] == {"page": 2, "limit": 2, "total": 3, "pages": 2}


def test_a_page_after_the_last_is_empty(books: Caller) -> None:
    assert codes(books.get("/v1/accounts?page=1000000")) == []


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("type=asset", ["1000"]),
        ("type[ne]=asset", ["4000", "6100"]),
        ("type[in]=asset,revenue", ["1000", "4000"]),
        ("code[in]=1000,6100", ["1000", "6100"]),
        ("name[contains]=ENT", ["6100"]),
        ("name[startswith]=sa", ["4000"]),
        ("search=cash", ["1000"]),
        ("search=61", ["6100"]),
        ("search=100%25", []),
        ("status=active", ["1000", "4000", "6100"]),
        ("status=inactive", []),
        ("is_active=true&type=revenue", ["4000"]),
        ("sort=name:desc", ["4000", "6100", "1000"]),
        ("sort=type,code:desc", ["1000", "6100", "4000"]),
        ("updated_at[gte]=2020-01-01T00:00:00Z", ["1000", "4000", "6100"]),
        ("updated_at[lt]=2020-01-01", []),
        ("created_at[gte]=2020-01-01T00:00:00+02:00", ["1000", "4000", "6100"]),
        ("parent_id=acc_1000", []),
    ],
)
def test_filters(books: Caller, query: str, expected: list[str]) -> None:
    assert codes(books.get(f"/v1/accounts?{query}")) == expected


def test_amounts_and_days_compare(books: Caller) -> None:
    books.post("/v1/journal-entries", rent("10.00", reference="small"))
    books.post("/v1/journal-entries", rent("20.00", reference="large") | {"date": "2024-02-01"})

    def numbers(query: str) -> list[str]:
        return [row["number"] for row in books.get(f"/v1/journal-entries?{query}").body["data"]]

    assert numbers("total_debit[gt]=10") == ["large"]
    assert numbers("total_debit=10.00") == ["small"]
    assert numbers("date[lte]=2024-01-31") == ["small"]
    assert numbers("sort=total_debit") == ["small", "large"]
    assert numbers("account_id=acc_1000") == ["large", "small"]
    assert numbers("account_id=acc_4000") == []


@pytest.mark.parametrize(
    ("query", "field", "message"),
    [
        ("limit=101", "limit", "Must be a whole number from 1 to 100."),
        ("limit=0", "limit", "Must be a whole number from 1 to 100."),
        ("page=-1", "page", "Must be a whole number from 1 to 1000000."),
        ("page=1e3", "page", "Must be a whole number from 1 to 1000000."),
        ("tpye=asset", "tpye", "Unknown parameter. Did you mean type?"),
        ("type=money", "type", "Must be one of asset, liability, equity, revenue, expense."),
        ("type[gt]=asset", "type[gt]", "Unknown operator; type supports type[eq], type[ne], type[in]."),
        ("name[like]=x", "name[like]", "Unknown operator; name supports name[eq], name[ne], name[in], "
                                       "name[contains], name[startswith]."),
        ("updated_at[gte]=yesterday", "updated_at[gte]",
         "Must be an ISO 8601 date-time, for example 2024-01-15T10:30:00Z."),
        ("is_active=1", "is_active", "Must be true or false."),
        ("parent_id=1000", "parent_id", "Must be an id that begins with acc_."),
        ("search=%00", "search", "Null characters are not allowed."),
        ("name=%00", "name", "Null characters are not allowed."),
        ("cursor=nonsense", "cursor", "Invalid cursor for this list and sort order."),
    ],
)  # fmt: skip
def test_each_fault_is_named(books: Caller, query: str, field: str, message: str) -> None:
    refused = books.get(f"/v1/accounts?{query}")

    assert refused.status == 400
    assert [(d["field"], d["message"]) for d in refused.error["details"]] == [(field, message)]


def test_all_faults_come_at_once(books: Caller) -> None:
    assert books.get("/v1/accounts?limit=0&page=0&type=x&nmae=y").fields == ["limit", "page", "type", "nmae"]


def test_a_cursor_is_good_for_its_own_sort_alone(books: Caller) -> None:
    cursor = books.get("/v1/accounts?cursor=&limit=1&sort=code").body["meta"]["next_cursor"]

    assert codes(books.get(f"/v1/accounts?cursor={cursor}&limit=1&sort=code")) == ["4000"]
    assert books.get(f"/v1/accounts?cursor={cursor}&sort=name").fields == ["cursor"]
    assert books.get(f"/v1/accounts?cursor={cursor}&sort=code&page=2").fields == ["page"]


@pytest.mark.parametrize("sort", ["code", "code:desc", "name:desc,code", "updated_at,code:desc"])
def test_a_cursor_walks_all_rows_in_any_order(books: Caller, sort: str) -> None:
    with tenant_context(books.tenant):
        Account.objects.bulk_create(
            Account(code=f"X{n:03}", name=f"name {n % 7}", type="asset", subtype="fixed_asset", currency="USD")
            for n in range(150)
        )
    assert walk(books, sort) == codes_by_page(books, sort)


def walk(caller: Caller, sort: str, limit: int = 40) -> list[str]:
    found: list[str] = []
    cursor = ""
    while cursor is not None:
        answer = caller.get(f"/v1/accounts?sort={sort}&limit={limit}&cursor={cursor}")
        found += codes(answer)
        cursor = answer.body["meta"]["next_cursor"]
    return found


def codes_by_page(caller: Caller, sort: str) -> list[str]:
    path = f"/v1/accounts?sort={sort}&limit=40"
    pages = caller.get(path).body["meta"]["pages"]
    return [
        c for page in range(1, pages + 1) for c in codes(caller.get(f"/v1/accounts?sort={sort}&limit=40&page={page}"))
    ]


def test_a_cursor_neither_skips_nor_repeats_while_others_write(
    committed: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """5,000 rows are paged through while another connection inserts and deletes rows among them, at least one before
    each page."""
    busy = make_tenant("Busy")
    lasting = [f"{n:05}" for n in range(0, 10_000, 2)]
    with tenant_context(busy.tenant):
        Account.objects.bulk_create(
            (Account(code=c, name="n", type="asset", subtype="fixed_asset", currency="USD") for c in lasting),
            batch_size=1000,
        )
    done, written = threading.Event(), threading.Event()

    def write() -> None:
        dice = random.Random(7)
        while not done.is_set():
            code = f"{dice.randrange(1, 10_000, 2):05}"
            with tenant_context(busy.tenant):
                if not Account.objects.filter(code=code).delete()[0]:
                    Account(code=code, name="n", type="asset", subtype="fixed_asset", currency="USD").save()
            written.set()
        connections.close_all()

    def get_after_a_write(path: str) -> Answer:
        written.clear()
        assert written.wait(30)
        return Caller.get(busy, path)

    monkeypatch.setattr(busy, "get", get_after_a_write)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        seen = walk(busy, "code", limit=100)
    finally:
        done.set()
        writer.join()

    assert len(seen) == len(set(seen))
    assert [code for code in seen if int(code) % 2 == 0] == lasting
