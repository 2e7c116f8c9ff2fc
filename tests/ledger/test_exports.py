"""The ledger as a file: beancount and hledger add it up themselves, and come to the trial balance to the cent."""

from __future__ import annotations

import csv
import datetime
import io
import shutil
import subprocess
import sys
import tempfile
import tracemalloc
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import pytest
import requests
from beancount import loader
from beancount.core import convert, data

from bigledger.api import download
from bigledger.tenants.context import tenant_context
from ledger.services.posting import NewEntry, NewLine, post_journal_entries
from tests.api.conftest import open_chart, rent
from tests.conftest import Caller, make_tenant
from tests.rates import keep_rate
from tests.running import api_server

FORMATS = ("beancount", "hledger", "csv")
# Read as a language where it can: quotes, comments, tags, days, directives, formulas.
NASTY = 'a "b" \\ ; date:2024-13-99 [2024-99-99] #tag ^link | @@ 5 USD {x} \' =1+1'


def export(caller: Caller, format: str, **span: str) -> str:
    """The text that the caller gets."""
    query = "&".join(f"{name.rstrip('_')}={day}" for name, day in span.items())
    answer = caller.get(f"/v1/exports/{format}?{query}")
    assert answer.status == 200, answer.text
    return answer.text


def trial_balance(caller: Caller, as_of: str = "2199-12-31") -> dict[str, Decimal]:
    """Debit less credit by code."""
    rows = caller.get(f"/v1/reports/trial_balance?as_of={as_of}").body["rows"]
    return {row["account"]["code"]: row["debit"] - row["credit"] for row in rows}


def by_beancount(text: str) -> dict[str, Decimal]:
    """What `bean-check` finds no fault with, added up in base by beancount's own arithmetic."""
    with tempfile.NamedTemporaryFile("w", suffix=".beancount", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        program = Path(sys.executable).with_name("bean-check")
        checked = subprocess.run([program, "--no-cache", file.name], capture_output=True, text=True, check=False)
        assert (checked.returncode, checked.stdout + checked.stderr) == (0, "")
        entries, errors, options = loader.load_string(text)
    assert errors == []
    (base,) = options["operating_currency"]
    codes = {entry.account: entry.meta["code"] for entry in entries if isinstance(entry, data.Open)}
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for entry in entries:
        for posting in entry.postings if isinstance(entry, data.Transaction) else ():
            weight = convert.get_weight(posting)
            if weight.currency == base:
                sums[codes[posting.account]] += weight.number
    return {code: amount for code, amount in sums.items() if amount}


def by_hledger(text: str) -> dict[str, Decimal]:
    """What hledger says the accounts have, at cost."""
    program = shutil.which("hledger")
    assert program, "hledger is a package of Debian, which .ci/run installs"
    command = [program, "-f", "-", "balance", "--cost", "--flat", "--no-total", "--layout=bare", "-O", "csv"]
    ran = subprocess.run(command, input=text, capture_output=True, text=True, check=False, env={"LANG": "C.UTF-8"})
    assert (ran.returncode, ran.stderr) == (0, "")
    rows = list(csv.DictReader(io.StringIO(ran.stdout)))
    found = {row["account"].partition(":")[2].partition(" ")[0]: row for row in rows if row["commodity"] == "USD"}
    return {code: Decimal(row["balance"]) for code, row in found.items() if Decimal(row["balance"])}


def by_table(text: str) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for row in csv.DictReader(io.StringIO(text)):
        if row["base_debit"]:
            sums[row["account_code"]] += Decimal(row["base_debit"]) - Decimal(row["base_credit"])
    return {code: amount for code, amount in sums.items() if amount}


ADDED_UP = {"beancount": by_beancount, "hledger": by_hledger, "csv": by_table}


@pytest.mark.parametrize("format", FORMATS)
def test_the_demo_year_adds_up_to_the_trial_balance(demo: Caller, format: str) -> None:
    expected = trial_balance(demo)

    assert len(expected) > 30
    assert ADDED_UP[format](export(demo, format)) == expected


@pytest.mark.parametrize("format", FORMATS)
def test_a_span_adds_up_to_the_trial_balance_of_its_last_day(demo: Caller, format: str) -> None:
    """What was before is in the opening balances, what came later is left out."""
    last = demo.tenant.today().replace(day=1) - datetime.timedelta(days=100)
    first = last.replace(day=1)

    text = export(demo, format, from_=first.isoformat(), to=last.isoformat())

    assert ADDED_UP[format](text) == trial_balance(demo, last.isoformat()) != trial_balance(demo)
    assert "Opening balances" in text


@pytest.mark.parametrize("format", FORMATS)
def test_twice_the_same_gives_the_same_bytes(demo: Caller, format: str) -> None:
    assert export(demo, format) == export(demo, format)


@pytest.mark.parametrize("format", FORMATS)
def test_no_text_is_taken_for_anything_else(acme: Caller, format: str) -> None:
    for code, name in (("1.0", NASTY), ("1-0", NASTY), ("é", "=cmd()|' !A0"), ("(x)", "*: ;")):
        account = {"code": code, "name": name, "type": "expense", "subtype": "operating_expense"}
        assert acme.post("/v1/accounts", account).status == 201
    lines = [
        {"account_id": "acc_1.0", "debit": 3, "description": NASTY},
        {"account_id": "acc_1-0", "debit": 4, "description": "two\nlines\n\n  and; more"},
        {"account_id": "acc_é", "credit": 5},
        {"account_id": "acc_(x)", "credit": 2},
    ]
    entry = {"date": "2024-01-15", "description": NASTY, "reference": "=1)(;\"'", "lines": lines}
    assert acme.post("/v1/journal-entries", entry).status == 201

    text = export(acme, format)

    found = ADDED_UP[format](text)
    assert sorted(found.values()) == [-5, -2, 3, 4]
    if format != "hledger":  # there a code ends with the first space
        assert found == {"1.0": 3, "1-0": 4, "é": -5, "(x)": -2}
    assert not any(cell.startswith(("=", "+", "@")) for row in csv.reader(io.StringIO(by_cells(text, format)))
                   for cell in row)  # fmt: skip


def by_cells(text: str, format: str) -> str:
    return text if format == "csv" else ""


@pytest.mark.parametrize("format", FORMATS)
def test_entries_in_several_currencies_add_up_in_base(acme: Caller, format: str) -> None:
    """Sold for 100.00 EUR at 1.10, paid at 1.15: 5.00 USD of gain, and nothing stays on the receivable."""
    open_chart(acme)
    for code, name, type_, subtype, currency in (
        ("1210", "Receivables EUR", "asset", "current_asset", "EUR"),
        ("7900", "Exchange gains", "revenue", "other_revenue", "USD"),
        ("1", "Yen", "asset", "current_asset", "JPY"),
        ("2", "Yen owed", "liability", "current_liability", "JPY"),
    ):
        body = {"code": code, "name": name, "type": type_, "subtype": subtype, "currency": currency}
        assert acme.post("/v1/accounts", body).status == 201
    day, euro, rate = datetime.date(2024, 1, 15), Decimal(100), Decimal("1.10")
    sale = [
        NewLine("acc_1210", debit=euro, exchange_rate=rate),
        NewLine("acc_4000", credit=euro, currency="EUR", exchange_rate=rate),
    ]
    payment = [
        NewLine("acc_1000", debit=Decimal(115)),
        NewLine("acc_1210", credit=euro, exchange_rate=rate),
        NewLine("acc_7900", credit=Decimal(5)),
    ]
    yen = [NewLine("acc_1", debit=Decimal(5000)), NewLine("acc_2", credit=Decimal(5000))]
    keep_rate(acme, "JPY", "0.0068", day)
    with tenant_context(acme.tenant):
        entries = [NewEntry(date=day, lines=lines) for lines in (sale, payment, yen)]
        post_journal_entries(entries=entries, acting=acme.principal)

    whole = export(acme, format)
    later = export(acme, format, from_="2024-02-01")

    expected = {"1": Decimal(34), "1000": Decimal(115), "2": Decimal(-34), "4000": Decimal(-110), "7900": Decimal(-5)}
    assert ADDED_UP[format](whole) == ADDED_UP[format](later) == expected
    assert "5000" in whole
    assert "5000" in later


@pytest.mark.parametrize("format", FORMATS)
def test_books_without_an_entry_are_a_file_without_one(acme: Caller, format: str) -> None:
    open_chart(acme)

    assert ADDED_UP[format](export(acme, format)) == {}


@pytest.mark.parametrize("format", FORMATS)
def test_drafts_and_other_tenants_are_left_out(acme: Caller, globex: Caller, format: str) -> None:
    open_chart(acme)
    assert acme.post("/v1/journal-entries", rent(status="draft", description="Secret")).status == 201
    open_chart(globex)
    assert globex.post("/v1/journal-entries", rent(description="Secret")).status == 201

    assert "Secret" not in export(acme, format)


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize(
    ("query", "fields"),
    [
        ("from=2024-13-01", ["from"]),
        ("to=yesterday", ["to"]),
        ("from=2024-02-01&to=2024-01-01", ["from"]),
        ("as_of=2024-01-01", ["as_of"]),
        ("from=2024-01-01&from=2024-01-02", ["from"]),
        ("from=0001-01-01", ["from"]),
    ],
)
def test_a_span_that_is_none_is_refused(acme: Caller, format: str, query: str, fields: list[str]) -> None:
    refused = acme.get(f"/v1/exports/{format}?{query}")

    assert (refused.status, refused.fields) == (400, fields)


def test_a_credential_without_the_scope_gets_none(acme_viewer: Caller) -> None:
    assert export(acme_viewer, "csv").startswith("date,number")
    assert acme_viewer.get("/v1/exports/csv", authorization="Bearer blg_sandbox_none").status == 401


def test_memory_does_not_grow_with_the_books(acme: Caller) -> None:
    open_chart(acme)
    peaks = []
    for count in (1000, 4000):
        with tenant_context(acme.tenant):
            lines = [NewLine("acc_6100", debit=Decimal(5)), NewLine("acc_1000", credit=Decimal(5))]
            entries = [NewEntry(date=datetime.date(2024, 1, 15), lines=lines) for _ in range(count)]
            post_journal_entries(entries=entries, acting=acme.principal)
        export(acme, "beancount")
        tracemalloc.start()
        response = acme.client.get("/v1/exports/beancount", HTTP_AUTHORIZATION=f"Bearer {acme.api_key}")
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        list(response.streaming_content)

    assert peaks[1] < peaks[0] * 1.2, peaks


def test_the_file_goes_when_it_was_read(acme: Caller) -> None:
    folder = Path(str(download.settings.BIGLEDGER_HOME)) / "downloads"
    before = set(folder.iterdir()) if folder.exists() else set()

    export(acme, "csv")

    assert set(folder.iterdir()) == before


def test_a_running_server_sends_the_file(committed: None) -> None:
    """granian reads it by itself, after the view is through."""
    caller = make_tenant("Exported")
    open_chart(caller)
    operations = [{"operation": "create", "data": rent()} for _ in range(300)]
    assert caller.post("/v1/journal-entries/bulk", {"operations": operations}).status == 200

    with api_server() as base:
        headers = {"Authorization": f"Bearer {caller.api_key}"}
        answers = [requests.get(f"{base}/v1/exports/{name}", headers=headers, timeout=60) for name in FORMATS]

    for name, answer in zip(FORMATS, answers, strict=True):
        assert (answer.status_code, answer.headers["X-API-Version"]) == (200, "1.0.2")
        assert answer.headers["Content-Disposition"].startswith('attachment; filename="ledger.')
        assert ADDED_UP[name](answer.text) == {"1000": Decimal("-1500000.00"), "6100": Decimal("1500000.00")}
