"""Finding in the back office: one search, filters, sums, files, and what happened to an object."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.urls import reverse

from tests.backoffice.test_admin import staff, text, uuid_of
from tests.conftest import Caller, number_events
from tests.sales import Shop, shop

__all__ = ["shop"]

INVOICES = "admin:invoicing_invoice_changelist"


def search(caller: Caller, term: str) -> str:
    return text(staff(caller).get(reverse("admin:search"), {"s": term, "extended": "1"}))


@pytest.mark.parametrize("term", ["{number}", "acme corp", "1458", "1,458.00", "{id}"])
def test_an_invoice_is_found_by_number_name_amount_and_id(shop: Shop, term: str) -> None:
    invoice = shop.sent()

    page = search(shop.caller, term.format(**invoice))

    wanted = "invoicing_customer" if term == "acme corp" else "invoicing_invoice"
    address = reverse("admin:customers_customer_changelist" if "customer" in wanted else INVOICES)
    assert f'href="{address}' in page


@pytest.mark.parametrize("term", ["a\0b", "%", "NaN", "1e999", "' OR 1=1", "_", "x" * 500])
def test_any_text_may_be_searched_for(shop: Shop, term: str) -> None:
    assert staff(shop.caller).get(reverse("admin:search"), {"s": term, "extended": "1"}).status_code == 200


def test_nobody_elses_rows_are_found(shop: Shop, globex: Caller) -> None:
    theirs = Shop(globex)
    theirs.customer(number="123456", name="Secret")
    invoice = theirs.sent("77.00")
    for term in ("Secret", "77.00"):
        assert reverse(INVOICES) not in search(shop.caller, term).replace(f'href="{reverse(INVOICES)}"', "")
    link = reverse("admin:invoicing_invoice_change", args=(uuid_of(invoice["id"]),))
    assert link not in search(shop.caller, "77.00")


def test_sums_and_files_are_of_the_list_as_it_is_filtered(shop: Shop) -> None:
    shop.sent()
    shop.sent("20.00")
    shop.invoice("5.00")
    browser = staff(shop.caller)
    page = reverse(INVOICES)

    everything, open_ones = text(browser.get(page)), text(browser.get(page, {"status__exact": "sent"}))
    assert "1,483.00" in everything
    assert "1,478.00" in open_ones and "1,483.00" not in open_ones
    address = reverse("admin:export", args=("invoicing", "invoice", "csv"))
    file = browser.get(address, {"status__exact": "sent"})
    rows = list(csv.DictReader(io.StringIO(file.getvalue().decode())))
    assert sorted(row["Total"] for row in rows) == ["1458.0000", "20.0000"]
    sheet = browser.get(reverse("admin:export", args=("invoicing", "invoice", "xlsx")))
    assert sheet.getvalue()[:2] == b"PK"
    for wrong in (
        ("invoicing", "nonsense", "csv"),
        ("invoicing", "invoice", "exe"),
        ("access", "authenticator", "csv"),
    ):
        assert browser.get(reverse("admin:export", args=wrong)).status_code == 404


def test_a_list_is_filtered_by_period_and_amount(shop: Shop) -> None:
    shop.sent("20.00", invoice_date="2024-01-15", due_date="2024-02-15")
    shop.sent("30.00", invoice_date="2024-03-15", due_date="2024-04-15")
    browser = staff(shop.caller)
    for asked in ({"invoice_date_from": "2024-03-01", "invoice_date_to": "2024-03-31"},
                  {"total_from": "25", "total_to": "35"}):  # fmt: skip
        page = text(browser.get(reverse(INVOICES), asked))
        assert "30.00" in page and "20.00" not in page, asked


def test_no_query_is_made_for_a_row(shop: Shop, django_assert_max_num_queries: Any) -> None:
    browser = staff(shop.caller)
    for number in range(12):
        shop.invoice(f"{number + 1}.00")
    browser.get(reverse(INVOICES))
    with django_assert_max_num_queries(25):
        assert browser.get(reverse(INVOICES)).status_code == 200
    with django_assert_max_num_queries(45):
        search(shop.caller, "draft")


def test_history_tells_who_changed_what_from_what(shop: Shop, globex: Caller) -> None:
    customer = shop.read("/v1/customers/cust_123456")
    shop.done(shop.caller.patch("/v1/customers/cust_123456", {"name": "Acme Limited", "payment_terms": "net_15"}))
    number_events(shop.caller)
    address = reverse("admin:object_history", args=("customers", uuid_of(customer["id"])))

    page = text(staff(shop.caller).get(address))

    for said in ("Customer created", "Customer updated", "owner@acme.example", "Acme Corporation", "Acme Limited",
                 "net_15"):  # fmt: skip
        assert said in page
    assert staff(globex).get(address).status_code == 404
    assert staff(shop.caller).get(reverse("admin:object_history", args=("nonsense", "x"))).status_code == 404


def test_the_pdf_and_what_comes_next_stand_beside_an_invoice(shop: Shop) -> None:
    invoice = shop.sent()
    browser = staff(shop.caller)

    page = text(browser.get(reverse("admin:invoicing_invoice_change", args=(uuid_of(invoice["id"]),))))

    assert invoice["hosted_url"] in page
    credit = f"{reverse('admin:operation', args=('credit_notes', 'create'))}?invoice_id={invoice['id']}"
    assert credit in page
    begun = text(browser.get(credit))
    assert "Consulting Services" in begun and f'value="{invoice["lines"][0]["id"]}"' in begun
    assert (
        browser.get(reverse("admin:object_file", args=("invoices", "retrieve", uuid_of(invoice["id"])))).status_code
        == 404
    )
