"""What a person at `manage.py dbshell` may not do to the books: the database itself refuses, and nothing changes.

Plain psycopg as the application's role, on committed books; the state is compared by the owner, who sees all.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest
from django.db import connections
from psycopg import errors

from bigledger.tenants.context import tenant_context
from ledger.models import Account, JournalEntry, JournalLine
from tests.api.conftest import open_chart, rent
from tests.conftest import Caller, make_tenant

TABLES = (
    "ledger_account", "ledger_journalentry", "ledger_journalline", "ledger_draftline", "ledger_accountbalance",
    "ledger_accountday", "ledger_accountmonth", "ledger_books", "ledger_periodstate", "ledger_lockexception",
    "ledger_attachment", "ledger_document", "events_event", "events_pending", "ledger_journalcounter",
)  # fmt: skip


@dataclass
class Books:
    """Two tenants' committed books, and the names that the statements below use."""

    tenant: uuid.UUID
    names: dict[str, str]


def connect(alias: str) -> psycopg.Connection[tuple[Any, ...]]:
    params = connections[alias].get_connection_params()
    keep = {key: params[key] for key in ("host", "port", "user", "password", "dbname") if params.get(key)}
    return psycopg.connect(**keep)


@pytest.fixture(scope="module")
def books(django_db_setup: None, django_db_blocker: Any) -> Iterator[Books]:
    with django_db_blocker.unblock():
        mine, theirs = (_committed_books(name) for name in ("Refusals", "Refusals-Other"))
        names = {f"my_{key}": value for key, value in mine.items()} | {f"their_{k}": v for k, v in theirs.items()}
        yield Books(uuid.UUID(mine["tenant"]), names)
        connections.close_all()


def _committed_books(name: str) -> dict[str, str]:
    caller: Caller = make_tenant(name)
    open_chart(caller)
    caller.post(
        "/v1/accounts", {"code": "2", "name": "Yen", "type": "asset", "subtype": "other_asset", "currency": "JPY"}
    )
    assert caller.post("/v1/journal-entries", rent(reference="posted")).status == 201
    assert caller.post("/v1/journal-entries", rent(reference="draft", status="draft")).status == 201
    with tenant_context(caller.tenant):
        codes = dict(Account.objects.values_list("code", "id"))
        numbers = dict(JournalEntry.objects.values_list("number", "id"))
        line = JournalLine.objects.filter(debit__gt=0).get()
    found = {
        "tenant": caller.tenant.id, "cash": codes["1000"], "rent": codes["6100"], "yen": codes["2"],
        "sales": codes["4000"], "posted": numbers["posted"], "draft": numbers["draft"], "line": line.id,
    }  # fmt: skip
    return {key: str(value) for key, value in found.items()}


def snapshot() -> dict[str, str]:
    """Every row of every table of the ledger, as one digest per table."""
    with connect("owner") as owner:
        return {
            table: owner.execute(
                f"SELECT count(*) || md5(COALESCE(string_agg(t::text, ',' ORDER BY t::text), '')) FROM {table} t"
            ).fetchall()[0][0]
            for table in TABLES
        }


def attempt(books: Books, statement: str, parameters: list[Any] | None = None) -> None:
    """As the application's role, in the tenant's context, committed if the database lets it."""
    with connect("default") as connection:
        connection.execute("SELECT set_config('app.tenant_id', %s, false)", [str(books.tenant)])
        for name, value in books.names.items():
            statement = statement.replace("{" + name + "}", f"'{value}'")
        connection.execute(statement, parameters)


def entry(*lines: dict[str, Any], **fields: Any) -> str:
    """The argument of `ledger_post` for one entry."""
    values = {
        "id": str(uuid.uuid4()), "number": str(uuid.uuid4()), "date": "2024-01-15", "description": "",
        "currency": "USD", "created_by_id": str(uuid.uuid4()), "created_at": "2024-01-15T00:00:00Z",
        "posted_at": "2024-01-15T00:00:00Z", "reversal_reason": "", "attachments": [],
        "lines": [{"id": str(uuid.uuid4()), "description": "", "debit": 0, "credit": 0, **line} for line in lines],
    }  # fmt: skip
    return json.dumps([values | fields])


LINE = "tenant_id, id, entry_id, position, account_id, currency, date, debit, credit, description"
ENTRY = (
    "tenant_id, id, number, date, description, status, currency, total_debit, total_credit, line_count,"
    " reversal_reason, created_by_id, posted_at"
)
DENIED, TRIGGER, POLICY = (
    errors.InsufficientPrivilege,
    errors.IntegrityConstraintViolation,
    errors.InsufficientPrivilege,
)

REFUSED: dict[str, tuple[type[psycopg.Error], str]] = {
    "a one-sided entry's line": (
        DENIED,
        f"INSERT INTO ledger_journalline ({LINE}) VALUES ({{my_tenant}}, gen_random_uuid(), {{my_posted}}, 3,"
        f" {{my_cash}}, 'USD', '2024-01-15', 5, 0, '')",
    ),
    "a line edited": (DENIED, "UPDATE ledger_journalline SET debit = 1 WHERE id = {my_line}"),
    "a line's text edited": (DENIED, "UPDATE ledger_journalline SET description = 'x'"),
    "a line deleted": (DENIED, "DELETE FROM ledger_journalline WHERE id = {my_line}"),
    "lines copied in": (DENIED, "COPY ledger_journalline FROM STDIN"),
    "a posted entry edited": (TRIGGER, "UPDATE ledger_journalentry SET description = 'x' WHERE id = {my_posted}"),
    "a posted entry made a draft": (
        TRIGGER,
        "UPDATE ledger_journalentry SET status = 'draft', posted_at = NULL WHERE id = {my_posted}",
    ),
    "a posted entry dated anew": (TRIGGER, "UPDATE ledger_journalentry SET date = '2020-01-01' WHERE id = {my_posted}"),
    "a posted entry deleted": (TRIGGER, "DELETE FROM ledger_journalentry WHERE id = {my_posted}"),
    "all entries deleted": (TRIGGER, "DELETE FROM ledger_journalentry"),
    "a posted entry inserted": (
        POLICY,
        f"INSERT INTO ledger_journalentry ({ENTRY}) VALUES ({{my_tenant}}, gen_random_uuid(), 'n',"
        " '2024-01-15', '', 'posted', 'USD', 5, 5, 2, '', gen_random_uuid(), now())",
    ),
    "a draft set to posted": (
        POLICY,
        "UPDATE ledger_journalentry SET status = 'posted', posted_at = now() WHERE id = {my_draft}",
    ),
    "a posted entry upserted": (
        TRIGGER,
        f"INSERT INTO ledger_journalentry ({ENTRY}) VALUES ({{my_tenant}}, {{my_posted}}, 'n', '2024-01-15',"
        " '', 'draft', 'USD', 5, 5, 2, '', gen_random_uuid(), NULL) ON CONFLICT (tenant_id, id) DO UPDATE SET"
        " status = 'posted'",
    ),
    "entries truncated": (DENIED, "TRUNCATE ledger_journalentry CASCADE"),
    "lines truncated": (DENIED, "TRUNCATE ledger_journalline"),
    "balances truncated": (DENIED, "TRUNCATE ledger_accountbalance"),
    "a balance edited": (DENIED, "UPDATE ledger_accountbalance SET debit = debit + 1"),
    "a balance inserted": (
        DENIED,
        "INSERT INTO ledger_accountbalance VALUES ({my_tenant}, {my_cash}, '2020-01-01', 0, 1, 0, 1, 0)",
    ),
    "a balance deleted": (DENIED, "DELETE FROM ledger_accountbalance"),
    "a day's balance edited": (DENIED, "UPDATE ledger_accountday SET debit = debit + 1"),
    "a month's balance edited": (DENIED, "UPDATE ledger_accountmonth SET debit = debit + 1"),
    "the books opened by hand": (DENIED, "UPDATE ledger_books SET closed_until = NULL"),
    "a month opened by hand": (DENIED, "UPDATE ledger_periodstate SET is_closed = false"),
    "a locked month forgotten": (DENIED, "DELETE FROM ledger_periodstate"),
    "another base currency": (
        errors.ForeignKeyViolation,
        "UPDATE tenants_tenant SET base_currency = 'EUR' WHERE id = {my_tenant}",
    ),
    "a posted account retyped": (TRIGGER, "UPDATE ledger_account SET type = 'expense' WHERE id = {my_cash}"),
    "a posted account in another currency": (
        TRIGGER,
        "UPDATE ledger_account SET currency = 'EUR' WHERE id = {my_cash}",
    ),
    "a posted account deleted": (errors.ForeignKeyViolation, "DELETE FROM ledger_account WHERE id = {my_cash}"),
    "an account given away": (POLICY, "UPDATE ledger_account SET tenant_id = {their_tenant} WHERE id = {my_sales}"),
    "an account in another tenant": (
        POLICY,
        "INSERT INTO ledger_account (tenant_id, id, code, name, type, subtype, currency, description,"
        " purpose, is_active, is_reconcilable) VALUES ({their_tenant}, gen_random_uuid(), 'x', 'x', 'asset',"
        " 'current_asset', 'USD', '', '', true, true)",
    ),
    "a draft line on another tenant's account": (
        errors.ForeignKeyViolation,
        "INSERT INTO ledger_draftline (tenant_id, id, entry_id, position, account_id, debit, credit,"
        " description) VALUES ({my_tenant}, gen_random_uuid(), {my_draft}, 9, {their_cash}, 1, 0, '')",
    ),
    "a parent in another tenant": (
        errors.ForeignKeyViolation,
        "UPDATE ledger_account SET parent_id = {their_cash} WHERE id = {my_cash}",
    ),
    "triggers switched off": (DENIED, "ALTER TABLE ledger_journalentry DISABLE TRIGGER ALL"),
    "a trigger dropped": (DENIED, "DROP TRIGGER posted_is_immutable ON ledger_journalentry"),
    "a trigger of one's own": (
        DENIED,
        "CREATE TRIGGER mine BEFORE UPDATE ON ledger_journalentry FOR EACH ROW EXECUTE FUNCTION"
        " suppress_redundant_updates_trigger()",
    ),
    "row security switched off": (DENIED, "ALTER TABLE ledger_account DISABLE ROW LEVEL SECURITY"),
    "a policy dropped": (DENIED, "DROP POLICY own_tenant ON ledger_account"),
    "a policy of one's own": (DENIED, "CREATE POLICY mine ON ledger_account USING (true)"),
    "a constraint dropped": (DENIED, "ALTER TABLE ledger_journalline DROP CONSTRAINT ledger_journalline_one_sided"),
    "a table dropped": (DENIED, "DROP TABLE ledger_journalline CASCADE"),
    "rights granted to oneself": (
        DENIED,
        "GRANT UPDATE ON ledger_journalline TO CURRENT_USER; UPDATE ledger_journalline SET debit = 1",
    ),
    "replication's blind eye": (DENIED, "SET session_replication_role = replica"),
    "the posting function replaced": (
        DENIED,
        "CREATE OR REPLACE FUNCTION ledger_post(entries jsonb, events jsonb) RETURNS text LANGUAGE sql AS ''",
    ),
    "the tenant's function replaced": (
        DENIED,
        "CREATE OR REPLACE FUNCTION app_tenant() RETURNS uuid LANGUAGE sql AS 'SELECT NULL::uuid'",
    ),
    "the owner's shoes": (DENIED, "SET SESSION AUTHORIZATION postgres"),
    "a program": (DENIED, "COPY (SELECT 1) TO PROGRAM 'true'"),
}
CASH, RENT = {"account_id": "{my_cash}"}, {"account_id": "{my_rent}"}
YEN = {"currency": "JPY", "account_currency": "USD", "base_debit": 0, "base_credit": 0, "exchange_rate": 1}
ACCOUNT_OF_OTHERS = {"account_id": "{their_cash}"}
POSTED_WRONG: dict[str, tuple[type[psycopg.Error], str]] = {
    "unbalanced": (errors.CheckViolation, entry({**RENT, "debit": 5}, {**CASH, "credit": 4})),
    "one line": (errors.CheckViolation, entry({**RENT, "debit": 5})),
    "no line": (errors.CheckViolation, entry()),
    "both sides in a line": (
        errors.CheckViolation,
        entry({**RENT, "debit": 5, "credit": 5}, {**CASH, "debit": 5, "credit": 5}),
    ),
    "negative": (
        errors.CheckViolation,
        entry({**RENT, "debit": -5}, {**CASH, "credit": -5}, {**RENT, "debit": 9}, {**CASH, "credit": 9}),
    ),
    "nothing": (errors.CheckViolation, entry(RENT, CASH)),
    "not a number": (errors.CheckViolation, entry({**RENT, "debit": "NaN"}, {**CASH, "credit": "NaN"})),
    "infinite": (errors.NumericValueOutOfRange, entry({**RENT, "debit": "Infinity"}, {**CASH, "credit": "Infinity"})),
    "sixteen digits": (errors.NumericValueOutOfRange, entry({**RENT, "debit": 10**15}, {**CASH, "credit": 10**15})),
    "another tenant's account": (
        errors.ForeignKeyViolation,
        entry({**RENT, "debit": 5}, {**ACCOUNT_OF_OTHERS, "credit": 5}),
    ),
    "another currency's account": (
        errors.ForeignKeyViolation,
        entry({**RENT, "debit": 5}, {"account_id": "{my_yen}", "credit": 5}),
    ),
    "a foreign line on an account in base without a rate": (
        errors.CheckViolation,
        entry({**RENT, "debit": 5, "currency": "JPY", "account_currency": "USD"}, {**CASH, "credit": 5}),
    ),
    "a foreign line without its rate": (
        errors.CheckViolation,
        entry(
            {**RENT, "debit": 5, "currency": "JPY", "account_currency": "USD", "base_debit": 5, "base_credit": 0},
            {**CASH, "credit": 5},
        ),
    ),
    "a foreign line worth something on its other side": (
        errors.CheckViolation,
        entry(
            {**RENT, "debit": 5, **YEN, "base_debit": 0, "base_credit": 5},
            {**CASH, "debit": 5},
        ),
    ),
    "a rate below nothing": (
        errors.CheckViolation,
        entry({**RENT, "debit": 5, **YEN, "exchange_rate": -1, "base_debit": 5}, {**CASH, "credit": 5}),
    ),
    "a rate that is not a number": (
        errors.CheckViolation,
        entry({**RENT, "debit": 5, **YEN, "exchange_rate": "NaN", "base_debit": 5}, {**CASH, "credit": 5}),
    ),
    "unbalanced in base": (
        errors.CheckViolation,
        entry({**RENT, "debit": 5, **YEN, "base_debit": 4}, {**CASH, "credit": 5, **YEN, "base_credit": 5}),
    ),
    "unbalanced in its one currency": (
        errors.CheckViolation,
        entry({**RENT, "debit": 4, **YEN, "base_debit": 5}, {**CASH, "credit": 5, **YEN, "base_credit": 5}),
    ),
    "an account that is not": (
        errors.ForeignKeyViolation,
        entry({**RENT, "debit": 5}, {"account_id": str(uuid.UUID(int=1)), "credit": 5}),
    ),
    "an entry that is there": (
        errors.UniqueViolation,
        entry({**RENT, "debit": 5}, {**CASH, "credit": 5}, id="{my_posted}"),
    ),
    "another tenant's entry reversed": (
        errors.ForeignKeyViolation,
        entry({**RENT, "debit": 5}, {**CASH, "credit": 5}, reversal_of_id="{their_posted}"),
    ),
    "never posted": (errors.NotNullViolation, entry({**RENT, "debit": 5}, {**CASH, "credit": 5}, posted_at=None)),
}


@pytest.mark.parametrize("what", REFUSED)
def test_it_is_refused(books: Books, what: str) -> None:
    error, statement = REFUSED[what]
    before = snapshot()

    with pytest.raises(error):
        attempt(books, statement)

    assert snapshot() == before


@pytest.mark.parametrize("what", POSTED_WRONG)
def test_the_posting_function_refuses(books: Books, what: str) -> None:
    error, entries = POSTED_WRONG[what]
    for name, value in books.names.items():
        entries = entries.replace("{" + name + "}", value)
    before = snapshot()

    with pytest.raises(error):
        attempt(books, "SELECT ledger_post(%s, '[]')", [entries])

    assert snapshot() == before


@pytest.mark.parametrize("kind", ["books", "owner", "worker"])
def test_no_other_role_can_be_taken(books: Books, settings: Any, kind: str) -> None:
    with pytest.raises(errors.InsufficientPrivilege):
        attempt(books, f'SET ROLE "{settings.DATABASE_ROLES[kind]}"')


def test_a_line_that_rounds_is_rounded_before_it_is_judged(books: Books) -> None:
    """Five hundred-thousandths each: as they are kept they would not balance."""
    lines = [{"account_id": books.names["my_rent"], "debit": 1.00005}] * 2
    entries = entry(*lines, {"account_id": books.names["my_cash"], "credit": 2.0001})
    before = snapshot()

    with pytest.raises(errors.CheckViolation):
        attempt(books, "SELECT ledger_post(%s, '[]')", [entries])

    assert snapshot() == before


def test_without_a_tenant_nothing_can_be_posted(books: Books) -> None:
    entries = entry(
        {"account_id": books.names["my_rent"], "debit": 5}, {"account_id": books.names["my_cash"], "credit": 5}
    )
    with pytest.raises(errors.InsufficientPrivilege), connect("default") as connection:
        connection.execute("SELECT ledger_post(%s, '[]')", [entries])


def test_a_number_that_is_taken_is_not_posted_again(books: Books) -> None:
    lines = {"account_id": books.names["my_rent"], "debit": 5}, {"account_id": books.names["my_cash"], "credit": 5}
    before = snapshot()

    with connect("default") as connection:
        connection.execute("SELECT set_config('app.tenant_id', %s, false)", [str(books.tenant)])
        answer = connection.execute("SELECT ledger_post(%s, '[]')", [entry(*lines, number="posted")]).fetchone()

    assert answer == ("taken",)
    assert snapshot() == before


def test_a_number_that_is_taken_further_on_undoes_the_whole_call(books: Books) -> None:
    lines = {"account_id": books.names["my_rent"], "debit": 5}, {"account_id": books.names["my_cash"], "credit": 5}
    entries = json.loads(entry(*lines, number="a free number")) + json.loads(entry(*lines, number="posted"))
    before = snapshot()

    with pytest.raises(errors.UniqueViolation):
        attempt(books, "SELECT ledger_post(%s, '[]')", [json.dumps(entries)])

    assert snapshot() == before


def test_another_tenants_rows_are_neither_updated_nor_deleted(books: Books) -> None:
    before = snapshot()

    attempt(books, "UPDATE ledger_account SET name = 'mine' WHERE id = {their_cash}")
    attempt(books, "DELETE FROM ledger_draftline WHERE entry_id = {their_draft}")
    for table in ("events_event", "events_pending", "events_head"):
        with pytest.raises(errors.InsufficientPrivilege):
            attempt(books, f"DELETE FROM {table} WHERE tenant_id = {{their_tenant}}")

    assert snapshot() == before


def test_folding_balances_moves_no_figure(books: Books) -> None:
    def totals() -> list[tuple[Any, ...]]:
        with connect("owner") as owner:
            return owner.execute(
                "SELECT tenant_id, account_id, day, sum(debit), sum(credit), sum(base_debit), sum(base_credit) FROM ("
                " SELECT tenant_id, account_id, day, debit, credit, base_debit, base_credit FROM ledger_accountday"
                " UNION ALL"
                " SELECT tenant_id, account_id, day, debit, credit, base_debit, base_credit FROM ledger_accountbalance"
                ") kept GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
            ).fetchall()

    before = totals()

    attempt(books, "SELECT ledger_fold_balances()")

    assert totals() == before
