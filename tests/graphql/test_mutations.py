"""Mutations: the services of REST, a savepoint each, repeated safely, and tried out."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from bigledger.graphql import writes
from tests.conftest import Answer, Caller
from tests.graphql.walk import ask
from tests.sales import Shop

_CASH = {"code": "1001", "name": "Petty Cash", "type": "ASSET", "subtype": "CURRENT_ASSET", "currency": "USD"}
_SALE = {"customerId": "cust_123456", "lines": [{"description": "Work", "quantity": 1, "unitPrice": Decimal("20.50")}]}
_CREATE_ACCOUNT = "mutation ($input: CreateAccountInput!) { createAccount(input: $input) { id code balance type } }"


def _done(answer: Answer) -> Any:
    assert "errors" not in answer.body, answer.text
    return answer.body["data"]


def test_an_account_from_its_making_to_its_end(acme: Caller) -> None:
    made = _done(ask(acme, _CREATE_ACCOUNT, input={**_CASH, "openingBalance": Decimal("1000.00")}))["createAccount"]
    assert (made["code"], made["balance"], made["type"]) == ("1001", Decimal("1000.00"), "ASSET")
    change = (
        "mutation ($id: ID!, $input: UpdateAccountInput!) { updateAccount(id: $id, input: $input) { name isActive } }"
    )
    assert _done(ask(acme, change, id="acc_1001", input={"name": "Till", "isActive": False})) == {
        "updateAccount": {"name": "Till", "isActive": False}
    }
    refused = ask(acme, 'mutation { deleteAccount(id: "acc_1001") { id deleted } }')
    assert refused.body["data"] == {"deleteAccount": None}
    extensions = refused.body["errors"][0]["extensions"]
    assert (extensions["code"], extensions["details"][0]["rule"]) == ("BUSINESS_RULE_VIOLATION", "account_in_use")

    empty = _done(ask(acme, _CREATE_ACCOUNT, input=_CASH | {"code": "1002"}))["createAccount"]
    gone = _done(ask(acme, 'mutation { deleteAccount(id: "acc_1002") { id deleted } }'))
    assert gone == {"deleteAccount": {"id": empty["id"], "deleted": True}}
    assert acme.get("/v1/accounts/acc_1002").status == 404


def test_an_invoice_is_made_sent_paid_and_another_voided(acme: Caller, shop: Shop) -> None:
    text = """
        mutation ($sale: CreateInvoiceInput!, $pay: CreatePaymentInput!) {
          createInvoice(input: $sale) { id total lines { unitPrice } }
          sendInvoice(id: $invoiceId, to: ["a@example.com"]) { status amountDue }
          createPayment(input: $pay) { id amountUnapplied method }
          applyPayment(paymentId: $paymentId, invoiceId: $invoiceId) {
            amount invoice { status amountDue } payment { amountUnapplied }
          }
        }"""
    pay = {"customerId": "cust_123456", "amount": Decimal("20.50"), "method": "BANK_TRANSFER"}

    answer = ask(acme, text, sale=_SALE, pay=pay)

    done = _done(answer)
    assert done["sendInvoice"] == {"status": "SENT", "amountDue": Decimal("20.50")}
    assert done["createPayment"]["amountUnapplied"] == Decimal("20.50")
    assert done["applyPayment"] == {
        "amount": Decimal("20.50"),
        "invoice": {"status": "PAID", "amountDue": 0},
        "payment": {"amountUnapplied": 0},
    }
    assert '"amountUnapplied":0.00' in answer.text
    assert shop.books()["Accounts Receivable"] == 0 if "Accounts Receivable" in shop.books() else True

    other = shop.sent("5.00")
    void = "mutation ($id: ID!, $reason: String!) { voidInvoice(id: $id, reason: $reason) { status voidReason } }"
    assert _done(ask(acme, void, id=other["id"], reason="Made out twice")) == {
        "voidInvoice": {"status": "VOID", "voidReason": "Made out twice"}
    }


def test_a_card_pays_and_is_declined(acme: Caller, shop: Shop) -> None:
    text = (
        "mutation ($input: CreatePaymentInput!) { createPayment(input: $input) { status failureCode card { last4 } } }"
    )
    card = {"number": "4000 0000 0000 0002", "expMonth": 12, "expYear": 2199, "cvc": "123"}
    pay = {"customerId": "cust_123456", "amount": Decimal("1.00"), "method": "CARD", "card": card}

    declined = _done(ask(acme, text, input=pay))["createPayment"]

    assert (declined["status"], declined["card"]) == ("FAILED", {"last4": "0002"})


def test_each_mutation_has_its_own_savepoint(acme: Caller, shop: Shop) -> None:
    text = """
        mutation ($good: CreateAccountInput!, $bad: CreateAccountInput!, $last: CreateAccountInput!) {
          first: createAccount(input: $good) { code }
          second: createAccount(input: $bad) { code }
          third: createAccount(input: $last) { code }
        }"""

    answer = ask(acme, text, good=_CASH, bad=_CASH, last=_CASH | {"code": "1002"})

    assert answer.status == 200
    assert answer.body["data"] == {"first": {"code": "1001"}, "second": None, "third": {"code": "1002"}}
    (error,) = answer.body["errors"]
    assert (error["path"], error["extensions"]["code"]) == (["second"], "CONFLICT")
    assert [detail["field"] for detail in error["extensions"]["details"]] == ["input.code"]
    assert acme.get("/v1/accounts/acc_1001").status == acme.get("/v1/accounts/acc_1002").status == 200


def test_faults_of_an_input_are_all_told_with_their_paths(acme: Caller, shop: Shop) -> None:
    lines = [
        {"description": "Work", "quantity": 0, "unitPrice": Decimal("1.00")},
        {"description": "Work", "quantity": 1, "unitPrice": Decimal("0.00000000001")},
    ]
    text = "mutation ($input: CreateInvoiceInput!) { createInvoice(input: $input) { id } }"

    answer = ask(acme, text, input={"customerId": "cust_123456", "invoiceDate": "tomorrow", "lines": lines})

    assert answer.body["data"] == {"createInvoice": None}
    extensions = answer.body["errors"][0]["extensions"]
    assert (extensions["code"], extensions["request_id"][:4]) == ("VALIDATION_ERROR", "req_")
    assert extensions["documentation_url"].endswith("/docs/api/errors#VALIDATION_ERROR")
    assert [(detail["field"], detail["code"]) for detail in extensions["details"]] == [
        ("input.invoiceDate", "not_a_date"),
        ("input.lines[0].quantity", "out_of_range"),
        ("input.lines[1].unitPrice", "too_many_digits"),
    ]


@pytest.mark.parametrize(
    ("given", "field", "code"),
    [
        ({"customerId": "cust_1", "lines": [{"quantity": "1"}]}, "input.lines[0].quantity", "not_a_number"),
        ({"customerId": "cust_1", "lines": [], "total": 1}, "input", "unknown_field"),
        ({"lines": []}, "input", "required"),
        (
            {"customerId": "cust_1", "lines": [{"quantity": 1, "taxRate": True}]},
            "input.lines[0].taxRate",
            "not_a_number",
        ),
    ],
)
def test_a_variable_of_the_wrong_kind_is_named(acme: Caller, given: Any, field: str, code: str) -> None:
    text = "mutation ($input: CreateInvoiceInput!) { createInvoice(input: $input) { id } }"

    answer = ask(acme, text, input=given)

    assert (answer.status, answer.body["data"]) == (200, None)
    extensions = answer.body["errors"][0]["extensions"]
    assert extensions["code"] == "VALIDATION_ERROR"
    assert [(detail["field"], detail["code"]) for detail in extensions["details"]] == [(field, code)]


def test_a_key_answers_again_without_doing_it_again(acme: Caller) -> None:
    body = {"query": _CREATE_ACCOUNT, "variables": {"input": _CASH}}

    first = acme.post("/graphql", body, idempotency_key="one")
    again = acme.post("/graphql", body, idempotency_key="one")
    other = acme.post("/graphql", body | {"variables": {"input": _CASH | {"code": "9"}}}, idempotency_key="one")

    assert _done(first)["createAccount"]["code"] == "1001"
    assert (again.text, again.response["Idempotent-Replayed"]) == (first.text, "true")
    assert (other.status, other.error["code"]) == (409, "IDEMPOTENCY_CONFLICT")
    assert acme.get("/v1/accounts").body["meta"]["total"] == 1


def test_a_rehearsal_shows_everything_and_keeps_nothing(acme: Caller, shop: Shop) -> None:
    invoice = shop.invoice()
    text = """mutation ($id: ID!) { sendInvoice(id: $id, validateOnly: true) {
        status customer { balance } journalEntry { totalDebit } } }"""

    answer = ask(acme, text, id=invoice["id"])

    assert _done(answer)["sendInvoice"] == {
        "status": "SENT",
        "customer": {"balance": Decimal("1458.00")},
        "journalEntry": {"totalDebit": Decimal("1458.00")},
    }
    rehearsed = answer.body["extensions"]["validateOnly"]["sendInvoice"]
    assert sum(line["debit"] for line in rehearsed["journal_lines"]) == Decimal("1458.00")
    assert "invoice.sent" in [event["type"] for event in rehearsed["events"]]
    assert shop.again(invoice)["status"] == "draft"
    assert shop.balance() == 0


def test_only_what_is_rehearsed_is_rolled_back(acme: Caller) -> None:
    text = """
        mutation ($one: CreateAccountInput!, $two: CreateAccountInput!) {
          one: createAccount(input: $one) { code }
          two: createAccount(input: $two, validateOnly: true) { code }
        }"""

    answer = ask(acme, text, one=_CASH, two=_CASH | {"code": "1002"})

    assert _done(answer) == {"one": {"code": "1001"}, "two": {"code": "1002"}}
    assert acme.get("/v1/accounts/acc_1001").status == 200
    assert acme.get("/v1/accounts/acc_1002").status == 404


def test_a_failure_of_ours_leaves_nothing_and_can_be_repeated(acme: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    text = """
        mutation ($one: CreateAccountInput!) {
          createAccount(input: $one) { code }
          deleteAccount(id: "acc_1001") { id }
        }"""
    body = {"query": text, "variables": {"one": _CASH}}

    with monkeypatch.context() as broken:
        broken.setattr(writes, "find", lambda *_: 1 / 0)
        answer = acme.post("/graphql", body, idempotency_key="again")
    assert (answer.status, answer.body["data"]) == (500, None)
    assert [error["extensions"]["code"] for error in answer.body["errors"]] == ["INTERNAL_ERROR"]
    assert "division" not in answer.text
    assert acme.get("/v1/accounts").body["meta"]["total"] == 0

    again = acme.post("/graphql", body, idempotency_key="again")
    assert again.status == 200
    assert _done(again)["createAccount"] == {"code": "1001"}


def test_a_draft_keeps_the_reads_of_a_document_fresh(acme: Caller, shop: Shop) -> None:
    """What an earlier field has read is read again after a later one has changed it."""
    invoice = shop.invoice()
    text = """
        mutation ($id: ID!) {
          updateCustomer(id: "cust_123456", input: {phone: "1"}) { balance }
          sendInvoice(id: $id) { customer { balance } }
        }"""

    done = _done(ask(acme, text, id=invoice["id"]))

    assert done == {
        "updateCustomer": {"balance": 0},
        "sendInvoice": {"customer": {"balance": Decimal("1458.00")}},
    }


def test_a_write_off_is_undone(acme: Caller, shop: Shop, globex: Caller) -> None:
    invoice = shop.sent("20.50")
    give_up = """mutation ($id: ID!) {
        writeOffInvoice(id: $id, kind: BAD_DEBT, reason: "Lost") { status amountDue writeOffs { id amount } } }"""
    lost = _done(ask(acme, give_up, id=invoice["id"]))["writeOffInvoice"]
    assert (lost["status"], lost["amountDue"]) == ("WRITTEN_OFF", Decimal("0.00"))
    write_off = lost["writeOffs"][0]["id"]
    undo = """mutation ($id: ID!) {
        undoWriteOff(id: $id, reason: "Paid after all") { id status amountDue writeOffs { amountUndone } } }"""
    unknown = ask(globex, undo, id=write_off)
    assert (unknown.body["data"], unknown.body["errors"][0]["extensions"]["code"]) == (
        {"undoWriteOff": None}, "RESOURCE_NOT_FOUND",
    )  # fmt: skip

    due_again = _done(ask(acme, undo, id=write_off))["undoWriteOff"]

    assert due_again == {
        "id": invoice["id"], "status": "SENT", "amountDue": Decimal("20.50"),
        "writeOffs": [{"amountUndone": Decimal("20.50")}],
    }  # fmt: skip
    twice = ask(acme, undo, id=write_off)
    assert twice.body["errors"][0]["extensions"]["details"][0]["rule"] == "write_off_undone"
    assert shop.again(invoice)["amount_due"] == Decimal("20.50")
