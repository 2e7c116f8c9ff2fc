"""A sale is taxed by several authorities, by one, or by none for a reason; the sales tax report tells them apart.

Quebec, 1,000.00: GST of 5 % is 50.00 for the federal agency, QST of 9.975 % is 99.75 for the province. The customer
owes 1,149.75, and each tax waits on its own account. The sale counts once: taxable sales are 1,000.00.

A month in Europe, sales without tax:

    20 %             1,000.00   tax 200.00
    zero-rated         300.00
    exempt             400.00   education, Article 132(1)(i)
    out of scope        50.00   by a tax rate that says so
    no tax named        60.00   out of scope as well
    reverse charge     700.00
    intra-community    800.00
    credited, 20 %    -100.00   tax -20.00
    net sales        3,210.00   tax 180.00
    other entry         25.00   interest, by hand
    revenue          3,235.00
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.breaking import contents
from tests.conftest import Answer
from tests.sales import Shop, assert_customer_balances_hold
from tests.scenarios.test_issued_documents import said

D = Decimal
MARCH = "from=2024-03-01&to=2024-03-31"
EDUCATION = "Education is exempt (Article 132(1)(i), Directive 2006/112/EC)."
INTRA = "Intra-Community supply, exempt from tax (Article 138, Directive 2006/112/EC)."
PART = {"name": "Part", "rate": D("0.1")}
RATES: dict[str, dict[str, Any]] = {
    "vat": {"name": "VAT 20 %", "rate": D("0.20")},
    "zero": {"name": "VAT 0 %", "rate": 0},
    "exempt": {"name": "Exempt", "kind": "exempt", "reason": EDUCATION},
    "outside": {"name": "Not taxable", "kind": "out_of_scope"},
    "reverse": {"name": "Reverse charge", "kind": "reverse_charge"},
    "intra": {"name": "Intra-Community", "kind": "intra_community"},
}


def line(net: str, tax: str | None = None) -> dict[str, Any]:
    named = {"tax_rate_id": f"tax_{tax}"} if tax else {}
    return {"description": f"Sold, {tax or 'no tax'}", "quantity": 1, "unit_price": D(net), **named}


def liability(shop: Shop, code: str, name: str) -> str:
    body = {"code": code, "name": name, "type": "liability", "subtype": "current_liability"}
    found: str = shop.post("/v1/accounts", **body)["id"]
    return found


@pytest.fixture
def europe(shop: Shop) -> Shop:
    for code, fields in RATES.items():
        shop.post("/v1/tax-rates", code=code, **fields)
    shop.done(shop.caller.patch("/v1/customers/cust_123456", {"tax_id": "DE123456789"}))
    return shop


def sell(shop: Shop, *lines: dict[str, Any]) -> Any:
    return shop.send(shop.post("/v1/invoices", customer_id="cust_123456", invoice_date="2024-03-10", lines=list(lines)))


def quebec(shop: Shop) -> Any:
    gst, qst = liability(shop, "2210", "GST Payable"), liability(shop, "2220", "QST Payable")
    components = [
        {"name": "GST", "rate": D("0.05"), "authority": "Canada Revenue Agency", "account_id": gst},
        {"name": "QST", "rate": D("0.09975"), "authority": "Revenu Québec", "account_id": qst},
    ]
    return shop.post("/v1/tax-rates", code="quebec", name="GST and QST", components=components)


def test_each_component_has_its_account_and_authority(shop: Shop) -> None:
    tax = quebec(shop)
    assert [(part["name"], part["authority"]) for part in tax["components"]] == [
        ("GST", "Canada Revenue Agency"), ("QST", "Revenu Québec"),
    ]  # fmt: skip
    invoice = sell(shop, line("1000.00", "quebec"))

    assert invoice["total"] == D("1149.75")
    books = shop.books()
    assert (books["GST Payable"], books["QST Payable"]) == (D("-50.00"), D("-99.75"))
    assert "Sales Tax Payable" not in books
    report = shop.read(f"/v1/reports/sales_tax?{MARCH}")
    shown = [
        (row["name"], row["authority"], row["figures"]["taxable_sales"], row["figures"]["tax_due"])
        for row in report["rows"]
    ]
    assert shown == [
        ("GST", "Canada Revenue Agency", D("1000.00"), D("50.00")),
        ("QST", "Revenu Québec", D("1000.00"), D("99.75")),
    ]
    assert (report["totals"]["taxable_sales"], report["totals"]["tax_due"]) == (D("1000.00"), D("149.75"))


def test_what_is_credited_and_voided_goes_back_to_the_same_accounts(shop: Shop) -> None:
    tax = quebec(shop)
    first, second = sell(shop, line("1000.00", "quebec")), sell(shop, line("200.00", "quebec"))
    # From now on another account takes the tax; documents of before keep theirs.
    components = [{"name": "GST", "rate": D("0.05")}]
    shop.done(shop.caller.patch(f"/v1/tax-rates/{tax['id']}", {"components": components}))

    note = shop.post("/v1/credit-notes", invoice_id=first["id"])
    shop.post(f"/v1/invoices/{second['id']}/void", reason="Twice")

    books = shop.books()
    assert [books.get(name, 0) for name in ("GST Payable", "QST Payable", "Sales Tax Payable")] == [0, 0, 0]

    shop.post(f"/v1/credit-notes/{note['id']}/void", reason="By mistake")
    assert [shop.books()[name] for name in ("GST Payable", "QST Payable")] == [D("-50.00"), D("-99.75")]


def test_the_report_tells_kinds_apart_and_reconciles_with_revenue(europe: Shop) -> None:
    sell(europe, line("1000.00", "vat"), line("300.00", "zero"), line("400.00", "exempt"), line("50.00", "outside"))
    sell(europe, line("60.00"), line("700.00", "reverse"))
    sell(europe, line("800.00", "intra"))
    europe.post("/v1/credit-notes", customer_id="cust_123456", date="2024-03-20", lines=[line("100.00", "vat")])
    interest = europe.post("/v1/accounts", code="4900", name="Interest", type="revenue", subtype="other_revenue")
    cash = europe.post("/v1/accounts", code="1099", name="Till", type="asset", subtype="current_asset")
    entry = [{"account_id": cash["id"], "debit": D("25.00")}, {"account_id": interest["id"], "credit": D("25.00")}]
    europe.post("/v1/journal-entries", date="2024-03-15", description="Interest", lines=entry)

    report = europe.read(f"/v1/reports/sales_tax?{MARCH}")

    assert report["totals"] == {
        "taxable_sales": D("1300.00"), "tax_collected": D("200.00"), "taxable_credits": D("100.00"),
        "tax_credited": D("20.00"), "tax_due": D("180.00"), "zero_rated": D("300.00"), "exempt": D("400.00"),
        "out_of_scope": D("110.00"), "reverse_charge": D("700.00"), "intra_community": D("800.00"),
        "bad_debt_relief": D("0.00"),
    }  # fmt: skip
    assert report["reconciliation"] == {
        "net_sales": D("3210.00"), "other_entries": D("25.00"), "revenue": D("3235.00"), "difference": D("0.00"),
    }  # fmt: skip
    assert [(row["name"], row["kind"], row["reason"]) for row in report["rows"]] == [
        ("Exempt", "exempt", EDUCATION),
        ("Intra-Community", "intra_community", INTRA),
        ("Not taxable", "out_of_scope", ""),
        ("Reverse charge", "reverse_charge", "Reverse charge: the recipient is liable for the tax."),
        ("VAT 0 %", "zero", ""),
        ("VAT 20 %", "standard", ""),
        ("No tax", "out_of_scope", ""),
    ]
    assert -europe.books()["Sales Tax Payable"] == D("180.00")
    assert europe.caller.get(f"/v1/reports/sales_tax?{MARCH}&format=pdf").raw.startswith(b"%PDF-")
    assert_customer_balances_hold(europe.caller)


def test_a_document_says_why_it_is_not_taxed(europe: Shop) -> None:
    invoice = sell(europe, line("800.00", "intra"), line("400.00", "exempt"))

    content = said(europe, invoice)
    assert content["wording"] == [INTRA, EDUCATION]
    assert content["buyer"]["tax_id"] == "DE123456789"
    assert (invoice["tax_total"], invoice["total"]) == (D("0.00"), D("1200.00"))
    assert [(tax["name"], tax["taxable_amount"], tax["amount"]) for tax in invoice["taxes"]] == [
        ("Intra-Community", D("800.00"), D("0.00")), ("Exempt", D("400.00"), D("0.00")),
    ]  # fmt: skip
    note = europe.post("/v1/credit-notes", invoice_id=invoice["id"])
    assert [tax["reason"] for tax in note["taxes"]] == [INTRA, EDUCATION]
    assert said(europe, note)["wording"] == [INTRA, EDUCATION]


@pytest.mark.parametrize("kind", ["reverse", "intra"])
def test_the_recipient_that_owes_the_tax_has_a_tax_number(europe: Shop, kind: str) -> None:
    europe.done(europe.caller.patch("/v1/customers/cust_123456", {"tax_id": ""}))
    draft = europe.post("/v1/invoices", customer_id="cust_123456", lines=[line("1.00"), line("10.00", kind)])
    before = contents(europe.caller)

    sent = europe.caller.post(f"/v1/invoices/{draft['id']}/send")
    note = {"customer_id": "cust_123456", "lines": [line("10.00", kind)]}
    credited = europe.caller.post("/v1/credit-notes", note)

    assert [answer.error["details"][0]["rule"] for answer in (sent, credited)] == ["tax_id_required"] * 2
    assert [(answer.status, answer.fields) for answer in (sent, credited)] == [(422, [None]), (422, ["customer_id"])]
    assert contents(europe.caller) == before
    europe.done(europe.caller.patch("/v1/customers/cust_123456", {"tax_id": "FR1"}))
    assert europe.send(draft)["status"] == "sent"


@pytest.mark.parametrize(
    ("fields", "field", "code"),
    [
        ({"kind": "exempt"}, "reason", "required"),
        ({"kind": "exempt", "reason": "Law", "rate": D("0.1")}, "rate", "incompatible"),
        ({"kind": "standard", "rate": 0}, "rate", "incompatible"),
        ({"kind": "standard"}, "components", "required"),
        ({"kind": "reduced", "rate": D("0.1")}, "kind", "not_a_choice"),
        ({"components": [PART | {"account_id": "acc_none"}]}, "components[0].account_id", "not_found"),
        ({"components": [PART | {"account_id": "acc_1"}]}, "components[0].account_id", "wrong_kind"),
        ({"components": [PART | {"account_id": "acc_2300"}]}, "components[0].account_id", "incompatible"),
    ],
)  # fmt: skip
def test_what_does_not_fit_a_kind_is_refused(shop: Shop, fields: dict[str, Any], field: str, code: str) -> None:
    shop.post("/v1/accounts", code="1", name="Till", type="asset", subtype="current_asset")
    shop.pay("1.00")  # there are Customer Deposits, 2300
    before = contents(shop.caller)

    refused: Answer = shop.caller.post("/v1/tax-rates", {"code": "x", "name": "X", **fields})

    found = [(detail["field"], detail["code"]) for detail in refused.error["details"]]
    assert (refused.status in (400, 404), found) == (True, [(field, code)])
    assert contents(shop.caller) == before


def test_a_tax_changes_its_kind(shop: Shop) -> None:
    tax = shop.post("/v1/tax-rates", code="vat", name="VAT", rate=D("0.20"))
    path = f"/v1/tax-rates/{tax['id']}"

    exempt = shop.done(shop.caller.patch(path, {"kind": "exempt", "reason": EDUCATION}))
    assert (exempt["kind"], exempt["rate"], len(exempt["components"])) == ("exempt", 0, 1)
    assert shop.caller.patch(path, {"reason": ""}).fields == ["reason"]
    assert shop.caller.patch(path, {"rate": D("0.05")}).fields == ["rate"]
    again = shop.done(shop.caller.patch(path, {"kind": "standard", "rate": D("0.05")}))
    assert (again["kind"], again["rate"]) == ("standard", D("0.05"))
    free = shop.done(shop.caller.patch(path, {"rate": 0}))
    assert (free["kind"], free["rate"]) == ("zero", 0)


def test_an_account_that_holds_tax_stays_active_and_is_no_control_account(shop: Shop) -> None:
    quebec(shop)
    before = contents(shop.caller)

    closed = shop.caller.patch("/v1/accounts/acc_2210", {"is_active": False})
    control = shop.caller.patch("/v1/sales-settings", {"customer_deposits_id": "acc_2210"})

    assert (closed.status, control.status, control.fields) == (422, 400, ["customer_deposits_id"])
    assert contents(shop.caller) == before


def test_the_tax_of_a_foreign_invoice_is_posted_in_base(shop: Shop) -> None:
    """100.00 EUR at 1.10: GST of 5.00 EUR is 5.50, QST of 9.98 EUR is 10.98 (9.98 x 1.10 = 10.978)."""
    quebec(shop)
    buyer = shop.customer(currency="EUR")
    lines = [line("100.00", "quebec")]
    body = {"customer_id": buyer["id"], "invoice_date": "2024-03-10", "exchange_rate": D("1.10"), "lines": lines}

    shop.send(shop.post("/v1/invoices", **body))

    books = shop.books()
    assert (books["GST Payable"], books["QST Payable"]) == (D("-5.50"), D("-10.98"))
