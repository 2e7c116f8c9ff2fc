"""Reports as they were known: whatever is posted, back-dated, renamed or reclassified later, they do not change."""

from __future__ import annotations

import datetime
import random
import re
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from tests.conftest import Caller, number_events

CHART = [
    ("1000", "asset", "current_asset", "cash"),
    ("1100", "asset", "current_asset", None),
    ("1500", "asset", "fixed_asset", None),
    ("2000", "liability", "current_liability", None),
    ("2700", "liability", "long_term_liability", None),
    ("3000", "equity", "equity", None),
    ("4000", "revenue", "operating_revenue", None),
    ("4900", "revenue", "other_revenue", "investing"),
    ("5000", "expense", "cost_of_goods_sold", None),
    ("6000", "expense", "operating_expense", None),
]
CODES = [code for code, *_ in CHART]
SPAN = "from=2024-03-10&to=2024-09-20"
REPORTS = [
    "trial_balance?as_of=2024-06-30",
    "trial_balance?as_of=2024-06-17&compare=previous_period",
    "trial_balance?",
    "balance_sheet?as_of=2024-06-17&compare=previous_year",
    "balance_sheet?",
    f"income_statement?{SPAN}&compare=previous_period",
    f"cash_flow?{SPAN}&compare=previous_year",
    f"cash_flow?{SPAN}&method=direct",
    "cash_flow?",
    f"general_ledger?{SPAN}",
]
FILES = [f"general_ledger?{SPAN}&format=csv", "balance_sheet?as_of=2024-06-17&format=xlsx"]


def seen(caller: Caller, moment: datetime.datetime | None = None) -> dict[str, Any]:
    """Every report, but for when it was made."""
    found: dict[str, Any] = {}
    for path in [*REPORTS, *FILES]:
        at = f"&known_at={moment.isoformat().replace('+00:00', 'Z')}" if moment else ""
        answer = caller.get(f"/v1/reports/{path}{at}")
        assert answer.status == 200, answer.text
        found[path] = re.sub(r'"generated_at":"[^"]*"', "", answer.text)
    return found


def entry(draw: random.Random, **fields: Any) -> dict[str, Any]:
    one, other, third = draw.sample(CODES, 3)
    amount = Decimal(draw.randint(1, 10**6)).scaleb(-2)
    part = min(amount, Decimal(draw.randint(1, 10**6)).scaleb(-2))
    day = datetime.date(2023, 6, 1) + datetime.timedelta(days=draw.randint(0, 1300))
    lines: list[dict[str, Any]] = [{"account_id": f"acc_{one}", "debit": amount}]
    lines.append({"account_id": f"acc_{other}", "credit": part})
    if amount > part:
        lines.append({"account_id": f"acc_{third}", "credit": amount - part})
    return {"date": day.isoformat(), "description": f"No. {draw.random()}", "lines": lines, **fields}


def _post(caller: Caller, draw: random.Random) -> None:
    caller.post("/v1/journal-entries", entry(draw))


def _draft(caller: Caller, draw: random.Random) -> None:
    made = caller.post("/v1/journal-entries", entry(draw, status="draft"))
    if draw.random() < 0.5:
        caller.post(f"/v1/journal-entries/{made.body['id']}/post")


def _bulk(caller: Caller, draw: random.Random) -> None:
    operations = [{"operation": "create", "data": entry(draw)} for _ in range(draw.choice((3, 120)))]
    assert caller.post("/v1/journal-entries/bulk", {"operations": operations}).status == 200


def _reverse(caller: Caller, draw: random.Random) -> None:
    entries = caller.get("/v1/journal-entries?status=posted&limit=50").body["data"]
    caller.post(f"/v1/journal-entries/{draw.choice(entries)['id']}/reverse", {"reason": "x", "date": "2024-06-10"})


def _change(caller: Caller, draw: random.Random) -> None:
    accounts = caller.get("/v1/accounts?limit=100").body["data"]
    changes = draw.choice(
        [
            {"name": f"Renamed {draw.random()}"},
            {"cash_flow": draw.choice([None, "operating", "investing", "financing"])},
            {"is_active": True, "description": str(draw.random())},
        ]
    )
    assert caller.patch(f"/v1/accounts/{draw.choice(accounts)['id']}", changes).status == 200


def _swap_codes(caller: Caller, draw: random.Random) -> None:
    """Two accounts change places, so that a code is another account's than it was."""
    one, other = draw.sample(CODES, 2)
    for old, new in ((one, "swap"), (other, one), ("swap", other)):
        assert caller.patch(f"/v1/accounts/acc_{old}", {"code": new}).status == 200


def _create(caller: Caller, draw: random.Random) -> None:
    code, type_, subtype, flow = draw.choice(CHART)
    account = {"code": f"{code}-{draw.randint(0, 10**9)}", "name": "New", "type": type_, "subtype": subtype}
    more = {"cash_flow": flow, "opening_balance": Decimal(7), "opening_date": "2024-05-05"}
    made = caller.post("/v1/accounts", account | (more if draw.random() < 0.5 else {}))
    assert made.status == 201
    if draw.random() < 0.5:
        caller.delete(f"/v1/accounts/{made.body['id']}")


def _number(caller: Caller, draw: random.Random) -> None:
    number_events(caller)


OPERATIONS = [_post, _post, _draft, _bulk, _reverse, _change, _swap_codes, _create, _number]


@pytest.fixture
def books(acme: Caller) -> Caller:
    for code, type_, subtype, flow in CHART:
        account = {"code": code, "name": f"Account {code}", "type": type_, "subtype": subtype, "cash_flow": flow}
        assert acme.post("/v1/accounts", account).status == 201
    return acme


@pytest.mark.parametrize("seed", [1, 2])
def test_two_hundred_later_operations_change_nothing(books: Caller, seed: int) -> None:
    draw = random.Random(seed)
    for _ in range(30):
        draw.choice(OPERATIONS[:4])(books, draw)
    if seed == 1:
        number_events(books)
    before, moment = seen(books), timezone.now()

    for count in range(1, 201):
        draw.choice(OPERATIONS)(books, draw)
        if count in (1, 40, 200):
            assert seen(books, moment) == before, count
    assert seen(books) != before


def test_the_number_is_that_of_the_last_event(books: Caller) -> None:
    before = books.get("/v1/reports/trial_balance").body["as_of_seq"]
    draw = random.Random(3)
    moment = timezone.now()
    _post(books, draw)
    assert books.get("/v1/reports/trial_balance").body["as_of_seq"] == before + 1

    number_events(books)

    newest = books.get("/v1/events?sort=seq:desc&limit=1").body["data"][0]
    assert books.get("/v1/reports/trial_balance").body["as_of_seq"] == newest["seq"] == before + 1
    known = books.get(f"/v1/reports/trial_balance?known_at={moment.isoformat().replace('+00:00', 'Z')}")
    assert known.body["as_of_seq"] == before


def test_before_the_first_event_nothing_is_known(books: Caller) -> None:
    _post(books, random.Random(4))

    report = books.get("/v1/reports/balance_sheet?as_of=2030-01-01&known_at=2001-01-01T00:00:00Z").body

    assert (report["as_of_seq"], report["rows"], report["totals"]["assets"]) == (0, [], Decimal("0.00"))
    # Without a day, it is the day of that moment.
    assert books.get("/v1/reports/balance_sheet?known_at=2001-01-01T00:00:00Z").body["params"]["as_of"] == "2001-01-01"


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("trial_balance?known_at=2001-01-01", "not_a_date"),
        ("trial_balance?known_at=2001-01-01T00:00:00", "not_a_date"),
        ("trial_balance?known_at=yesterday", "not_a_date"),
        ("trial_balance?known_at=", "not_a_date"),
        ("trial_balance?known_at=2001-13-01T00:00:00Z", "not_a_date"),
        ("trial_balance?known_at=0001-01-01T00:00:00%2B14:00", "not_a_date"),
        ("trial_balance?known_at=2190-01-01T00:00:00Z", "out_of_range"),
    ],
)
def test_a_moment_that_is_none_or_none_yet(books: Caller, query: str, code: str) -> None:
    refused = books.get(f"/v1/reports/{query}")

    assert (refused.status, refused.fields, refused.error["details"][0]["code"]) == (400, ["known_at"], code)
