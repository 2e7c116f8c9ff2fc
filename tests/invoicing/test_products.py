"""create_product, update_product and delete_product: /v1/products."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.breaking import contents
from tests.conftest import Caller
from tests.sales import Shop

D = Decimal
PATH = "/v1/products/prod_789"
PRODUCT = {"sku": "789", "name": "Consulting", "unit_price": D("100.00")}


@pytest.fixture
def product(shop: Shop) -> Any:
    return shop.post("/v1/products", **PRODUCT)


def test_it_is_created(shop: Shop, product: Any) -> None:
    assert product | PRODUCT == product
    assert (product["is_active"], shop.read(PATH)) == (True, product)


def test_a_new_price_is_for_what_comes(shop: Shop, product: Any) -> None:
    line = {"product_id": product["id"], "quantity": 2}
    old = shop.post("/v1/invoices", customer_id="cust_123456", lines=[line])

    changed = shop.done(shop.caller.patch(PATH, {"unit_price": D("110.00")}))

    assert changed["unit_price"] == D("110.00")
    assert shop.again(old)["total"] == D("200.00")
    assert shop.post("/v1/invoices", customer_id="cust_123456", lines=[line])["total"] == D("220.00")


def test_an_unused_product_goes(shop: Shop, product: Any) -> None:
    assert shop.caller.delete(PATH).status == 204
    assert (shop.caller.get(PATH).status, shop.read("/v1/products")["data"]) == (404, [])


def test_a_product_of_a_line_stays(shop: Shop, product: Any) -> None:
    shop.post("/v1/invoices", customer_id="cust_123456", lines=[{"product_id": product["id"], "quantity": 1}])
    before = contents(shop.caller)

    refused = shop.caller.delete(PATH)

    assert (refused.status, refused.error["details"][0]["rule"]) == (422, "product_in_use")
    assert contents(shop.caller) == before


@pytest.mark.parametrize(
    ("change", "status", "field"),
    [
        ({"sku": "taken"}, 409, "sku"),
        ({"unit_price": -1}, 400, "unit_price"),
        ({"tax_rate_id": "tax_none"}, 404, "tax_rate_id"),
        ({"revenue_account_id": "acc_none"}, 404, "revenue_account_id"),
        ({"name": ""}, 400, "name"),
    ],
)
def test_a_fault_is_named_on_creation_and_on_change(
    shop: Shop, product: Any, change: dict[str, Any], status: int, field: str
) -> None:
    shop.post("/v1/products", **PRODUCT | {"sku": "taken"})
    before = contents(shop.caller)

    created = shop.caller.post("/v1/products", PRODUCT | {"sku": "new"} | change)
    changed = shop.caller.patch(PATH, change)

    assert [(answer.status, answer.fields) for answer in (created, changed)] == [(status, [field])] * 2
    assert contents(shop.caller) == before


def test_a_viewer_may_not(shop: Shop, acme_viewer: Caller, product: Any) -> None:
    before = contents(shop.caller)

    answers = [acme_viewer.post("/v1/products", PRODUCT), acme_viewer.patch(PATH, PRODUCT), acme_viewer.delete(PATH)]

    assert [answer.status for answer in answers] == [403] * 3
    assert contents(shop.caller) == before
