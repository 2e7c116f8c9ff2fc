"""create_tax_rate, update_tax_rate and delete_tax_rate: /v1/tax-rates."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.breaking import contents
from tests.conftest import Caller
from tests.sales import Shop

D = Decimal
PATH = "/v1/tax-rates/tax_vat"
VAT = {"code": "vat", "name": "VAT", "rate": D("0.19")}


@pytest.fixture
def vat(shop: Shop) -> Any:
    return shop.post("/v1/tax-rates", **VAT)


def charged(shop: Shop) -> Decimal:
    """The tax on 100.00."""
    line = {"description": "Work", "quantity": 1, "unit_price": 100, "tax_rate_id": "tax_vat"}
    tax: Decimal = shop.post("/v1/invoices", customer_id="cust_123456", lines=[line])["tax_total"]
    return tax


def test_it_is_created_and_charged(shop: Shop, vat: Any) -> None:
    assert (vat["code"], vat["rate"], shop.read(PATH)) == ("vat", D("0.19"), vat)
    assert charged(shop) == D("19.00")


def test_a_new_rate_is_for_what_comes(shop: Shop, vat: Any) -> None:
    charged(shop)

    changed = shop.done(shop.caller.patch(PATH, {"rate": D("0.16")}))

    assert changed["rate"] == D("0.16")
    assert charged(shop) == D("16.00")
    assert [row["tax_total"] for row in shop.read("/v1/invoices?sort=created_at:asc")["data"]] == [
        D("19.00"), D("16.00"),
    ]  # fmt: skip


def test_an_unused_rate_goes(shop: Shop, vat: Any) -> None:
    assert shop.caller.delete(PATH).status == 204
    assert (shop.caller.get(PATH).status, shop.read("/v1/tax-rates")["data"]) == (404, [])


def test_the_rate_of_a_line_stays(shop: Shop, vat: Any) -> None:
    charged(shop)
    before = contents(shop.caller)

    refused = shop.caller.delete(PATH)

    assert (refused.status, refused.error["details"][0]["rule"]) == (422, "tax_rate_in_use")
    assert contents(shop.caller) == before


@pytest.mark.parametrize(
    ("change", "status", "field"),
    [
        ({"code": "taken"}, 409, "code"),
        ({"rate": 8}, 400, "rate"),
        ({"rate": -1}, 400, "rate"),
        ({"name": ""}, 400, "name"),
    ],
)
def test_a_fault_is_named_on_creation_and_on_change(
    shop: Shop, vat: Any, change: dict[str, Any], status: int, field: str
) -> None:
    shop.post("/v1/tax-rates", **VAT | {"code": "taken"})
    before = contents(shop.caller)

    created = shop.caller.post("/v1/tax-rates", VAT | {"code": "new"} | change)
    changed = shop.caller.patch(PATH, change)

    assert [(answer.status, answer.fields) for answer in (created, changed)] == [(status, [field])] * 2
    assert contents(shop.caller) == before


def test_a_viewer_may_not(shop: Shop, acme_viewer: Caller, vat: Any) -> None:
    before = contents(shop.caller)

    answers = [acme_viewer.post("/v1/tax-rates", VAT), acme_viewer.patch(PATH, VAT), acme_viewer.delete(PATH)]

    assert [answer.status for answer in answers] == [403] * 3
    assert contents(shop.caller) == before
