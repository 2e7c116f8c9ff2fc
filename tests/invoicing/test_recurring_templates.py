"""create_, update_, pause_, resume_ and delete_recurring_invoice: /v1/recurring-invoices.

What the job makes of them is in test_recurring_invoices.py.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from tests.breaking import contents
from tests.conftest import Caller
from tests.sales import Shop

D = Decimal
RENT = {"description": "Rent", "quantity": 1, "unit_price": D("100.00"), "tax_rate": D("0.19")}
BODY = {"customer_id": "cust_123456", "frequency": "monthly", "lines": [RENT]}


@pytest.fixture
def template(shop: Shop, at: Callable[[str], None]) -> str:
    """The address of a template that is due on the 31st."""
    at("2024-01-31T12:00:00+00:00")
    return f"/v1/recurring-invoices/{shop.post('/v1/recurring-invoices', **BODY)['id']}"


def test_it_is_created_and_invoices_nothing_yet(shop: Shop, template: str) -> None:
    made = shop.read(template)

    assert (made["status"], made["frequency"], made["next_date"]) == ("active", "monthly", "2024-01-31")
    assert (made["lines"][0]["unit_price"], made["lines"][0]["tax_rate"]) == (D("100.00"), D("0.19"))
    assert (shop.read("/v1/invoices")["meta"]["total"], shop.books()) == (0, {})


def test_a_key_makes_one(shop: Shop) -> None:
    first, again = (shop.caller.post("/v1/recurring-invoices", BODY, idempotency_key="rent") for _ in range(2))

    assert (first.status, again.text) == (201, first.text)
    assert shop.read("/v1/recurring-invoices")["meta"]["total"] == 1


def test_its_lines_are_replaced_as_a_whole(shop: Shop, template: str) -> None:
    changed = shop.done(shop.caller.patch(template, {"lines": [RENT | {"unit_price": D("110.00")}], "notes": "New"}))

    assert ([line["unit_price"] for line in changed["lines"]], changed["notes"]) == ([D("110.00")], "New")
    assert (changed["next_date"], shop.read(template)) == ("2024-01-31", changed)


def test_it_is_paused_and_resumed(shop: Shop, template: str) -> None:
    paused = shop.post(f"{template}/pause")
    resumed = shop.post(f"{template}/resume")

    assert (paused["status"], resumed["status"]) == ("paused", "active")
    assert shop.read(template) == resumed


def test_one_that_never_issued_goes(shop: Shop, template: str) -> None:
    assert shop.caller.delete(template).status == 204
    assert (shop.caller.get(template).status, shop.read("/v1/recurring-invoices")["data"]) == (404, [])


@pytest.mark.parametrize(
    ("change", "status", "field"),
    [
        ({"lines": []}, 400, "lines"),
        ({"lines": [RENT | {"quantity": 0}]}, 400, "lines[0].quantity"),
        ({"lines": [RENT | {"product_id": "prod_none"}]}, 404, "lines[0].product_id"),
        ({"end_date": "soon"}, 400, "end_date"),
        ({"payment_terms": "never"}, 400, "payment_terms"),
    ],
)
def test_a_fault_is_named_on_creation_and_on_change(
    shop: Shop, template: str, change: dict[str, Any], status: int, field: str
) -> None:
    before = contents(shop.caller)

    created = shop.caller.post("/v1/recurring-invoices", BODY | change)
    changed = shop.caller.patch(template, change)

    assert [(answer.status, answer.fields) for answer in (created, changed)] == [(status, [field])] * 2
    assert contents(shop.caller) == before


def test_a_viewer_may_not(shop: Shop, acme_viewer: Caller, template: str) -> None:
    before = contents(shop.caller)

    answers = [
        acme_viewer.post("/v1/recurring-invoices", BODY), acme_viewer.patch(template, {"notes": "Mine"}),
        acme_viewer.post(f"{template}/pause"), acme_viewer.post(f"{template}/resume"), acme_viewer.delete(template),
    ]  # fmt: skip

    assert [answer.status for answer in answers] == [403] * 5
    assert contents(shop.caller) == before
