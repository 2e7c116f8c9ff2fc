"""The end of a fiscal year: Printing Plus closes 2019, finds a mistake, reopens, and closes again.

The books are those of OpenStax, *Principles of Accounting, Volume 1: Financial Accounting* (2019), chapters 3 to 5:
revenue 10,240 and expenses 5,575, so net income 4,665. The book closes the dividends of 100 as well and prints retained
earnings of 4,565; here dividends stay an account of equity of their own, so both together are 4,565.
"""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

import pytest

from bigledger.tenants.context import tenant_context
from ledger.services.posting import NewEntry, NewLine, post_journal_entry
from tests.breaking import contents
from tests.conftest import Caller, number_events
from tests.scenarios.test_statements import _amounts, _post, _report, printing_plus  # noqa: F401 - a fixture

YEAR = "income_statement?from=2019-01-01&to=2019-12-31"


def close(caller: Caller, year: int = 2019) -> Any:
    return caller.post("/v1/periods/close-year", {"year": year})


def reopen(caller: Caller, year: int = 2019) -> Any:
    return caller.post("/v1/periods/reopen-year", {"year": year, "reason": "A bill was missing"})


def lines(caller: Caller, entry_id: str) -> dict[str, tuple[Decimal, Decimal]]:
    entry = caller.get(f"/v1/journal-entries/{entry_id}").body
    return {line["account"]["code"]: (line["debit"], line["credit"]) for line in entry["lines"]}


def money(amount: str) -> Decimal:
    return Decimal(amount).quantize(Decimal("0.01"))


ZERO = money("0")


def test_the_result_moves_to_retained_earnings_with_one_entry(printing_plus: Caller) -> None:  # noqa: F811
    """Dr Service Revenue 10,100, Dr Interest Revenue 140; Cr the expenses, Retained Earnings 4,665."""
    before = _report(printing_plus, "balance_sheet?as_of=2019-12-31")["totals"]

    closed = close(printing_plus)

    assert closed.status == 200
    assert closed.body | {"closing_entry_id": ""} == {
        "id": "fy_2019", "year": 2019, "start": "2019-01-01", "end": "2019-12-31", "status": "closed",
        "currency": "USD", "net_income": money("4665"), "closing_entry_id": "",
    }  # fmt: skip
    assert lines(printing_plus, closed.body["closing_entry_id"]) == {
        "4000": (money("10100"), ZERO), "4900": (money("140"), ZERO), "5000": (ZERO, money("100")),
        "5100": (ZERO, money("75")), "5200": (ZERO, money("5100")), "5300": (ZERO, money("300")),
        "3200": (ZERO, money("4665")),
    }  # fmt: skip
    entry = printing_plus.get(f"/v1/journal-entries/{closed.body['closing_entry_id']}").body
    assert (entry["date"], entry["closing_year"], entry["description"]) == (
        "2019-12-31", 2019, "Closing of the fiscal year 2019",
    )  # fmt: skip
    sheet = _report(printing_plus, "balance_sheet?as_of=2019-12-31")
    assert _amounts(sheet, "equity") == {
        "Common Stock": money("20000"), "Retained Earnings": money("4665"), "Dividends": money("-100"),
    }  # fmt: skip
    assert sheet["totals"] == before
    assert [period["status"] for period in printing_plus.get("/v1/periods?start[lte]=2020-01-01").body["data"]] == [
        *["closed"] * 12, "open",
    ]  # fmt: skip


def test_reports_of_the_year_leave_the_closing_entry_out(printing_plus: Caller) -> None:  # noqa: F811
    before = _report(printing_plus, YEAR)
    close(printing_plus)

    after = _report(printing_plus, YEAR)

    assert after["totals"] == before["totals"]
    assert [(row["label"], row["amount"]) for row in after["rows"]] == [
        (row["label"], row["amount"]) for row in before["rows"]
    ]
    for row in after["rows"]:
        found = printing_plus.get(row["lines_url"] + "&limit=100").body["data"]
        assert abs(sum(line["debit"] - line["credit"] for line in found)) == row["amount"]
    included = _report(printing_plus, f"{YEAR}&include_closing=true")
    assert (included["rows"], included["totals"]["net_income"]) == ([], ZERO)
    assert printing_plus.get(f"/v1/reports/{YEAR}&include_closing=perhaps").fields == ["include_closing"]
    balances = _report(printing_plus, "trial_balance?as_of=2020-01-01")["rows"]
    assert not {row["account"]["code"] for row in balances} & {"4000", "4900", "5000", "5100", "5200", "5300"}


def test_the_cash_flow_of_the_year_is_what_it_was(printing_plus: Caller) -> None:  # noqa: F811
    """Cash of 24,800 at the end; the closing entry moved none of it."""
    path = "cash_flow?from=2019-01-01&to=2019-12-31"
    assert printing_plus.patch("/v1/accounts/acc_1000", {"cash_flow": "cash"}).status == 200
    before = _report(printing_plus, path)
    close(printing_plus)

    after = _report(printing_plus, path)

    assert after["totals"] == before["totals"]
    assert after["totals"]["closing_cash"] == money("24800")
    assert [(row["label"], row["amount"]) for row in after["rows"]] == [
        (row["label"], row["amount"]) for row in before["rows"]
    ]


def test_the_next_year_begins_at_zero(printing_plus: Caller) -> None:  # noqa: F811
    close(printing_plus)
    _post(printing_plus, ("2020-02-03", "1000", "4000", 70))

    assert _report(printing_plus, "income_statement?from=2020-01-01&to=2020-12-31")["totals"]["net_income"] == money(
        "70"
    )
    assert _amounts(_report(printing_plus, "balance_sheet?as_of=2020-02-03"), "equity") == {
        "Common Stock": money("20000"), "Retained Earnings": money("4665"), "Dividends": money("-100"),
        "Net income 2020 (to date)": money("70"),
    }  # fmt: skip


def test_a_mistake_is_found_after_closing(printing_plus: Caller) -> None:  # noqa: F811
    """A utility bill of 65 of December was missing: 4,665 - 65 = 4,600."""
    first = close(printing_plus).body["closing_entry_id"]

    reopened = reopen(printing_plus)

    assert (reopened.status, reopened.body["status"], reopened.body["closing_entry_id"]) == (200, "open", None)
    [reversal] = [
        entry
        for entry in printing_plus.get("/v1/journal-entries?closing_year=2019").body["data"]
        if entry["id"] != first
    ]
    assert (reversal["reversal_of"], reversal["date"], reversal["reversal_reason"]) == (
        first, "2019-12-31", "A bill was missing",
    )  # fmt: skip
    assert _report(printing_plus, YEAR)["totals"]["net_income"] == money("4665")
    assert _amounts(_report(printing_plus, "balance_sheet?as_of=2019-12-31"), "equity")[
        "Net income 2019 (to date)"
    ] == money("4665")
    assert printing_plus.get("/v1/periods/per_2019-12").body["status"] == "closed"

    assert printing_plus.post("/v1/periods/per_2019-12/reopen", {"reason": "A bill was missing"}).status == 200
    _post(printing_plus, ("2019-12-30", "5300", "2000", 65))
    again = close(printing_plus)

    assert again.body["net_income"] == money("4600")
    assert lines(printing_plus, again.body["closing_entry_id"])["3200"] == (ZERO, money("4600"))
    assert _amounts(_report(printing_plus, "balance_sheet?as_of=2019-12-31"), "equity") == {
        "Common Stock": money("20000"), "Retained Earnings": money("4600"), "Dividends": money("-100"),
    }  # fmt: skip
    assert printing_plus.get("/v1/periods/per_2019-12").body["status"] == "closed"


def test_what_is_posted_under_an_exception_is_closed_as_the_rest(printing_plus: Caller) -> None:  # noqa: F811
    close(printing_plus)
    soon = (printing_plus.tenant.now() + datetime.timedelta(hours=1)).isoformat()
    wanted = {"period_id": "per_2019-12", "expires_at": soon, "reason": "A bill was missing"}
    assert printing_plus.post("/v1/lock-exceptions", wanted).status == 201
    _post(printing_plus, ("2019-12-30", "5300", "2000", 65))

    again = close(printing_plus)

    assert again.body["net_income"] == money("4600")
    assert lines(printing_plus, again.body["closing_entry_id"]) == {
        "5300": (ZERO, money("65")),
        "3200": (money("65"), ZERO),
    }
    assert _amounts(_report(printing_plus, "balance_sheet?as_of=2019-12-31"), "equity")["Retained Earnings"] == money(
        "4600"
    )
    reopen(printing_plus)
    assert _amounts(_report(printing_plus, "balance_sheet?as_of=2019-12-31"), "equity")[
        "Net income 2019 (to date)"
    ] == money("4600")


def test_a_fiscal_year_from_july(printing_plus: Caller) -> None:  # noqa: F811
    printing_plus.patch("/v1/tenant", {"fiscal_year_start_month": 7})
    _post(printing_plus, ("2019-07-01", "1000", "4000", 80))

    closed = close(printing_plus, 2018)

    assert (closed.body["start"], closed.body["end"], closed.body["net_income"]) == (
        "2018-07-01", "2019-06-30", money("4665"),
    )  # fmt: skip
    assert _amounts(_report(printing_plus, "balance_sheet?as_of=2019-07-31"), "equity") == {
        "Common Stock": money("20000"), "Retained Earnings": money("4665"), "Dividends": money("-100"),
        "Net income 2019/20 (to date)": money("80"),
    }  # fmt: skip


def test_revenue_in_a_foreign_currency_goes_to_zero_in_both(printing_plus: Caller) -> None:  # noqa: F811
    """EUR 100.00 earned at 1.10 are 110.00: the account is cleared of both, retained earnings get 110.00 more."""
    for code, type_, subtype in (("1010", "asset", "current_asset"), ("4010", "revenue", "operating_revenue")):
        account = {"code": code, "name": f"Euro {code}", "type": type_, "subtype": subtype, "currency": "EUR"}
        assert printing_plus.post("/v1/accounts", account).status == 201
    _post_euro(printing_plus)

    closed = close(printing_plus)

    assert closed.body["net_income"] == money("4775")
    assert lines(printing_plus, closed.body["closing_entry_id"])["4010"] == (money("100"), ZERO)
    assert printing_plus.get("/v1/accounts/acc_4010").body["balance"] == ZERO
    assert _amounts(_report(printing_plus, "balance_sheet?as_of=2019-12-31"), "equity")["Retained Earnings"] == money(
        "4775"
    )


def _post_euro(caller: Caller) -> None:
    entry = NewEntry(
        date=datetime.date(2019, 5, 2),
        lines=[NewLine("acc_1010", debit=Decimal(100)), NewLine("acc_4010", credit=Decimal(100))],
        exchange_rate=Decimal("1.10"),
    )
    with tenant_context(caller.tenant):
        post_journal_entry(entry=entry, acting=caller.principal)


@pytest.mark.parametrize("year", [0, 1899, 9000, "2019", 2019.5, None])
def test_a_year_that_does_not_exist_is_not_closed(printing_plus: Caller, year: Any) -> None:  # noqa: F811
    before = contents(printing_plus)

    refused = printing_plus.post("/v1/periods/close-year", {"year": year})

    assert (refused.status, refused.fields) == (400, ["year"])
    assert contents(printing_plus) == before


def test_the_running_year_is_not_closed(printing_plus: Caller) -> None:  # noqa: F811
    before = contents(printing_plus)

    refused = close(printing_plus, printing_plus.tenant.today().year)

    assert (refused.status, refused.error["details"][0]["rule"]) == (422, "period_not_over")
    assert contents(printing_plus) == before


def test_a_locked_year_is_neither_closed_nor_reopened(printing_plus: Caller) -> None:  # noqa: F811
    close(printing_plus)
    printing_plus.post("/v1/periods/per_2019-12/lock", {})
    before = contents(printing_plus)

    refused = reopen(printing_plus)

    assert (refused.status, refused.error["details"][0]["rule"]) == (422, "period_closed")
    assert contents(printing_plus) == before


def test_both_are_told(printing_plus: Caller) -> None:  # noqa: F811
    close(printing_plus)
    reopen(printing_plus)
    number_events(printing_plus)

    told = printing_plus.get("/v1/events?type[startswith]=period.year").body["data"]

    assert [(event["type"], event["data"]["fiscal_year"]["status"]) for event in told] == [
        ("period.year_closed", "closed"), ("period.year_reopened", "open"),
    ]  # fmt: skip
