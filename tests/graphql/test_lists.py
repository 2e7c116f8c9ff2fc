"""GraphQL lists: filters, pages and lists below an object. GraphQL reports."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import Caller
from tests.graphql.walk import ask
from tests.sales import Shop


@pytest.mark.parametrize(
    ("arguments", "field", "code"),
    [
        ("limit: 101", "limit", "out_of_range"),
        ("page: 0", "page", "out_of_range"),
        ('after: "x"', "after", "invalid"),
        ('page: 2, after: "x"', "page", "incompatible"),
        ('filter: {dueDateGte: "soon"}', "filter.dueDateGte", "not_a_date"),
        ('filter: {customerId: "acc_1"}', "filter.customerId", None),
        ('filter: {numberIn: ["a,b"]}', "filter.numberIn", "invalid_characters"),
        ("filter: {status: UNPAID, amountDueGt: 1}", "filter.amountDueGt", "incompatible"),
    ],
)
def test_faults_of_a_list_name_its_arguments(acme: Caller, arguments: str, field: str, code: str | None) -> None:
    answer = ask(acme, f"{{ invoices({arguments}) {{ totalCount }} }}")

    assert (answer.status, answer.body["data"]) == (200, {"invoices": None})
    (error,) = answer.body["errors"]
    (detail, *_) = error["extensions"]["details"]
    assert (detail["field"], detail["code"]) == (field, code or detail["code"])


def test_a_list_is_paged_by_number_and_by_cursor(acme: Caller, shop: Shop) -> None:
    made = [shop.invoice("1.00", notes=f"n{n}")["id"] for n in range(5)]
    text = """query ($page: Int, $after: String) {
        invoices(limit: 2, page: $page, after: $after, sort: [CREATED_AT_ASC]) {
        totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor } edges { cursor node { id } } } }"""

    def page(**variables: Any) -> Any:
        return ask(acme, text, **variables).body["data"]["invoices"]

    numbered = [page(page=number) for number in (1, 2, 3, 4)]
    assert [[edge["node"]["id"] for edge in found["edges"]] for found in numbered] == [
        made[:2],
        made[2:4],
        made[4:],
        [],
    ]
    assert [found["pageInfo"]["hasNextPage"] for found in numbered] == [True, True, False, False]
    assert [found["pageInfo"]["hasPreviousPage"] for found in numbered] == [False, True, True, True]
    assert {found["totalCount"] for found in numbered} == {5}

    seen, after = [], None
    while True:
        found = page(after=after)
        seen += [edge["node"]["id"] for edge in found["edges"]]
        after = found["pageInfo"]["endCursor"]
        if not found["pageInfo"]["hasNextPage"]:
            break
    assert seen == made
    assert page(after=numbered[0]["edges"][0]["cursor"])["edges"][0]["node"]["id"] == made[1]


def test_a_list_below_an_object_is_filtered_sorted_and_paged(acme: Caller, shop: Shop) -> None:
    shop.customer(number="two", name="Two")
    first = [shop.sent(f"{n}.00")["id"] for n in (1, 2, 3)]
    second = [shop.sent(f"{n}.00", customer="cust_two")["id"] for n in (4, 5)]
    shop.invoice("9.00")
    text = """query ($after: String) { customers(sort: [NUMBER_ASC]) { edges { node { number
        invoices(status: UNPAID, limit: 2, sort: [TOTAL_DESC], after: $after, filter: {totalGte: 2}) {
          totalCount pageInfo { hasNextPage endCursor } edges { node { id total customer { number } } } } } } } }"""

    nodes = [edge["node"] for edge in ask(acme, text).body["data"]["customers"]["edges"]]

    shown = {node["number"]: [edge["node"]["id"] for edge in node["invoices"]["edges"]] for node in nodes}
    assert shown == {"123456": [first[2], first[1]], "two": [second[1], second[0]]}
    assert [node["invoices"]["totalCount"] for node in nodes] == [2, 2]
    assert {
        edge["node"]["customer"]["number"] == node["number"] for node in nodes for edge in node["invoices"]["edges"]
    } == {True}
    cursor = nodes[0]["invoices"]["pageInfo"]["endCursor"]
    after = [edge["node"] for edge in ask(acme, text, after=cursor).body["data"]["customers"]["edges"]]
    assert [node["invoices"]["edges"] for node in after] == [[], []]


def test_the_ledger_below_an_account_is_that_of_rest(acme: Caller, shop: Shop) -> None:
    for amount in ("1.00", "2.00", "3.00"):
        shop.sent(amount)
    text = """{ accounts { edges { node { code ledger(limit: 2, sort: [DATE_DESC]) { totalCount edges { node {
        id date debit credit balance description journalEntry { number } } } } } } } }"""

    for edge in ask(acme, text).body["data"]["accounts"]["edges"]:
        account = edge["node"]
        rest = acme.get(f"/v1/accounts/acc_{account['code']}/ledger?limit=2&sort=date:desc").body
        assert account["ledger"]["totalCount"] == rest["meta"]["total"]
        shown = [line["node"] for line in account["ledger"]["edges"]]
        for line in shown:
            line["number"] = line.pop("journalEntry")["number"]
        assert shown == [
            {**{name: line[name] for name in ("id", "date", "debit", "credit", "balance", "description")},
             "number": line["journal_entry_number"]} for line in rest["data"]
        ]  # fmt: skip


def test_the_same_document_is_one_answer_whatever_stands_twice(acme: Caller, shop: Shop) -> None:
    """Aliases with other arguments are other lists; the same object behind two ways is read once."""
    shop.sent("1.00")
    shop.sent("2.00")
    text = """{ customer(id: "cust_123456") { small: invoices(filter: {totalLt: 2}) { totalCount }
        all: invoices { totalCount edges { node { customer {
          invoices(limit: 1) { totalCount edges { node { total } } } } } } } } }"""

    found = ask(acme, text).body["data"]["customer"]

    assert (found["small"]["totalCount"], found["all"]["totalCount"]) == (1, 2)
    assert all(len(edge["node"]["customer"]["invoices"]["edges"]) == 1 for edge in found["all"]["edges"])


def test_a_report_is_the_envelope_and_typed(acme: Caller, shop: Shop) -> None:
    shop.sent()
    text = """query ($params: ReportParams) { reports(type: TRIAL_BALANCE, params: $params) {
        type currency params rows totals trialBalance { rows { account { code } debit } totals { debit credit } }
        salesTax { currency } } }"""

    found = ask(acme, text, params={"asOf": "2199-12-31"}).body["data"]["reports"]

    rest = acme.get("/v1/reports/trial_balance?as_of=2199-12-31").body
    assert (found["type"], found["currency"], found["rows"], found["totals"]) == (
        "TRIAL_BALANCE", "USD", rest["rows"], rest["totals"],
    )  # fmt: skip
    assert found["trialBalance"]["totals"] == rest["totals"]
    assert found["salesTax"] is None
    wrong = ask(acme, text, params={"customerId": "cust_123456", "asOf": "soon"})
    assert {detail["field"] for detail in wrong.body["errors"][0]["extensions"]["details"]} == {
        "params.asOf", "params.customerId",
    }  # fmt: skip


def test_deleted_drafts_are_shown_to_whoever_asks_for_them(acme: Caller, shop: Shop) -> None:
    gone = shop.invoice("1.00")
    assert acme.delete(f"/v1/invoices/{gone['id']}").status == 204

    text = "{ all: invoices { totalCount } deleted: invoices(filter: {status: DELETED}) { edges { node { id } } } }"

    found = ask(acme, text).body["data"]
    assert (found["all"]["totalCount"], found["deleted"]["edges"]) == (0, [{"node": {"id": gone["id"]}}])


def test_one_list_under_two_names_is_counted_under_either(acme: Caller, shop: Shop) -> None:
    shop.sent("1.00")
    text = """{ customers { edges { node {
        one: invoices { edges { node { id } } } two: invoices { totalCount } } } } }"""

    (edge,) = ask(acme, text).body["data"]["customers"]["edges"]
    assert edge["node"]["two"] == {"totalCount": 1}


def test_a_closed_list_that_no_filter_knows_is_an_enum(acme: Caller, shop: Shop) -> None:
    lost = shop.sent("20.00")
    shop.post(f"/v1/invoices/{lost['id']}/write-off", kind="bad_debt", amount=1, reason="Lost")
    shop.pay("5.00", invoice_id=lost["id"])
    text = """query ($id: ID!) {
        accounts(filter: {code: "1000"}) { edges { node { normalBalance } } }
        invoice(id: $id) { delivery { status } writeOffs { kind } lines { taxKind } }
        salesSettings { taxRounding unappliedAs badDebtMethod series { document reset } }
        dashboard { latestInvoices { status } latestPayments { status method } }
        tenant { plan } }"""
    found = ask(acme, text, id=lost["id"]).body

    assert "errors" not in found, found
    data = found["data"]
    assert data["invoice"] == {
        "delivery": {"status": "QUEUED"}, "writeOffs": [{"kind": "BAD_DEBT"}], "lines": [{"taxKind": "OUT_OF_SCOPE"}],
    }  # fmt: skip
    assert data["salesSettings"]["series"][0] == {"document": "INVOICE", "reset": "YEARLY"}
    assert data["dashboard"] == {
        "latestInvoices": [{"status": "SENT"}], "latestPayments": [{"status": "RECEIVED", "method": "BANK_TRANSFER"}],
    }  # fmt: skip
    assert data["tenant"]["plan"] in ("FREE", "STARTER", "PROFESSIONAL", "ENTERPRISE")
