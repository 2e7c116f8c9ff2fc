"""The pages of reports: the figures of the API, their parameters as forms, and links down to what they are made of."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from bigledger.access.models import Role, User
from bigledger.access.services import add_member
from bigledger.reports import REPORTS
from bigledger.tenants.context import tenant_context
from tests.api.conftest import open_chart, rent
from tests.backoffice.test_admin import staff, text
from tests.conftest import Caller
from tests.world import with_log

YEAR = {"from": "2024-01-01", "to": "2024-12-31"}


@pytest.fixture
def books(acme: Caller, globex: Caller) -> Caller:
    for caller in (acme, globex):
        open_chart(caller)
    acme.post("/v1/journal-entries", rent(reference="JE-1"))
    globex.post("/v1/journal-entries", rent(reference="SECRET-1"))
    return acme


def page_of(name: str, **given: str) -> tuple[str, dict[str, str]]:
    return reverse("admin:report", args=(name,)), given


def rows(page: str) -> list[list[str]]:
    """The cells of the report's table, as texts."""
    table = page[page.index('<table class="report">') : page.index("</table>")]
    found = [re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", row, re.S) for row in re.findall(r"<tr.*?</tr>", table, re.S)]
    return [[re.sub(r"<[^>]+>", "", cell).strip() for cell in row] for row in found]


def links(page: str) -> list[str]:
    table = page[page.index('<table class="report">') : page.index("</table>")]
    return [found.replace("&amp;", "&") for found in re.findall(r'href="([^"]+)"', table)]


@pytest.mark.parametrize("name", REPORTS)
def test_every_report_has_a_page_that_shows_this_tenant_alone(acme: Caller, globex: Caller, name: str) -> None:
    for caller in (acme, globex):
        with_log(caller)
    browser = staff(acme)
    assert reverse("admin:report", args=(name,)) in text(browser.get(reverse("admin:reports")))

    page = browser.get(*page_of(name))

    assert page.status_code == 200
    assert "globex" not in text(page).lower()


def test_the_page_shows_what_the_api_says(books: Caller) -> None:
    page = text(staff(books).get(*page_of("income_statement", **YEAR)))

    assert ["6100", "Rent Expense", "5,000.00"] in rows(page)
    assert rows(page)[-1] == ["", "Net income", "\N{MINUS SIGN}5,000.00"]
    assert "1 January 2024 to 31 December 2024" in page


def test_a_figure_leads_to_its_lines_and_a_line_to_its_entry(books: Caller) -> None:
    browser = staff(books)
    (statement,) = set(links(text(browser.get(*page_of("income_statement", **YEAR)))))

    ledger = text(browser.get(statement))

    assert rows(ledger)[3] == ["15 Jan 2024", "JE-1", "", "5,000.00", "", "5,000.00"]
    assert rows(ledger)[4][-1] == "5,000.00"
    (entries,) = set(links(ledger))
    assert "JE-1" in text(browser.get(entries))


def test_periods_are_compared_beside_each_other(books: Caller) -> None:
    page = text(staff(books).get(*page_of("income_statement", **YEAR, compare="previous_year")))

    assert ["6100", "Rent Expense", "5,000.00", "0.00", "5,000.00"] in rows(page)


@pytest.mark.parametrize(
    ("name", "given", "said"),
    [
        ("income_statement", {"from": "2024-02-01", "to": "2024-01-01"}, "Must not be after to."),
        ("trial_balance", {"as_of": "2024-02-30"}, "Enter a valid date."),
        ("trial_balance", {"compare": "nonsense"}, "Select a valid choice."),
        ("trial_balance", {"currency": "XXQ"}, "Select a valid choice."),
        ("general_ledger", {"account_id": "acc_none"}, "Select a valid choice."),
        ("general_ledger", {"account_id": "nonsense"}, "Select a valid choice."),
        ("customer_statement", {"from": "2024-01-01"}, "This field is required."),
    ],
)
def test_what_cannot_be_shown_is_said_at_its_field(books: Caller, name: str, given: dict[str, str], said: str) -> None:
    page = staff(books).get(*page_of(name, **given))

    assert page.status_code == 200
    assert said in text(page)
    assert '<table class="report">' not in text(page)


def test_a_report_that_needs_a_choice_asks_for_it_first(books: Caller) -> None:
    page = text(staff(books).get(*page_of("customer_statement")))

    assert "This field is required." not in page
    assert 'name="customer_id"' in page


def test_another_tenants_account_is_no_choice(books: Caller, globex: Caller) -> None:
    theirs = globex.get("/v1/accounts/acc_6100").body["id"]

    page = text(staff(books).get(*page_of("general_ledger", account_id=theirs)))

    assert "Select a valid choice." in page
    assert "SECRET" not in page


def test_an_account_is_named_by_its_id_its_code_or_its_key(books: Caller) -> None:
    browser, account = staff(books), books.get("/v1/accounts/acc_6100").body["id"]
    shown: set[Any] = {
        tuple(map(tuple, rows(text(browser.get(*page_of("general_ledger", **YEAR, account_id=name))))))
        for name in (account, "acc_6100")
    }

    assert len(shown) == 1
    assert len(shown.pop()) == 6


@pytest.mark.parametrize(
    ("wanted", "begins"), [("csv", b"account_id,"), ("xlsx", b"PK"), ("pdf", b"%PDF")], ids=["csv", "xlsx", "pdf"]
)
def test_the_same_report_is_a_file(books: Caller, wanted: str, begins: bytes) -> None:
    page = staff(books).get(*page_of("trial_balance", as_of="2024-12-31", format=wanted))

    content = b"".join(page.streaming_content) if page.streaming else page.content
    assert page.status_code == 200
    assert f'filename="trial_balance_2024-12-31.{wanted}"' in page["Content-Disposition"]
    assert begins in content[:40]


def test_a_report_that_does_not_exist_is_not_found(books: Caller) -> None:
    assert staff(books).get(*page_of("no_such")).status_code == 404


def test_nobody_without_the_back_office_reads_a_report(books: Caller, globex: Caller) -> None:
    stranger = User.objects.create_user("stranger@example.com")
    with tenant_context(globex.tenant):
        add_member(user=stranger, role=Role.VIEWER)
    client = Client()
    client.force_login(stranger)

    for address in (reverse("admin:reports"), reverse("admin:report", args=("trial_balance",))):
        page = client.get(address)
        assert (page.status_code, page.url.partition("?")[0]) == (302, reverse("admin:login"))


def test_staff_without_a_tenant_get_no_report(books: Caller) -> None:
    client = Client()
    client.force_login(User.objects.create_user("nobody@example.com", is_staff=True))

    assert client.get(reverse("admin:reports")).status_code == 403
    assert client.get(reverse("admin:report", args=("trial_balance",))).status_code == 403
