"""Files that are no good: refused with line and column of every fault, and nothing is kept."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from bigledger.api.sheets import imports, reading
from tests.api.conftest import open_chart
from tests.api.test_sheets import ACCOUNTS, HEAD, imported
from tests.breaking import contents
from tests.conftest import Answer, Caller
from tests.world import OPERATIONS

FILES: dict[str, tuple[str, str | bytes, list[str | None], str]] = {
    "nothing": (ACCOUNTS, b"", ["line 1"], "blank"),
    "white space": (ACCOUNTS, "  \n\n", ["line 1"], "blank"),
    "no UTF-8": (ACCOUNTS, HEAD.encode() + b"1,Caf\xe9,asset,other_asset\n", ["line 2"], "invalid_characters"),
    "UTF-16": (ACCOUNTS, HEAD.encode("utf-16"), ["line 1"], "invalid_characters"),
    "semicolons": (ACCOUNTS, "code;name;type;subtype\n1;Cash;asset;other_asset\n", ["line 1"], "invalid"),
    "tabs": (ACCOUNTS, "code\tname\ttype\tsubtype\n", ["line 1"], "invalid"),
    "an open quote": (ACCOUNTS, f'{HEAD}1,"Cash,asset,other_asset\n', ["line 2"], "invalid"),
    "a quote inside": (ACCOUNTS, f'{HEAD}1,"Ca"sh",asset,other_asset\n', ["line 2"], "invalid"),
    "an unknown column": (ACCOUNTS, "code,nam,type,subtype\n", ["line 1, column nam", "line 1, column name"], ""),
    "a column of the answer": (ACCOUNTS, f"{HEAD.strip()},balance\n", ["line 1, column balance"], "unknown_field"),
    "a column twice": (ACCOUNTS, f"{HEAD.strip()},code\n", ["line 1, column code"], "repeated"),
    "a column without a name": (ACCOUNTS, f"{HEAD.strip()},\n", ["line 1"], "blank"),
    "too many cells": (ACCOUNTS, f"{HEAD}1,Cash,asset,other_asset,x\n", ["line 2"], "too_many"),
    "too few cells": (ACCOUNTS, f"{HEAD}\n1,Cash\n", ["line 3"], "too_few"),
    "a cell that is missing": (ACCOUNTS, f"{HEAD}1,,asset,other_asset\n", ["line 2, column name"], "required"),
    "a rule of the service": (ACCOUNTS, f"{HEAD}1,Cash,asset,equity\n", ["line 2, column subtype"], "not_a_choice"),
    "behind a cell of three lines": (
        ACCOUNTS,
        f'{HEAD}1,"Ca\n\nsh",asset,other_asset\n2,Bank,asse,other_asset\n',
        ["line 2, column name", "line 5, column type"],
        "",
    ),
    "an unknown account": (
        "/v1/journal-entries/import",
        "number,date,lines.account_id,lines.debit,lines.credit\nA,2024-01-15,acc_1000,5,\nA,,acc_none,,5\n",
        ["line 3, column lines.account_id"],
        "not_found",
    ),
    "an entry out of balance": (
        "/v1/journal-entries/import",
        "number,date,lines.account_id,lines.debit,lines.credit\nA,2024-01-15,acc_1000,5,\nA,,acc_6100,,4\n",
        ["line 2, column lines"],
        "unbalanced",
    ),
    "another day on a further line": (
        "/v1/journal-entries/import",
        "number,date,lines.account_id,lines.debit,lines.credit\nA,2024-01-15,acc_1000,5,\nA,2024-01-16,acc_6100,,5\n",
        ["line 3, column date"],
        "incompatible",
    ),
    "lines that do not stand together": (
        "/v1/customers/import",
        "number,name,contacts.name\n1,A,x\n2,B,y\n1,A,z\n",
        ["line 4, column number"],
        "repeated",
    ),
    "an address without a country": (
        "/v1/customers/import",
        "number,name,billing_address.line1\n1,A,1 Main Street\n",
        ["line 2, column billing_address.country"],
        "required",
    ),
    "an amount as a spreadsheet shows it": (
        "/v1/products/import",
        'sku,name,unit_price\n1,A,"1,000.00"\n2,B,1e5\n3,C,$5\n4,D,NaN\n5,E,5.001\n',
        [f"line {n}, column unit_price" for n in (2, 3, 4, 5)],
        "not_a_number",
    ),
    "a customer that is not there": (
        "/v1/invoices/import",
        "number,customer_id,lines.description,lines.quantity,lines.unit_price\nA,cust_none,x,1,1\n",
        ["line 2, column customer_id"],
        "not_found",
    ),
    "a second line at fault": (
        "/v1/invoices/import",
        "number,customer_id,lines.description,lines.quantity,lines.unit_price\nA,cust_1,x,1,1\nA,,y,0,1\n",
        ["line 3, column lines.quantity"],
        "out_of_range",
    ),
}


@pytest.mark.parametrize("name", FILES)
def test_a_bad_file_is_refused_with_its_lines_and_columns(acme: Caller, name: str) -> None:
    path, content, fields, code = FILES[name]
    open_chart(acme)
    before = contents(acme)

    refused = acme.send_csv(path, content)

    assert (refused.status, refused.fields) == (404 if code == "not_found" else 400, fields), refused.text
    assert not code or {detail["code"] for detail in refused.error["details"]} == {code}
    assert contents(acme) == before


def test_semicolons_are_refused_in_words(acme: Caller) -> None:
    refused = acme.send_csv(ACCOUNTS, "code;name\n")

    assert refused.error["details"][0]["message"] == (
        "The columns are separated by commas, not by semicolons, tabs or bars."
    )


def test_a_byte_order_mark_and_windows_line_ends_are_no_fault(acme: Caller) -> None:
    text = f"\ufeff{HEAD}1,Cash,asset,other_asset\n".replace("\n", "\r\n")

    assert imported(acme, "accounts", text) == {"accounts": 1, "journal_entries": 0}


@pytest.mark.parametrize("media", ["application/json", "text/plain", "application/vnd.ms-excel"])
def test_another_type_of_content_is_refused(acme: Caller, media: str) -> None:
    response = acme.client.generic(
        "POST", ACCOUNTS, HEAD.encode(), content_type=media, HTTP_AUTHORIZATION=f"Bearer {acme.api_key}"
    )

    assert Answer(response).status == 415


def test_a_form_without_a_file_is_refused(acme: Caller) -> None:
    assert acme.upload(ACCOUNTS, {}).fields == ["file"]
    assert acme.upload(ACCOUNTS, {"file": SimpleUploadedFile("a.csv", b"")}).fields == ["line 1"]


def test_a_file_has_a_largest_size(acme: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    before = contents(acme)
    many = HEAD + "".join(f"{n},A,asset,other_asset\n" for n in range(2001))
    assert acme.send_csv(ACCOUNTS, many).status == 413
    monkeypatch.setattr(reading, "MAX_LINES", 3)
    assert acme.send_csv(ACCOUNTS, many).error["message"] == "A file has at most 3 lines; split it."
    monkeypatch.undo()
    monkeypatch.setattr(imports, "LONGEST_SECONDS", -1)
    slow = acme.send_csv("/v1/products/import", "sku,name,unit_price\n1,A,1\n")
    assert (slow.status, slow.error["code"]) == (413, "PAYLOAD_TOO_LARGE")
    assert contents(acme) == before


def test_all_faults_are_named_up_to_a_hundred(acme: Caller) -> None:
    refused = acme.send_csv(ACCOUNTS, HEAD + "".join(f"{n},A,asse,\n" for n in range(200)))

    assert refused.fields[:3] == ["line 2, column subtype", "line 2, column type", "line 3, column subtype"] or (
        refused.fields[:3] == ["line 2, column type", "line 2, column subtype", "line 3, column type"]
    )
    assert (len(refused.fields), refused.error["details_omitted"]) == (100, 300)


# What no field of its kind takes. Every field refuses the first two.
GARBAGE = {
    "text": ["\x07", "a\u202eb"],
    "plain": ["\x07", "a\u202eb", "31.12.2024", "2024-02-30"],
    "number": ["\x07", "a\u202eb", "1e3", "NaN", "Infinity", "1,000.00", "$5", "--1", "9" * 30, "0.00000000000001"],
    "flag": ["\x07", "a\u202eb", "yes", "1", "wahr"],
    "list": ["\x07", "a\u202eb", "x", "doc_a,,doc_b"],
    "json": ["\x07", "a\u202eb", "{", "[]", "5", '{"a": 1, "a": 2}', '{"a": [1]}'],
}
WHOLE = {
    "accounts": {"code": "1", "name": "A", "type": "asset", "subtype": "other_asset"},
    "journal-entries": {"number": "A", "date": "2024-01-15", "lines.account_id": "acc_1000", "lines.debit": "1"},
    "customers": {
        "number": "1", "name": "A", "billing_address.line1": "x", "billing_address.country": "US",
        "shipping_addresses.line1": "x", "shipping_addresses.country": "US", "contacts.name": "x",
    },
    "products": {"sku": "1", "name": "A", "unit_price": "1"},
    "invoices": {"number": "A", "customer_id": "cust_1", "lines.quantity": "1", "lines.description": "x"},
    "exchange-rates": {"currency": "EUR", "date": "2024-01-15", "rate": "1.0945"},
}  # fmt: skip


@pytest.mark.parametrize("operation", [o for o in OPERATIONS if o.action == "import_rows"], ids=str)
def test_garbage_in_any_column_is_refused_with_its_line_and_column(acme: Caller, operation: Any) -> None:
    """On the second line of the file, and, in a column of a list, on the third as well."""
    sheet = operation.view.import_rows.sheet
    resource = operation.route.partition("/")[0]
    open_chart(acme)
    before = contents(acme)
    tried = 0
    for column in sheet.columns:
        for garbage in GARBAGE[column.kind]:
            for line in (2, 3) if column.part else (2,):
                whole = WHOLE[resource]
                further = {name: cell for name, cell in whole.items() if "." in name or name == sheet.key}
                cells = [dict(whole), further if sheet.key else {}]
                cells[line - 2][column.name] = garbage
                refused = acme.send_csv(f"/v1/{resource}/import", written(sheet.header, cells))
                assert refused.status == 400, (column.name, garbage, refused.text)
                assert f"line {line}, column {column.name}" in refused.fields, (column.name, garbage, refused.text)
                tried += 1
    assert tried > 2 * len(sheet.columns)
    assert contents(acme) == before


def written(header: list[str], cells: list[dict[str, str]]) -> str:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, header, restval="")
    writer.writeheader()
    writer.writerows(cells)
    return text.getvalue()


def test_an_entry_in_a_closed_month_is_refused_with_its_line(acme: Caller) -> None:
    open_chart(acme)
    head = "number,date,lines.account_id,lines.debit,lines.credit\n"
    assert (
        acme.send_csv("/v1/journal-entries/import", f"{head}A,2024-01-15,acc_1000,5,\nA,,acc_6100,,5\n").status == 201
    )
    assert acme.post("/v1/periods/per_2024-01/close").status == 200
    before = contents(acme)

    open_, closed = "B,2024-02-01,acc_1000,5,\nB,,acc_6100,,5\n", "C,2024-01-31,acc_1000,5,\nC,,acc_6100,,5\n"
    refused = acme.send_csv("/v1/journal-entries/import", head + open_ + closed)

    assert (refused.status, refused.fields) == (422, ["line 4, column date"])
    assert refused.error["details"][0]["rule"] == "period_closed"
    assert contents(acme) == before
