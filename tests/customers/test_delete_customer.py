"""delete_customer: DELETE /v1/customers/{id}."""

from __future__ import annotations

from tests.sales import Shop

PATH = "/v1/customers/cust_123456"


def test_a_customer_with_documents_stays(shop: Shop) -> None:
    shop.invoice()
    refused = [shop.caller.delete(PATH), shop.caller.patch(PATH, {"currency": "EUR"})]

    assert [(answer.status, answer.error["details"][0]["rule"]) for answer in refused] == [(422, "customer_in_use")] * 2
    assert shop.read(PATH)["currency"] == "USD"


def test_a_customer_without_documents_goes(shop: Shop) -> None:
    assert shop.caller.delete(PATH).status == 204
    assert shop.caller.get(PATH).status == 404
    assert shop.events()[-1] == "customer.deleted"
