"""Import and export of CSV files: what goes out comes in again, and every fault has its line and column."""

from __future__ import annotations

import csv
import io
import re
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from bigledger import tables
from tests.api.conftest import open_chart, rent
from tests.breaking import contents
from tests.conftest import Caller
from tests.sales import LINE, Shop
from tests.world import OPERATIONS

IMPORTS = [operation.route for operation in OPERATIONS if operation.action == "import_rows"]
EXPORTS = [operation.route for operation in OPERATIONS if operation.action == "export"]
ACCOUNTS = "/v1/accounts/import"
HEAD = "code,name,type,subtype\n"


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def exported(caller: Caller, resource: str, query: str = "") -> str:
    answer = caller.get(f"/v1/{resource}/export{query}")
    assert answer.status == 200, answer.text
    return answer.text


def imported(caller: Caller, resource: str, text: str | bytes) -> dict[str, int]:
    answer = caller.send_csv(f"/v1/{resource}/import", text)
    assert answer.status == 201, answer.text
    created: dict[str, int] = answer.body["created"]
    return created


def without_ids(text: str) -> str:
    """What has no number is called by its id, which another tenant's has not."""
    return re.sub(r"inv_[0-9a-z]{26}", "inv_…", text)


def nasty_books(caller: Caller) -> None:
    """Objects of all six resources that have something in every field, and texts that a CSV could take otherwise."""
    open_chart(caller)
    shop = Shop(caller)
    text = '=1+1, "quoted"; semicolon'
    shop.post(
        "/v1/accounts", code="1001", name="'=A1", type="asset", subtype="current_asset", description="two\nlines",
        parent_id="acc_1000", is_active=False, is_reconcilable=True,
    )  # fmt: skip
    shop.post("/v1/accounts", code="5", name="Euro", type="asset", subtype="current_asset", currency="EUR")
    shop.done(caller.post("/v1/journal-entries", rent(description=text, reference="GJ-1")))
    shop.done(caller.post("/v1/journal-entries", rent("0.01")))
    shop.done(caller.post("/v1/journal-entries", rent(status="draft", reference="later")))
    address = {"line1": "1, Main Street", "line2": "-", "city": "é", "postal_code": "012", "country": "US"}
    shop.customer(
        number="0042", name="+ Co", phone="+1-555-0100", website="https://example.com", tax_id="-7",
        payment_terms="net_14", credit_limit=Decimal("0.00"), billing_address=address,
        shipping_addresses=[address, {"line1": "2", "country": "DE"}], status="inactive",
        contacts=[{"name": "Ann", "is_primary": True}, {"name": "@Bob", "phone": "+1"}, {"name": "Cy"}],
        custom_fields={"=a": "b,c", "n": 5, "yes": True},
    )  # fmt: skip
    shop.customer(name="Second", currency="EUR")
    shop.post("/v1/tax-rates", code="vat", name="VAT", rate=Decimal("0.2"))
    shop.post(
        "/v1/products", sku="789", name="Work", description=text, unit_price=Decimal("150.00"), tax_rate_id="tax_vat",
        revenue_account_id="acc_4000",
    )  # fmt: skip
    shop.post("/v1/products", sku="-1", name="Euro", unit_price=1, currency="EUR", is_active=False)
    for day, type_ in (("2024-01-12", "spot"), ("2024-01-31", "closing")):
        rate = {"currency": "GBP", "quote_currency": "EUR", "rate": Decimal("1.16279070"), "type": type_}
        shop.post("/v1/exchange-rates", **rate, date=day, source="=1")
    lines = [
        {"product_id": "prod_789", "quantity": Decimal("0.000001")},
        {**LINE, "description": "two\nlines", "revenue_account_id": "acc_4000"},
        {"description": "-", "quantity": 1, "unit_price": 2, "tax_rate_id": "tax_vat"},
    ]
    shop.post("/v1/invoices", customer_id="cust_0042", lines=lines, notes="a\n\nb", due_date="2199-01-01")
    shop.post("/v1/invoices", customer_id="cust_0042", lines=lines[:1], payment_terms="due_on_receipt")


# One of the rates is for the customer in euros.
COUNTS = {"accounts": 5, "journal-entries": 3, "customers": 2, "products": 2, "invoices": 2, "exchange-rates": 3}


def test_all_six_have_both() -> None:
    assert {route.partition("/")[0] for route in IMPORTS} == set(COUNTS)
    assert {route.partition("/")[0] for route in EXPORTS} == set(COUNTS)


def test_an_export_can_be_imported_by_another_tenant(acme: Caller, globex: Caller) -> None:
    """And what that one exports then is the same, letter for letter."""
    nasty_books(acme)
    Shop(globex).post("/v1/tax-rates", code="vat", name="VAT", rate=Decimal("0.2"))

    for resource, count in COUNTS.items():
        text = exported(acme, resource)
        created = imported(globex, resource, text)
        assert created[resource.replace("-", "_")] == count
        assert without_ids(exported(globex, resource)) == without_ids(text)

    balances = "/v1/accounts?fields=code,name,balance,description,is_active"
    assert globex.get(balances).body == acme.get(balances).body


@pytest.mark.parametrize("resource", COUNTS)
def test_no_cell_of_an_export_begins_a_formula(acme: Caller, resource: str) -> None:
    nasty_books(acme)

    cells = [cell for row in csv.reader(io.StringIO(exported(acme, resource))) for cell in row]

    assert [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))] == []


@pytest.mark.parametrize("text", ["=1", "'=1", "''=1", "'", "'a", "-", "+1", "@x", "plain", ""])
def test_the_guard_against_formulas_can_be_taken_off(text: str) -> None:
    assert tables.unguarded(tables.guarded(text)) == text


def test_the_export_takes_the_filters_of_the_list(acme: Caller) -> None:
    nasty_books(acme)

    assert [row["code"] for row in rows(exported(acme, "accounts", "?currency=EUR"))] == ["5"]
    assert [row["number"] for row in rows(exported(acme, "customers", "?search=co"))][:1] == ["0042"]
    for query, fields in (("?page=2", ["page"]), ("?sort=code", ["sort"]), ("?nam=x", ["nam"]), ("?type=x", ["type"])):
        refused = acme.get(f"/v1/accounts/export{query}")
        assert (refused.status, refused.fields) == (400, fields)


def test_many_rows_are_exported_in_the_order_of_their_making(acme: Caller) -> None:
    text = HEAD + "".join(f"{n},Account {n},asset,other_asset\n" for n in range(450, 0, -1))

    assert imported(acme, "accounts", text) == {"accounts": 450, "journal_entries": 0}

    assert [row["code"] for row in rows(exported(acme, "accounts"))] == [str(n) for n in range(450, 0, -1)]


def test_a_file_may_come_as_a_form(acme: Caller) -> None:
    file = SimpleUploadedFile("accounts.csv", f"{HEAD}1,Cash,asset,other_asset\n".encode())

    answer = acme.upload(ACCOUNTS, {"file": file})

    assert (answer.status, answer.body) == (201, {"created": {"accounts": 1, "journal_entries": 0}})
    assert acme.get("/v1/accounts/acc_1").body["name"] == "Cash"


def test_a_dry_run_says_what_would_be_made_and_keeps_nothing(acme: Caller) -> None:
    open_chart(acme)
    text = f"{HEAD.strip()},opening_balance\n1,Bank,asset,other_asset,100.00\n2,Loan,liability,other_liability,0\n"
    before = contents(acme)

    dry = acme.send_csv(f"{ACCOUNTS}?validate_only=true", text)

    assert dry.status == 200
    assert dry.body["created"] == {"accounts": 2, "journal_entries": 1}
    assert [line["debit"] for line in dry.body["journal_lines"]] == [Decimal("100.00"), Decimal("0.00")]
    assert contents(acme) == before
    assert imported(acme, "accounts", text) == {"accounts": 2, "journal_entries": 1}


def test_the_same_request_twice_imports_once(acme: Caller) -> None:
    text = f"{HEAD}1,Cash,asset,other_asset\n"

    first = acme.send_csv(ACCOUNTS, text, idempotency_key="k")
    again = acme.send_csv(ACCOUNTS, text, idempotency_key="k")

    assert (first.status, again.status, again.text) == (201, 201, first.text)
    assert acme.send_csv(ACCOUNTS, f"{text}2,Bank,asset,other_asset\n", idempotency_key="k").status == 409


@pytest.mark.parametrize("resource", ["accounts", "journal-entries", "customers", "products", "exchange-rates"])
def test_the_same_file_twice_is_refused_line_by_line(acme: Caller, resource: str) -> None:
    nasty_books(acme)
    text = exported(acme, resource)
    before = contents(acme)

    refused = acme.send_csv(f"/v1/{resource}/import", text)

    assert refused.status == 409
    key = {"accounts": "code", "products": "sku", "exchange-rates": "date"}.get(resource, "number")
    assert refused.fields[0] == f"line 2, column {key}"
    assert {detail["code"] for detail in refused.error["details"]} == {"taken"}
    assert contents(acme) == before


def test_parents_may_stand_below_their_children(acme: Caller) -> None:
    text = (
        f"{HEAD.strip()},parent_id\n3,C,asset,other_asset,acc_2\n2,B,asset,other_asset,acc_1\n1,A,asset,other_asset,\n"
    )

    imported(acme, "accounts", text)

    assert acme.get("/v1/accounts/acc_3").body["parent_id"] == acme.get("/v1/accounts/acc_2").body["id"]


def test_lines_of_one_entry_stand_one_below_another(acme: Caller) -> None:
    open_chart(acme)
    text = (
        "number,date,description,lines.account_id,lines.debit,lines.credit\n"
        "A,2024-01-15,Rent,acc_6100,5000.00,\n"
        "A,,,acc_1000,,5000.00\n"
        "\n"
        "B,2024-01-16,Sale,acc_1000,70,\n"
        "B,2024-01-16,Sale,acc_4000,,70\n"
        ",,,,,\n"
    )

    assert imported(acme, "journal-entries", text) == {"journal_entries": 2}

    rent_, sale = (acme.get(f"/v1/journal-entries/je_{number}").body for number in ("A", "B"))
    assert (rent_["number"], rent_["total_debit"], rent_["status"]) == ("A", Decimal("5000.00"), "posted")
    assert [(line["account"]["code"], line["debit"], line["credit"]) for line in sale["lines"]] == [
        ("1000", Decimal("70.00"), Decimal("0.00")),
        ("4000", Decimal("0.00"), Decimal("70.00")),
    ]


def test_a_viewer_may_export_and_not_import(acme: Caller, acme_viewer: Caller, globex: Caller) -> None:
    nasty_books(globex)
    for resource in COUNTS:
        assert acme_viewer.send_csv(f"/v1/{resource}/import", HEAD).status == 403
        assert rows(exported(acme_viewer, resource)) == []
