"""A figure that is computed from input fits its column, or the input is refused by name; never a 5xx."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import DataError, connection, transaction
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bigledger.api.failures import to_catalogue
from tests.api.conftest import open_chart
from tests.conftest import Caller
from tests.sales import Shop, shop

__all__ = ["shop"]

LARGEST = Decimal("999999999999999.99")
AMOUNTS = st.sampled_from([Decimal("0.01"), Decimal("1.00"), Decimal("31622776.60"), LARGEST / 2, LARGEST])
QUANTITIES = st.sampled_from([Decimal("0.000001"), Decimal(1), Decimal("999999999"), Decimal("31622776.601683")])
RATES = st.sampled_from([Decimal(0), Decimal("0.000001"), Decimal("0.5"), Decimal(1)])
COMPONENTS = st.lists(st.tuples(RATES, st.booleans()), min_size=1, max_size=10)


def compound(count: int) -> list[dict[str, Any]]:
    return [{"name": f"T{n}", "rate": 1, "is_compound": True} for n in range(count)]


def test_a_tax_of_more_than_a_thousand_percent_is_refused(shop: Shop) -> None:
    """Ten components that double each time were taken, and every invoice with them was a 500."""
    refused = shop.caller.post("/v1/tax-rates", {"code": "MUCH", "name": "Much", "components": compound(10)})

    assert (refused.status, refused.fields) == (400, ["components"])
    assert refused.error["details"][0]["code"] == "too_large"
    assert shop.caller.get("/v1/tax-rates/tax_MUCH").status == 404


def test_a_tax_rate_cannot_be_changed_into_one(shop: Shop) -> None:
    shop.post("/v1/tax-rates", code="OK", name="OK", components=compound(3))

    assert shop.caller.patch("/v1/tax-rates/tax_OK", {"components": compound(10)}).fields == ["components"]
    assert shop.read("/v1/tax-rates/tax_OK")["rate"] == 7


def test_one_that_was_taken_before_is_refused_where_it_is_used(shop: Shop) -> None:
    from bigledger.tenants.context import tenant_context
    from invoicing.models import TaxComponent, TaxRate

    with tenant_context(shop.caller.tenant):
        row = TaxRate.objects.create(code="OLD", name="Old")
        for position, part in enumerate(compound(10), start=1):
            TaxComponent.objects.create(tax_rate=row, position=position, **part)
    line = {"description": "x", "quantity": 1, "unit_price": 1, "tax_rate_id": "tax_OLD"}

    refused = shop.caller.post("/v1/invoices", {"customer_id": "cust_123456", "lines": [line]})

    assert (refused.status, refused.fields) == (400, ["lines[0].tax_rate_id"])


@settings(max_examples=40)
@given(parts=COMPONENTS, price=AMOUNTS, quantity=QUANTITIES, discount=st.sampled_from([0, Decimal("0.0001"), 100]))
@example(parts=[(Decimal(1), True)] * 10, price=Decimal("1.00"), quantity=Decimal(1), discount=0)
@example(parts=[(Decimal(1), True)] * 3, price=LARGEST, quantity=Decimal("999999999"), discount=0)
@example(parts=[(Decimal(1), False)], price=LARGEST / 2, quantity=Decimal(1), discount=0)
def test_no_document_is_too_large_for_its_columns(
    shop: Shop, parts: list[tuple[Decimal, bool]], price: Decimal, quantity: Decimal, discount: Any
) -> None:
    price = price.quantize(Decimal("0.01"))
    code = f"T{shop.read('/v1/tax-rates')['meta']['total']}"
    components = [{"name": "T", "rate": rate, "is_compound": is_compound} for rate, is_compound in parts]
    line = {"description": "x", "quantity": quantity, "unit_price": price, "discount_percentage": discount}
    taxed = shop.caller.post("/v1/tax-rates", {"code": code, "name": "T", "components": components})
    if taxed.status == 201:
        line["tax_rate_id"] = f"tax_{code}"
    answers = [taxed]
    for path in ("/v1/tax/calculate", "/v1/invoices", "/v1/credit-notes"):
        body = {"lines": [line, line]} if "tax" in path else {"customer_id": "cust_123456", "lines": [line, line]}
        answers.append(shop.caller.post(path, body))
    if answers[2].status == 201:
        answers.append(shop.caller.post(f"/v1/invoices/{answers[2].body['id']}/send"))

    assert [answer.status for answer in answers if answer.status >= 500] == []
    assert all(answer.error["details"] for answer in answers if answer.status == 400)


def test_the_balance_of_a_customer_keeps_to_fifteen_digits(shop: Shop) -> None:
    shop.sent(str(LARGEST))
    second = shop.invoice(str(LARGEST))

    refused = shop.caller.post(f"/v1/invoices/{second['id']}/send")

    assert (refused.status, refused.error["details"][0]["code"]) == (400, "too_large")
    assert shop.again(second)["status"] == "draft"


@pytest.mark.parametrize("status", ["draft", "posted"])
def test_the_total_of_an_entry_keeps_to_fifteen_digits(acme: Caller, status: str) -> None:
    open_chart(acme)
    lines = [{"account_id": "acc_1000", "debit": LARGEST}, {"account_id": "acc_4000", "credit": LARGEST}]

    refused = acme.post("/v1/journal-entries", {"date": "2024-01-15", "lines": lines * 2, "status": status})
    kept = acme.post("/v1/journal-entries", {"date": "2024-01-15", "lines": lines, "status": status})

    assert (refused.status, refused.fields, kept.status) == (400, ["lines"], 201)


def test_an_account_holds_the_sum_of_many_such_entries(acme: Caller) -> None:
    open_chart(acme)
    lines = [{"account_id": "acc_1000", "debit": LARGEST}, {"account_id": "acc_4000", "credit": LARGEST}]
    operations = [{"operation": "create", "data": {"date": "2024-01-15", "lines": lines}}] * 1000

    assert acme.post("/v1/journal-entries/bulk", {"operations": operations}).status == 200
    assert acme.get("/v1/accounts/acc_1000").body["balance"] == LARGEST * 1000
    assert acme.get("/v1/reports/trial_balance").status == 200


def test_a_value_that_only_the_database_refuses_is_a_client_error(db_access: None) -> None:
    """The database's word for a number that is too large, and for text that it cannot read."""
    for sql, codes in (("SELECT 1e9::numeric(3, 2)", ["too_large"]), ("SELECT 'x'::date", [])):
        with pytest.raises(DataError) as fault, transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)
        error = to_catalogue(fault.value)
        assert (error.status, [detail.code for detail in error.details]) == (400, codes)
