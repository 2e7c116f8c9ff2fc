"""Reports on paper: each of them, the same bytes for the same books, and never for too long."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest

from bigledger import report_files
from bigledger.reports import REPORTS
from bigledger.typesetting.render import PdfFailed
from bigledger.typesetting.sheet import Line, Sheet, sheet_data
from ledger.reports import paper
from tests.api.conftest import open_chart, rent
from tests.api.test_paging import several_of_everything
from tests.api.test_reports import address
from tests.conftest import Caller


@pytest.fixture
def books(acme: Caller) -> Caller:
    several_of_everything(acme)
    return acme


def pages(pdf: bytes) -> int:
    return len(re.findall(rb"/Type\s*/Page\b", pdf))


@pytest.mark.parametrize("name", REPORTS)
def test_every_report_is_a_document(books: Caller, name: str) -> None:
    answer = books.get(f"{address(name, books)}format=pdf")

    assert (answer.status, answer.response["Content-Type"]) == (200, "application/pdf")
    assert answer.response["Content-Disposition"].startswith(f'attachment; filename="{name}')
    assert answer.raw.startswith(b"%PDF-")
    assert books.get(f"{address(name, books)}format=pdf").raw == answer.raw


@pytest.mark.parametrize("name", ["trial_balance", "balance_sheet", "income_statement", "cash_flow"])
def test_a_comparison_is_on_paper_too(books: Caller, name: str) -> None:
    assert books.get(f"{address(name, books)}compare=previous_year&format=pdf").raw.startswith(b"%PDF-")


def test_a_report_of_nothing_is_a_page(acme: Caller) -> None:
    for name in ("trial_balance", "balance_sheet", "income_statement", "cash_flow", "general_ledger", "sales_tax"):
        assert pages(acme.get(f"/v1/reports/{name}?format=pdf").raw) == 1


def test_what_people_type_is_no_markup(acme: Caller) -> None:
    open_chart(acme)
    for code, name in (("6100", '#panic() $x$ *b* "q" \\ @a <b>'), ("1000", "صندوق 東京 קופה")):
        assert acme.patch(f"/v1/accounts/acc_{code}", {"name": name}).status == 200
    assert acme.post("/v1/journal-entries", rent(description="#import " * 100 + "W" * 150)).status == 201

    for name in ("trial_balance?as_of=2024-12-31", "general_ledger?from=2024-01-01&to=2024-12-31"):
        assert acme.get(f"/v1/reports/{name}&format=pdf").status == 200


def test_a_ledger_for_a_book_is_no_document(books: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paper, "MOST_ROWS", 2)

    refused = books.get("/v1/reports/general_ledger?from=2020-01-01&format=pdf")

    assert (refused.status, refused.fields) == (400, ["format"])


def test_a_long_report_has_many_pages() -> None:
    lines = [Line("section", ["Assets"]), *(Line("row", [str(n), "Account", Decimal(n)]) for n in range(500))]
    sheet = Sheet("Balance sheet", "As of 1 May 2024", "USD", ["Code", "Account", "Amount"], lines)

    pdf = report_files.render(report_files.TEMPLATE, sheet_data(sheet, "Acme", 7))

    assert pages(pdf) > 5


def test_who_comes_when_too_many_are_made_is_asked_to_wait(acme: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report_files, "_at_work", report_files.threading.BoundedSemaphore(1))
    with report_files._at_work:
        assert acme.get("/v1/reports/trial_balance?format=pdf").status == 503
    assert acme.get("/v1/reports/trial_balance?format=pdf").status == 200


def test_a_document_that_fails_is_no_answer(acme: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> bytes:
        raise PdfFailed("not done")

    monkeypatch.setattr(report_files, "render", fails)
    assert acme.get("/v1/reports/trial_balance?format=pdf").status == 503
    monkeypatch.undo()
    assert acme.get("/v1/reports/trial_balance?format=pdf").status == 200
