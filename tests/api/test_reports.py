"""Reports as a kind: the list, a type of its own for each, and the same figures in every format."""

from __future__ import annotations

import csv
import io
import zipfile
from decimal import Decimal
from inspect import signature
from typing import Any

import pytest

from bigledger.docs.contracts import document
from bigledger.report_files import TABLES
from bigledger.reports import REPORTS
from tests.api.conftest import open_chart, rent
from tests.api.test_paging import several_of_everything
from tests.conftest import Caller


@pytest.fixture
def books(acme: Caller) -> Caller:
    several_of_everything(acme)
    return acme


def address(name: str, caller: Caller) -> str:
    """Of the report with the parameters that it cannot do without."""
    if name != "customer_statement":
        return f"/v1/reports/{name}?"
    customer = caller.get("/v1/customers?sort=balance:desc&limit=1").body["data"][0]["id"]
    return f"/v1/reports/{name}?customer_id={customer}&"


def test_the_list_names_every_report_and_its_parameters(acme: Caller) -> None:
    found = {report["type"]: report for report in acme.get("/v1/reports").body["data"]}

    assert set(found) == set(REPORTS)
    assert found["balance_sheet"]["url"] == "/v1/reports/balance_sheet"
    assert found["balance_sheet"]["params"] == ["known_at", "compare", "as_of", "format"]
    assert all(report["description"] for report in found.values())


def test_the_document_gives_each_report_its_own_type() -> None:
    paths = document()["paths"]
    schemas = [
        paths[f"/v1/reports/{name}"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]["$ref"]
        for name in REPORTS
    ]

    assert len(set(schemas)) == len(REPORTS)


@pytest.mark.parametrize("name", REPORTS)
def test_a_report_takes_every_parameter_that_is_read_for_it(name: str) -> None:
    shape, build = REPORTS[name]

    assert {str(field.source) for field in shape().fields.values()} <= set(signature(build).parameters)


# Of one line for each row; the others have tables of their own.
PLAIN = [name for name in REPORTS if name not in TABLES]


@pytest.mark.parametrize("name", PLAIN)
def test_csv_has_the_rows_of_the_report(books: Caller, name: str) -> None:
    path = address(name, books)
    rows = books.get(path).body["rows"]

    answer = books.get(f"{path}format=csv")

    assert answer.status == 200
    assert answer.response["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.response["Content-Disposition"].startswith(f'attachment; filename="{name}')
    table = list(csv.DictReader(io.StringIO(answer.text)))
    assert len(table) == len(rows)
    for line, row in zip(table, rows, strict=True):
        for field, value in row.items():
            if isinstance(value, Decimal):
                assert Decimal(line[field]) == value


@pytest.mark.parametrize("name", REPORTS)
def test_a_workbook_has_rows_and_totals(books: Caller, name: str) -> None:
    path = address(name, books)
    report = books.get(path).body

    answer = books.get(f"{path}format=xlsx")

    assert answer.status == 200
    with zipfile.ZipFile(io.BytesIO(answer.raw)) as book:
        rows = book.read("xl/worksheets/sheet1.xml").count(b"<row ")
        totals = book.read("xl/worksheets/sheet2.xml").decode()
    assert rows == 1 + len(report["rows"]) or name in TABLES
    assert totals
    assert books.get(f"{path}format=xlsx").raw == answer.raw


def test_a_report_without_rows_has_its_columns(acme: Caller) -> None:
    table = acme.get("/v1/reports/balance_sheet?as_of=1999-12-31&format=csv").text

    assert table == "section,subtype,account_id,account_code,account_name,label,amount,lines_url\r\n"


def test_a_comparison_has_two_columns_more(books: Caller) -> None:
    table = books.get("/v1/reports/balance_sheet?compare=previous_year&format=csv").text

    columns = "section,subtype,account_id,account_code,account_name,label,amount,lines_url,previous,change"
    assert table.startswith(f"{columns}\r\n")


@pytest.mark.parametrize("begin", ["=", "+", "-", "@"])
def test_no_cell_begins_a_formula(acme: Caller, begin: str) -> None:
    open_chart(acme)
    name = f"{begin}HYPERLINK(1)"
    assert acme.patch("/v1/accounts/acc_6100", {"name": name}).status == 200
    assert acme.post("/v1/journal-entries", rent()).status == 201

    table = acme.get("/v1/reports/trial_balance?as_of=2024-12-31&format=csv").text
    workbook = acme.get("/v1/reports/trial_balance?as_of=2024-12-31&format=xlsx").raw

    assert f",'{name}," in table
    with zipfile.ZipFile(io.BytesIO(workbook)) as book:
        assert b"<f>" not in book.read("xl/worksheets/sheet1.xml")


@pytest.mark.parametrize("wanted", ["PDF", "CSV", "", "html"])
def test_a_format_that_does_not_exist(acme: Caller, wanted: Any) -> None:
    refused = acme.get(f"/v1/reports/trial_balance?format={wanted}")

    assert (refused.status, refused.fields) == (400, ["format"])
