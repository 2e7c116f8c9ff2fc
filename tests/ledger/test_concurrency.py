"""Many writers at once, on real threads and connections: nothing is lost, and no two get the same number."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

from django.db import transaction

from bigledger.postgres.execute import fetch_all
from tests.api.conftest import open_chart, rent
from tests.at_once import at_once
from tests.conftest import Caller, make_tenant
from tests.rates import keep_rate

WRITERS, EACH = 8, 25


def _tenant() -> Caller:
    """A committed tenant of the test's own."""
    caller = make_tenant(f"Busy-{uuid.uuid4()}")
    open_chart(caller)
    return caller


def test_a_hot_account_loses_no_posting(committed: Any) -> None:
    caller = _tenant()

    answers = at_once(caller, lambda mine, _: [mine.post("/v1/journal-entries", rent("1.01")) for _ in range(EACH)])

    assert [answer.status for answer in answers] == [201] * WRITERS * EACH
    assert len({answer.body["number"] for answer in answers}) == WRITERS * EACH
    assert caller.get("/v1/accounts/acc_6100").body["balance"] == Decimal("1.01") * WRITERS * EACH
    assert caller.get("/v1/accounts/acc_1000").body["balance"] == -Decimal("1.01") * WRITERS * EACH
    assert caller.get("/v1/journal-entries").body["meta"]["total"] == WRITERS * EACH
    page = caller.get("/v1/accounts/acc_6100/ledger?limit=100&page=2").body
    assert page["meta"]["total"] == WRITERS * EACH
    assert page["data"][-1]["balance"] == Decimal("1.01") * WRITERS * EACH


def test_opposite_orders_of_accounts_do_not_wait_for_each_other_in_a_ring(committed: Any) -> None:
    caller = _tenant()
    forth, back = rent("2.00"), rent("2.00")
    back["lines"].reverse()

    answers = at_once(
        caller, lambda mine, n: [mine.post("/v1/journal-entries", forth if n % 2 else back) for _ in range(EACH)]
    )

    assert [answer.status for answer in answers] == [201] * WRITERS * EACH
    assert caller.get("/v1/accounts/acc_6100").body["balance"] == 2 * WRITERS * EACH


def test_a_reference_that_all_want_is_the_number_of_one(committed: Any) -> None:
    caller = _tenant()

    answers = at_once(caller, lambda mine, _: [mine.post("/v1/journal-entries", rent(reference="JE-2024-001"))])

    numbers = [answer.body["number"] for answer in answers]
    assert [answer.status for answer in answers] == [201] * WRITERS
    assert len(set(numbers)) == WRITERS
    assert numbers.count("JE-2024-001") == 1
    assert all(number.startswith("JE-2024-") for number in numbers)
    assert {answer.body["reference"] for answer in answers} == {"JE-2024-001"}


def test_an_entry_is_reversed_once(committed: Any) -> None:
    caller = _tenant()
    entry = caller.post("/v1/journal-entries", rent("9.00")).body["id"]

    answers = at_once(caller, lambda mine, _: [mine.post(f"/v1/journal-entries/{entry}/reverse", {"reason": "twice"})])

    refused = [answer for answer in answers if answer.status != 201]
    assert len(refused) == WRITERS - 1
    assert {(a.status, a.error["details"][0]["rule"]) for a in refused} == {(422, "entry_already_reversed")}
    assert caller.get("/v1/accounts/acc_6100").body["balance"] == 0


def test_a_draft_is_posted_once(committed: Any) -> None:
    caller = _tenant()
    draft = caller.post("/v1/journal-entries", rent("9.00", status="draft")).body["id"]

    answers = at_once(caller, lambda mine, _: [mine.post(f"/v1/journal-entries/{draft}/post")])

    assert sorted(answer.status for answer in answers)[0] == 200
    assert {answer.status for answer in answers[1:]} <= {200, 404, 422}
    assert [answer.status for answer in answers].count(200) == 1
    assert caller.get("/v1/accounts/acc_6100").body["balance"] == 9


def test_a_code_is_taken_once(committed: Any) -> None:
    caller = _tenant()
    account = {"code": "7", "name": "n", "type": "asset", "subtype": "other_asset", "opening_balance": Decimal("3.00")}

    answers = at_once(caller, lambda mine, _: [mine.post("/v1/accounts", account)])

    assert sorted(answer.status for answer in answers) == [201] + [409] * (WRITERS - 1)
    assert caller.get("/v1/accounts/acc_3900").body["balance"] == Decimal("3.00")


def test_different_opening_balances_make_one_equity_account(committed: Any) -> None:
    caller = _tenant()
    account = {"name": "n", "type": "asset", "subtype": "other_asset", "opening_balance": Decimal("3.00")}

    answers = at_once(caller, lambda mine, n: [mine.post("/v1/accounts", account | {"code": f"8{n}"})])

    assert [answer.status for answer in answers] == [201] * WRITERS, [answer.text for answer in answers]
    assert caller.get("/v1/accounts?search=Opening").body["meta"]["total"] == 1
    assert caller.get("/v1/accounts/acc_3900").body["balance"] == 3 * WRITERS


def test_of_two_who_empty_a_revalued_account_together_one_waits_for_the_other(committed: Any) -> None:
    """800.00 EUR at 1.10 are worth 40.00 USD more on 31 January, at 1.15. Two take 400.00 EUR each as of that day, at
    1.10 too. The first is not committed when the second looks whether the account is empty."""
    caller = _tenant()
    bank = {"code": "1015", "name": "Euros", "type": "asset", "subtype": "current_asset", "currency": "EUR"}
    assert caller.post("/v1/accounts", bank).status == 201
    for day in ("2024-01-10", "2024-01-31"):
        keep_rate(caller, "EUR", "1.10", day)
    keep_rate(caller, "EUR", "1.15", "2024-01-31", type="closing")

    def move(mine: Caller, amount: str, day: str, sides: tuple[str, str]) -> Any:
        euros = {"account_id": "acc_1015", sides[0]: Decimal(amount)}
        dollars = {"account_id": "acc_1000", "currency": "EUR", sides[1]: Decimal(amount)}
        return mine.post("/v1/journal-entries", {"date": day, "lines": [euros, dollars]})

    def worth(day: str) -> Decimal:
        rows = caller.get(f"/v1/reports/trial_balance?as_of={day}").body["rows"]
        return sum((row["debit"] - row["credit"] for row in rows if row["account"]["code"] == "1015"), Decimal(0))

    def take(mine: Caller, _: int) -> list[Any]:
        return [move(mine, "400.00", "2024-01-31", ("credit", "debit"))]

    assert move(caller, "800.00", "2024-01-10", ("debit", "credit")).status == 201
    assert caller.post("/v1/fx-revaluations", {"as_of": "2024-01-31"}).status == 201
    assert worth("2024-01-31") == Decimal("920.00")
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            (first,) = take(caller, 0)
            second = pool.submit(at_once, caller, take, 1)
            while not (second.done() or fetch_all("SELECT FROM pg_locks WHERE NOT granted")):
                pass
        answers = [first, *second.result(60)]

    assert [answer.status for answer in answers] == [201, 201]
    assert (worth("2024-01-31"), worth("2024-02-01")) == (0, 0)
