"""`check_books` knows every kept amount of every table: an error in any of them is found, by the check that says so."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from decimal import Decimal
from importlib import import_module

import pytest
from django.apps import apps
from django.db import connections, models

from bigledger.apps import business_apps
from bigledger.tenants.models import TenantModel
from invoicing.reports import soundness
from tests.conftest import Caller, make_tenant
from tests.ledger.test_check_books import _as_superuser
from tests.rates import keep_rate
from tests.sales import LINE, Shop

D = Decimal
PROOFS = [import_module(app.soundness) for app in business_apps() if app.soundness]
# The platform's own: what limits and counters keep is no money.
KEPT: Mapping[str, Mapping[str, str]] = {table: kept for proof in PROOFS for table, kept in proof.KEPT.items()}
FACTS: Mapping[str, frozenset[str]] = {table: names for proof in PROOFS for table, names in proof.FACTS.items()}
COLUMNS = [(table, column, check) for table, kept in soundness.KEPT.items() for column, check in kept.items()]


def test_every_amount_is_a_fact_or_has_its_check() -> None:
    """A table that comes to keep amounts has to say which check compares them."""
    amounts = {
        (model._meta.db_table, field.column)
        for model in apps.get_models()
        if issubclass(model, TenantModel)
        for field in model._meta.local_fields
        if isinstance(field, models.DecimalField)
    }
    kept = {(table, column) for table, columns in KEPT.items() for column in columns}
    facts = {(table, column) for table, columns in FACTS.items() for column in columns}

    assert kept & facts == set()
    assert amounts - kept - facts == set()
    assert {table for table, _ in (kept | facts) - amounts} <= {
        "ledger_accountbalance", "ledger_accountday", "ledger_accountmonth",
    }, "tables without a model"  # fmt: skip
    checks = {check for proof in PROOFS for check in proof.CHECKS}
    assert {check for columns in KEPT.values() for check in columns.values()} <= checks


@pytest.fixture(scope="module")
def sold(django_db_setup: None, django_db_blocker: object) -> Iterator[Caller]:
    """A committed tenant in which each kept amount is somewhere more than zero."""
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        shop = Shop(make_tenant(f"Sold-{uuid.uuid4()}"))
        shop.customer(number="123456", currency="USD")
        paid, credited, lost = (
            shop.send(shop.post("/v1/invoices", customer_id="cust_123456", lines=[LINE])) for _ in range(3)
        )
        payment = shop.pay("1000.00", invoice_id=paid["id"])
        shop.post(f"/v1/payments/{payment['id']}/refund", amount=D("10.00"))
        line = {"description": "Back", "quantity": 1, "unit_price": D("100.00"), "tax_rate": D("0.08")}
        note = shop.post("/v1/credit-notes", invoice_id=credited["id"], lines=[line | {"discount_percentage": 5}])
        shop.post(f"/v1/credit-notes/{note['id']}/unapply", invoice_id=credited["id"])
        shop.post(f"/v1/credit-notes/{note['id']}/refund", amount=D("2.00"))
        shop.post(f"/v1/credit-notes/{note['id']}/apply", invoice_id=credited["id"])
        row = shop.post(f"/v1/invoices/{lost['id']}/write-off", kind="bad_debt", reason="x", amount=D("500.00"))
        shop.pay("1458.00", invoice_id=lost["id"])
        assert row["amount_written_off"] == D("500.00")
        keep_rate(shop.caller, "EUR", "1.1")
        shop.sent("20.00", currency="EUR")
        connections.close_all()
        yield shop.caller
        connections.close_all()


def found(caller: Caller) -> set[str]:
    faults = {fault.check for proof in PROOFS for fault in proof.find_faults(caller.tenant.id)}
    connections.close_all()
    return faults


def test_sound_sales_are_sound(sold: Caller, committed: None) -> None:
    assert found(sold) == set()


# What else has to be wrong with it, for the table's own constraints to let it pass; with the sign of its error.
ALONG: dict[str, dict[str, int]] = {
    "subtotal": {"total": 1, "amount_due": 1},
    "discount_total": {"total": -1, "amount_due": -1},
    "tax_total": {"total": 1, "amount_due": 1},
    "total": {"subtotal": 1, "amount_due": 1},
    "amount_paid": {"amount_due": -1},
    "amount_credited": {"amount_due": -1},
    "amount_written_off": {"amount_due": -1},
    "amount_due": {"amount_paid": -1},
    "base_total": {},
}


def planted(table: str, column: str, sign: int) -> str:
    """The column is a cent off wherever there is room for it; back again with the other sign."""
    if table == "invoicing_invoice":
        wrong = {column: 1, **ALONG.get(column, {})}
        changes = ", ".join(f"{name} = {name} + {each * sign} * 0.01" for name, each in wrong.items())
        return f"UPDATE {table} SET {changes} WHERE amount_due > 1 AND amount_paid > 1"
    if column.startswith("amount_"):
        return f"UPDATE {table} SET {column} = {column} - {sign} * 0.01 WHERE {column} > 1"
    return f"UPDATE {table} SET {column} = {column} + {sign} * 0.01"


@pytest.mark.parametrize(("table", "column", "check"), COLUMNS)
def test_an_error_in_a_kept_amount_is_found(sold: Caller, committed: None, table: str, column: str, check: str) -> None:
    _as_superuser(sold, planted(table, column, 1))
    try:
        assert check in found(sold)
    finally:
        _as_superuser(sold, planted(table, column, -1))


# A digit or letter more in what a line keeps of its taxes, and back.
_CHANGED = "UPDATE invoicing_{table} SET taxes = jsonb_set(taxes, '{{0,{name}}}', to_jsonb({value}))"
TAXES_OF_LINES = [
    (
        _CHANGED.format(table=table, name=name, value=f"taxes->0->>'{name}' || '1'"),
        _CHANGED.format(table=table, name=name, value=f"left(taxes->0->>'{name}', -1)"),
        check,
    )
    for table, check in (("invoiceline", "invoice_line_taxes"), ("creditnoteline", "credit_note_line_taxes"))
    for name in ("name", "rate", "taxable_amount", "amount")
]


@pytest.mark.parametrize(
    ("statement", "back", "check"),
    [
        (
            "UPDATE invoicing_invoice SET invoice_date = invoice_date - 1",
            "UPDATE invoicing_invoice SET invoice_date = invoice_date + 1",
            "control_accounts",
        ),
        (
            "UPDATE invoicing_paymentapplication SET applied_on = applied_on + 1 WHERE released_on IS NULL",
            "UPDATE invoicing_paymentapplication SET applied_on = applied_on - 1 WHERE released_on IS NULL",
            "control_accounts",
        ),
        *TAXES_OF_LINES,
        (
            "UPDATE ledger_journalentry SET description = source, source = NULL WHERE source LIKE 'pay_%'",
            "UPDATE ledger_journalentry SET source = description, description = '' WHERE description LIKE 'pay_%'",
            "control_takes_documents_only",
        ),
    ],
)
def test_books_that_left_their_documents_are_found(
    sold: Caller, committed: None, statement: str, back: str, check: str
) -> None:
    _as_superuser(sold, statement)
    try:
        assert check in found(sold)
    finally:
        _as_superuser(sold, back)
    assert found(sold) == set()
