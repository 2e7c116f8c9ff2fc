"""The books that the API is measured on: tenants with accounts, filled through the product's own services."""

from __future__ import annotations

import datetime
import itertools
import random
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from decimal import Decimal

from django.db import connections

from bench.load import Render, request
from bigledger.access.models import Role
from bigledger.access.principal import Principal
from bigledger.access.services import create_tenant
from bigledger.tenants.context import tenant_context
from bigledger.tenants.models import Plan, Tenant
from ledger.services.accounts import create_account
from ledger.services.posting import NewEntry, NewLine, post_journal_entries

FIRST_CODE = 1000
Kind = tuple[str, str, str | None]  # of an account: type, subtype, cash flow
BATCH_ENTRIES = 1000
MONTHS = 24
_BODY = (
    b'{"date":"%s",%s"description":"Monthly rent payment","lines":['
    b'{"account_id":"acc_%d","debit":%d.50,"credit":0,"description":"Rent expense"},'
    b'{"account_id":"acc_%d","debit":0,"credit":%d.50,"description":"Cash payment"}]}'
)


@dataclass(frozen=True)
class Books:
    """A tenant with `accounts` accounts, codes from FIRST_CODE on."""

    tenant: Tenant
    acting: Principal
    api_key: str
    accounts: int

    @property
    def codes(self) -> range:
        return range(FIRST_CODE, FIRST_CODE + self.accounts)


def make(name: str, accounts: int, kinds: Sequence[Kind] = (("asset", "current_asset", None),)) -> Books:
    """The accounts take the `kinds` in turn."""
    new = create_tenant(name=name, plan=Plan.ENTERPRISE, owner_email=f"{name}@bench.example")
    acting = Principal(new.tenant, new.user.id, Role.OWNER, frozenset({"read", "write"}), "key_bench")
    books = Books(new.tenant, acting, new.api_key, accounts)
    with tenant_context(new.tenant):
        for code in books.codes:
            type_, subtype, cash_flow = kinds[code % len(kinds)]
            create_account(
                code=str(code), name=f"Account {code}", type=type_, subtype=subtype, cash_flow=cash_flow, acting=acting
            )
    return books


def posts(tenants: list[Books], *, hot: bool = False, with_reference: bool = True) -> Render:
    """Two-line entries on random accounts of random tenants; `hot` puts the first account into each.

    Each has a reference of its own, which becomes its number; without, it takes the next of the series.
    """
    today = tenants[0].tenant.today().isoformat().encode()
    run = random.randbytes(4).hex().encode()
    count = itertools.count()

    def render() -> bytes:
        books = random.choice(tenants)
        debited, credited = random.sample(books.codes, 2)
        if hot:
            debited, credited = FIRST_CODE, random.choice(books.codes[1:])
        reference = b'"reference":"JE-%s-%d",' % (run, next(count)) if with_reference else b""
        amount = random.randrange(1, 100_000)
        body = _BODY % (today, reference, debited, amount, credited, amount)
        return request("POST", "/v1/journal-entries", books.api_key, body)

    return render


def trial_balance(books: Books, as_of: datetime.date | None = None) -> Render:
    query = f"?as_of={as_of}" if as_of else ""
    rendered = request("GET", f"/v1/reports/trial_balance{query}", books.api_key)
    return lambda: rendered


def last_month(books: Books) -> list[datetime.date]:
    """The days of the month before the present one."""
    last = books.tenant.today().replace(day=1) - datetime.timedelta(days=1)
    return [last.replace(day=day) for day in range(1, last.day + 1)]


def fill(books: Books, lines: int, days: list[datetime.date] | None = None) -> float:
    """Posts entries of two lines until there are `lines`, spread over `days` (the last months when None); returns
    lines a second.

    Two threads: while the database works on one call, Python prepares the other.
    """
    began = time.perf_counter()
    today = books.tenant.today()
    spread = days or [today - datetime.timedelta(days=n) for n in range(MONTHS * 30)]

    def post() -> None:
        with tenant_context(books.tenant):
            post_journal_entries(entries=[_entry(books, spread) for _ in range(BATCH_ENTRIES)], acting=books.acting)

    with ThreadPoolExecutor(2) as threads:
        for posted in [threads.submit(post) for _ in range(lines // 2 // BATCH_ENTRIES)]:
            posted.result()
        for closed in [threads.submit(connections.close_all) for _ in range(2)]:
            closed.result()
    return lines / (time.perf_counter() - began)


def _entry(books: Books, days: list[datetime.date]) -> NewEntry:
    debited, credited = random.sample(books.codes, 2)
    amount = Decimal(random.randrange(1, 10_000_000)) / 100
    lines = [NewLine(f"acc_{debited}", debit=amount), NewLine(f"acc_{credited}", credit=amount)]
    return NewEntry(date=random.choice(days), lines=lines, description="Monthly rent payment")
