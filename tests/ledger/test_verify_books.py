"""`manage.py verify_books` names the row in which anything was altered, by whomever: every column of every table.

What somebody alters, a superuser does, with triggers and foreign keys switched off; the table's own checks remain.
"""

from __future__ import annotations

import io
import json
import uuid
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from django.core.management import call_command
from django.db import connections

from bigledger import ids
from bigledger.postgres.execute import fetch_one
from bigledger.tenants.context import tenant_context
from tests.committed import number_all
from tests.conftest import Caller, make_tenant
from tests.everything import one_of_everything
from tests.ledger.test_check_books import superuser
from tests.rates import keep_rate
from tests.sales import Shop

D = Decimal
OUTSIDE = (
    "invoicing_documentversion.about_id",
    "invoicing_documentversion.attempts",
    "invoicing_documentversion.created_at",
    "invoicing_documentversion.error",
    "invoicing_documentversion.file",
    "invoicing_documentversion.is_issued",
    "invoicing_documentversion.kind",
    "invoicing_documentversion.next_attempt_at",
    "invoicing_invoice.is_due_date_given",
    "invoicing_invoice.overdue_told",
    "invoicing_payment.captured_at",
    "invoicing_payment.card_brand",
    "invoicing_payment.gateway",
    "invoicing_payment.gateway_reference",
    "invoicing_recurringinvoice.failures",
    "invoicing_recurringinvoice.retry_at",
    "invoicing_refund.settled_at",
    "ledger_recurringentry.failures",
    "ledger_recurringentry.retry_at",
)
# Of which no other row says what they ought to be, by "<table>.<column>", where * is any, and why that is no harm.
NOT_KEPT: Mapping[str, str] = {
    "*.id": "what has an id of its own is found by it; a part is shown in the place where it stands",
    "*.position": "only the order of the positions counts, and the body shows that",
    "events_event.change": "of an event that no document came with, which nobody reads; of the others see below",
    "ledger_account.control_since": "whether it is set, the purpose says; before that moment it took other entries too",
    "ledger_accountbalance.slot": "a day is the sum of its slots",
    "ledger_document.file": "where the file lies; what is in it, `sha256` says",
    "ledger_journalline.currency": "of a line at the rate of 1, which the body does not show",
    "ledger_periodstate.is_purchases_closed": "while all of the month is closed",
    "ledger_periodstate.is_sales_closed": "while all of the month is closed",
    "invoicing_creditnotetax.account_id": "the entry says where the tax was posted",
    "invoicing_invoicetax.account_id": "the entry says where the tax was posted",
    "invoicing_refund.deposit_account_id": "the entry says where it was posted",
    "invoicing_payment.is_deposit": "while nothing of the payment is left",
    **dict.fromkeys(
        ("invoicing_duedatechange.changed_on", "invoicing_duedatechange.due_date"),
        "what an invoice was due on before; aging of a past day alone reads it",
    ),
    "invoicing_writeofftax.*": "what of the write-off was tax: nothing here, where no write-off gave any back",
    "invoicing_writeoffundo.created_at": "the event of the invoice says when",
    "invoicing_writeoffundo.payment_id": "the entry of the payment says so",
    "invoicing_writeoffundo.reason": "the event of the invoice says why",
    "customers_numberseries.series": "a series begins anew, and skips the numbers that are taken",
    "invoicing_creditnote.updated_at": "applying it has an event of the application",
    "invoicing_payment.updated_at": "applying it has an event of the application",
    "invoicing_writeoff.created_by_id": "the event of the invoice says who acted",
    "invoicing_writeoffundo.created_by_id": "the event of the invoice says who acted",
    "invoicing_refund.created_by_id": "the event of the payment says who acted",
    **dict.fromkeys(OUTSIDE, "how far work outside of the books has come"),
}  # fmt: skip
TABLES = """
SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'public'
WHERE c.relkind = 'r'
  AND c.relname ~ '^(ledger_|customers_|invoicing_|events_event$|events_head$)' ORDER BY 1
"""
COLUMNS = """
SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute
WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = '' AND attname <> 'tenant_id'
ORDER BY 1
"""
# By the beginning of its type, what a column is made to say.
OTHERWISE = {
    "numeric": "COALESCE({c}, 0) + 0.01",
    "integer": "COALESCE({c}, 0) + 1",
    "smallint": "COALESCE({c}, 2000) + 1",
    "bigint": "{c} - 1",
    "boolean": "NOT {c}",
    "date[]": "ARRAY['2001-01-01'::date]",
    "date": "COALESCE({c}, '2024-01-01') + 40",
    "timestamp": "COALESCE({c}, '2024-01-01') + interval '1 second'",
    "uuid": "gen_random_uuid()",
    "jsonb": "'[\"x\"]'::jsonb",
    "bytea": "'\\x00'::bytea",
    "character varying": (
        "CASE WHEN length({c}) > 3 THEN overlay({c} PLACING 'z' FROM 3 FOR 1) WHEN {c} = 'x' THEN 'y' ELSE 'x' END"
    ),
    "text": "COALESCE(replace({c}, '0', '1'), '') || ' '",
}


@pytest.fixture(scope="module")
def books(django_db_setup: None, django_db_blocker: Any) -> Iterator[Caller]:
    """A committed tenant with a row in every table of the books, and its log."""
    with django_db_blocker.unblock():
        caller = make_tenant(f"Verified-{uuid.uuid4()}")
        made = one_of_everything(caller)
        _trade(Shop(caller), made["customers"])
        with tenant_context(caller.tenant):
            fetch_one("SELECT ledger_fold_balances()")
        assert caller.post("/v1/journal-entries", _entry("2024-02-01")).status == 201
        number_all()
        connections.close_all()
        yield caller
        connections.close_all()


def _entry(date: str) -> dict[str, Any]:
    lines = [{"account_id": "acc_6100", "debit": 5}, {"account_id": "acc_1000", "credit": 5}]
    return {"date": date, "lines": lines}


def _trade(shop: Shop, customer: str) -> None:
    """Applications, refunds, write-offs and one that was undone, another due date, addresses and contacts; and a debt
    in another currency than the customer's, which is valued anew."""
    address = {"line1": "Main Street 1", "city": "Springfield", "postal_code": "12345", "country": "US"}
    contact = {"name": "Ann", "email": "ann@example.com"}
    changes = {"billing_address": address, "contacts": [contact]}
    shop.done(shop.caller.patch(f"/v1/customers/{customer}", changes))
    paid, lost = (shop.sent("1458.00", customer=customer) for _ in range(2))
    shop.done(shop.caller.patch(f"/v1/invoices/{lost['id']}", {"due_date": "2030-01-31"}))
    payment = shop.pay("1000.00", customer=customer, invoice_id=paid["id"])
    again = shop.pay("100.00", customer=customer)
    shop.post(f"/v1/payments/{again['id']}/refund", amount=D("10.00"))
    shop.post(f"/v1/payments/{payment['id']}/unapply", invoice_id=paid["id"])
    shop.post(f"/v1/payments/{payment['id']}/apply", invoice_id=paid["id"])
    shop.post(f"/v1/payments/{payment['id']}/refund", amount=D("1.00"))
    shop.post(f"/v1/invoices/{lost['id']}/write-off", kind="bad_debt", reason="Gone", amount=D("500.00"))
    shop.pay("1458.00", customer=customer, invoice_id=lost["id"])
    keep_rate(shop.caller, "EUR", "2.5")
    keep_rate(shop.caller, "EUR", "2.6", type="closing")
    shop.sent("100.00", customer=customer, currency="EUR")
    shop.post("/v1/fx-revaluations", as_of=str(shop.caller.tenant.today()))


def faults(caller: Caller, *options: str) -> list[dict[str, str]]:
    out = io.StringIO()
    try:
        call_command("verify_books", "--tenant", str(caller.tenant.id), "--json", *options, stdout=out)
    except SystemExit as end:
        assert end.code == 1
    finally:
        connections.close_all()
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_books_that_nobody_altered_agree(books: Caller, committed: None) -> None:
    assert faults(books, "--all") == []


def test_every_column_in_which_something_is_altered_is_named(books: Caller, committed: None) -> None:
    missed: dict[str, str] = {}
    with superuser() as database:
        database.autocommit = True
        for (table,) in database.execute(TABLES).fetchall():
            for column, type_ in database.execute(COLUMNS, [table]).fetchall():
                if not {f"{table}.{column}", f"*.{column}", f"{table}.*"} & set(NOT_KEPT):
                    missed |= _missed(database, books, table, column, type_)

    assert missed == {}
    assert faults(books, "--all") == []


def _missed(database: Any, books: Caller, table: str, column: str, type_: str) -> dict[str, str]:
    """The column, if it can be altered and nobody notices."""
    row = database.execute(
        f'SELECT ctid::text, "{column}"::text FROM {table} WHERE tenant_id = %s ORDER BY "{column}" IS NULL LIMIT 1',
        [books.tenant.id],
    ).fetchone()
    if row is None:
        return {} if column in ("file",) else {f"{table}.{column}": "has no row"}
    other = next(sql for name, sql in OTHERWISE.items() if type_.startswith(name)).replace("{c}", f'"{column}"')
    try:
        (moved,) = database.execute(
            f'UPDATE {table} SET "{column}" = {other} WHERE ctid = %s RETURNING ctid::text', [row[0]]
        ).fetchone()
    except psycopg.errors.IntegrityError:
        return {}  # the table itself refuses it, whoever asks
    try:
        found = faults(books)
    finally:
        database.execute(f'UPDATE {table} SET "{column}" = %s::{type_} WHERE ctid = %s', [row[1], moved])
    return {} if found else {f"{table}.{column}": str(row[1])}


@pytest.mark.parametrize(
    ("other", "check"),
    [
        ("gen_random_uuid()", "document_changes"),
        ("NULL", "document_changes"),
        ("(SELECT change FROM events_event o WHERE o.tenant_id = e.tenant_id AND o.seq = 1)", "change_of_one_request"),
    ],
)
def test_an_event_that_names_another_change_than_its_document_is_found(
    books: Caller, committed: None, other: str, check: str
) -> None:
    with superuser() as database:
        database.autocommit = True
        seq, change, payment = database.execute(
            "SELECT seq, change, object_id FROM events_event WHERE tenant_id = %s AND type = %s LIMIT 1",
            [books.tenant.id, "payment.received"],
        ).fetchone()
        where = "WHERE tenant_id = %s AND seq = %s"
        database.execute(f"UPDATE events_event e SET change = {other} {where}", [books.tenant.id, seq])
        try:
            found = faults(books, "--all")
        finally:
            database.execute(f"UPDATE events_event SET change = %s {where}", [change, books.tenant.id, seq])

    assert ("document_changes", ids.encode("pay", payment)) in {(one["check"], one["object_id"]) for one in found}
    assert check in {one["check"] for one in found}
    assert faults(books) == []


def test_one_who_alters_an_entry_and_all_that_is_kept_of_it_is_found_by_the_log(books: Caller, committed: None) -> None:
    """Lines, totals and balances agree with each other, so `check_books` finds nothing."""
    entry = books.get("/v1/journal-entries?date=2024-02-01").body["data"][0]
    with superuser() as database:
        _multiply(database, books, entry["id"], D(2))
    try:
        out = io.StringIO()
        call_command("check_books", "--tenant", str(books.tenant.id), stdout=out)
        found = faults(books, "--all")
    finally:
        with superuser() as database:
            _multiply(database, books, entry["id"], D("0.5"))

    assert "the books are sound" in out.getvalue()
    assert [(fault["check"], fault["object_id"]) for fault in found] == [("as_recorded", entry["id"])]
    assert "total_debit is 10.00, journal_entry.posted says 5.00" in found[0]["message"]
    assert faults(books) == []


def _multiply(database: Any, books: Caller, entry_id: str, by: Decimal) -> None:
    """The entry, which is all that there is of 1 February."""
    tenant = {"tenant": books.tenant.id, "by": by}
    amounts = {
        "ledger_journalline": ("debit", "credit", "base_debit", "base_credit"),
        "ledger_accountbalance": ("debit", "credit", "base_debit", "base_credit"),
        "ledger_journalentry": ("total_debit", "total_credit", "base_total_debit", "base_total_credit"),
    }
    for table, columns in amounts.items():
        day = "day" if table == "ledger_accountbalance" else "date"
        changes = ", ".join(f"{column} = {column} * %(by)s" for column in columns)
        database.execute(f"UPDATE {table} SET {changes} WHERE tenant_id = %(tenant)s AND {day} = '2024-02-01'", tenant)
    database.commit()


@pytest.mark.parametrize(
    ("table", "what"),
    [
        ("ledger_account", "acc"),
        ("customers_customer", "cust"),
        ("ledger_journalentry", "je"),
        ("invoicing_product", "prod"),
    ],
)
def test_a_row_that_is_gone_is_named(books: Caller, committed: None, table: str, what: str) -> None:
    tenant = books.tenant.id
    with superuser() as database:
        database.execute(f"CREATE TEMPORARY TABLE kept AS SELECT * FROM {table} WHERE tenant_id = %s LIMIT 1", [tenant])
        columns = ", ".join(name for name, _ in database.execute(COLUMNS, [table]).fetchall())
        database.execute(f"DELETE FROM {table} WHERE tenant_id = %s AND id = (SELECT id FROM kept)", [tenant])
        database.commit()
        try:
            found = faults(books, "--all")
        finally:
            database.execute(f"INSERT INTO {table} (tenant_id, {columns}) SELECT tenant_id, {columns} FROM kept")
            database.commit()

    assert what in [fault["object_id"].partition("_")[0] for fault in found if "is gone" in fault["message"]]
    assert faults(books, "--all") == []
