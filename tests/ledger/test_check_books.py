"""`manage.py check_books` finds what somebody with the owner's rights may have broken."""

from __future__ import annotations

import io
import json
import uuid
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connections

from bigledger import ids
from tests.api.conftest import open_chart, rent
from tests.conftest import Caller, make_tenant

# What is planted, and (check, kind of object) of the faults that must be found.
FAULTS: dict[str, tuple[str, list[tuple[str, str]]]] = {
    "an amount": (
        "UPDATE ledger_journalline SET debit = 4999.99, base_debit = 4999.99 WHERE debit = 5000",
        [("entry_balances", "je"), ("entry_totals", "je"), ("kept_balances", "acc")],
    ),
    "a total": (
        "UPDATE ledger_journalentry SET total_debit = 1, total_credit = 1, base_total_debit = 1, base_total_credit = 1",
        [("entry_totals", "je")],
    ),
    "a total in base": (
        "UPDATE ledger_journalentry SET currency = 'EUR', base_total_debit = 1, base_total_credit = 1",
        [("entry_totals", "je"), ("line_of_entry", "jel"), ("line_of_entry", "jel")],
    ),
    "a base currency": (
        "UPDATE ledger_books SET base_currency = 'EUR'",
        [("line_in_base", "jel"), ("line_in_base", "jel")],
    ),
    "a kept base balance": (
        "UPDATE ledger_accountbalance SET base_credit = base_credit + 0.01 WHERE credit > 0",
        [("kept_balances", "acc")],
    ),
    "a month of nothing": (
        "INSERT INTO ledger_accountmonth"
        " SELECT tenant_id, account_id, '2020-01-01', 1, 0, 1, 0 FROM ledger_accountbalance WHERE debit > 0",
        [("kept_months", "acc")],
    ),
    "a line that is gone": (
        "DELETE FROM ledger_journalline WHERE credit > 0",
        [("entry_balances", "je"), ("entry_totals", "je"), ("kept_balances", "acc")],
    ),
    "a kept balance": (
        "UPDATE ledger_accountbalance SET debit = debit + 0.01 WHERE debit > 0",
        [("kept_balances", "acc")],
    ),
    "a kept balance of nothing": (
        "INSERT INTO ledger_accountbalance"
        " SELECT tenant_id, account_id, '2020-01-01', 0, 1, 0, 1, 0 FROM ledger_accountbalance WHERE debit > 0",
        [("kept_balances", "acc")],
    ),
    "a date": (
        "UPDATE ledger_journalentry SET date = '2024-02-01'",
        [("line_of_entry", "jel"), ("line_of_entry", "jel")],
    ),
    "a currency": (
        "UPDATE ledger_account SET currency = 'EUR' WHERE code = '1000'",
        [("line_of_account", "jel")],
    ),
    "a posted entry made a draft": (
        "UPDATE ledger_journalentry SET status = 'draft', posted_at = NULL, base_currency = NULL,"
        " base_total_debit = NULL, base_total_credit = NULL",
        [("line_of_entry", "jel"), ("line_of_entry", "jel"), ("draft_lines", "je")],
    ),
    "an event that is gone": (
        "DELETE FROM events_pending WHERE type = 'journal_entry.posted'",
        [("event_of_entry", "je")],
    ),
}


def check(*arguments: str) -> tuple[int, list[str]]:
    """The exit code and the lines of the command."""
    out = io.StringIO()
    try:
        call_command("check_books", *arguments, stdout=out)
    except SystemExit as end:
        return int(end.code or 0), out.getvalue().splitlines()
    finally:
        connections.close_all()
    return 0, out.getvalue().splitlines()


@pytest.fixture
def books(committed: None) -> Iterator[Caller]:
    """A committed tenant with one entry. What is planted in it is undone by nobody: it goes away at the end."""
    caller = make_tenant(f"Checked-{uuid.uuid4()}")
    open_chart(caller)
    assert caller.post("/v1/journal-entries", rent()).status == 201
    yield caller
    for table in (
        "ledger_accountbalance",
        "ledger_accountday",
        "ledger_accountmonth",
        "ledger_journalline",
        "ledger_journalentry",
        "events_pending",
    ):
        _as_superuser(caller, f"DELETE FROM {table}")


def superuser() -> psycopg.Connection[Any]:
    """A connection for which triggers and foreign keys do not exist."""
    params: dict[str, Any] = connections["owner"].get_connection_params()
    keep = {key: params[key] for key in ("host", "port", "user", "password", "dbname") if params.get(key)}
    if connections["owner"].settings_dict["EMBEDDED_HOME"]:
        keep["user"] = "postgres"
    connection = psycopg.connect(**keep)
    connection.execute("SET session_replication_role = replica")
    connection.commit()
    return connection


def _as_superuser(caller: Caller, statement: str) -> None:
    """With every trigger and foreign key looking the other way, in the caller's rows only."""
    verb = " AND " if " WHERE " in statement else " WHERE "
    with superuser() as connection:
        connection.execute(f"{statement}{verb}tenant_id = '{caller.tenant.id}'")


def test_sound_books_are_sound(books: Caller) -> None:
    assert check("--tenant", str(books.tenant.id)) == (0, ["1 tenants, 30 checks each: the books are sound."])
    assert check("--tenant", str(books.tenant.id), "--json") == (0, [])


def test_the_demo_books_are_sound(committed_demo: Any, committed: None) -> None:
    assert check("--tenant", committed_demo.tenant_id)[0] == 0


@pytest.mark.parametrize("what", FAULTS)
def test_a_planted_fault_is_found(books: Caller, what: str) -> None:
    statement, expected = FAULTS[what]
    _as_superuser(books, statement)

    code, lines = check("--json")

    found = [json.loads(line) for line in lines]
    mine = [fault for fault in found if fault["tenant_id"] == str(books.tenant.id)]
    assert code == 1
    assert [(fault["check"], fault["object_id"].partition("_")[0]) for fault in mine] == expected
    assert mine == found, "another tenant's books are not sound"


def test_a_line_for_people_names_tenant_check_and_object(books: Caller) -> None:
    entry = books.get("/v1/journal-entries").body["data"][0]
    _as_superuser(books, FAULTS["a total"][0])

    code, lines = check("--tenant", str(books.tenant.id))

    message = f"{entry['number']} says 1.0000 / 1.0000 in 2 lines, its lines say 5000.0000 / 5000.0000 in 2"
    assert (code, lines) == (1, [f"{books.tenant.id} entry_totals {entry['id']} {message}"])
    assert ids.decode("je", entry["id"])


@pytest.mark.parametrize("tenant", ["nonsense", str(uuid.UUID(int=7))])
def test_an_unknown_tenant_is_reported(committed: None, tenant: str) -> None:
    with pytest.raises(CommandError, match="there is no tenant"):
        check("--tenant", tenant)
