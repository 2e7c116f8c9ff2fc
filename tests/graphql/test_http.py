"""GraphQL over HTTP: what the whole request is answered, the limits of a document, exact numbers."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest

from bigledger.access.limits import plans
from bigledger.graphql.limits import MAX_ALIASES, MAX_COST
from tests.conftest import Answer, Caller, make_tenant
from tests.graphql.walk import ask
from tests.sales import Shop

_ANY = "{ accounts { totalCount } }"


def _refusal(answer: Answer) -> tuple[int, str, str | None]:
    """The status, code, and the limit of the one error; there are no data."""
    assert answer.body["data"] is None
    (error,) = answer.body["errors"]
    details = error["extensions"]["details"]
    return answer.status, error["extensions"]["code"], details[0].get("limit") if details else None


@pytest.mark.parametrize("path", ["/graphql", "/graphql/v1"])
def test_the_addresses(acme: Caller, path: str) -> None:
    assert acme.post(path, {"query": _ANY}).body == {"data": {"accounts": {"totalCount": 0}}}


def test_the_host_of_graphql_has_it_at_v1(acme: Caller) -> None:
    assert acme.post("/v1", {"query": _ANY}, host="graphql.example.com").body == {
        "data": {"accounts": {"totalCount": 0}}
    }
    elsewhere = acme.post("/v1", {"query": _ANY}, host="api.example.com")
    assert (elsewhere.status, elsewhere.error["code"]) == (404, "RESOURCE_NOT_FOUND")


def test_without_a_credential_or_with_a_wrong_one(acme: Caller) -> None:
    missing = acme.client.post("/graphql", {"query": _ANY}, content_type="application/json")
    wrong = acme.post("/graphql", {"query": _ANY}, authorization="Bearer blg_sandbox_wrong")

    assert (missing.status_code, wrong.status) == (401, 401)
    assert missing.json()["error"]["code"] == wrong.error["code"] == "AUTHENTICATION_FAILED"
    assert missing["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        (b"{", []),
        (b"[]", []),
        (b'[{"query": "{ tenant { id } }"}]', []),
        (b"{}", ["query"]),
        (b'{"query": 1, "variables": [], "operationName": 2}', ["query", "variables", "operationName"]),
        (b'{"query": "{ tenant { id } }", "query": "x"}', ["query"]),
        (b'{"query": "{ tenant { id } }", "variables": {"a": NaN}}', ["variables.a"]),
    ],
)
def test_a_body_that_is_no_question(acme: Caller, body: bytes, fields: list[str]) -> None:
    answer = acme.post("/graphql", body)

    assert (answer.status, answer.error["code"], answer.fields) == (400, "VALIDATION_ERROR", fields)


def test_other_ways_to_ask_are_refused_as_with_rest(acme: Caller) -> None:
    assert acme.request("PUT", "/graphql", {"query": _ANY}).error["code"] == "METHOD_NOT_ALLOWED"
    assert acme.post("/graphql?query={tenant{id}}", {"query": _ANY}).fields == ["query"]
    form = acme.client.post("/graphql", {"query": _ANY}, HTTP_AUTHORIZATION=f"Bearer {acme.api_key}")
    assert (form.status_code, form.json()["error"]["code"]) == (415, "UNSUPPORTED_MEDIA_TYPE")
    large = acme.post("/graphql", {"query": _ANY, "variables": {"a": "x" * 6_000_000}})
    assert (large.status, large.error["code"]) == (413, "PAYLOAD_TOO_LARGE")


def test_the_requests_of_a_plan_count(db_access: None) -> None:
    caller = make_tenant("Free", plan="free")

    first = caller.post("/graphql", {"query": _ANY})
    assert first.response["X-RateLimit-Limit"] == str(plans.PLANS["free"].requests_per_hour)
    left = int(first.response["X-RateLimit-Remaining"])
    second = caller.get("/v1/accounts")
    assert int(second.response["X-RateLimit-Remaining"]) == left - 1
    answers = [caller.post("/graphql", {"query": _ANY}) for _ in range(40)]
    refused = [answer for answer in answers if answer.status == 429]
    assert refused
    assert refused[0].error["code"] == "RATE_LIMIT_EXCEEDED"
    assert "Retry-After" in refused[0].response


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("{", "Syntax Error"),
        ("{ nothing }", "Cannot query field"),
        ("query A { tenant { id } } query B { tenant { id } }", "operation name"),
        ("subscription { invoiceCreated { id } }", "Subscriptions"),
        ("query ($a: ID!) { account(id: $a) { id } }", "required type"),
        ("query { account(id: $accountId) { id } }", "not defined"),
        ("mutation { sendInvoice(id: $invoiceId) { id } }", "not defined"),
        (
            "fragment a on Account { ...b } fragment b on Account { ...a } { accounts { edges { node { ...a } } } }",
            "itself",
        ),
    ],
)
def test_what_graphql_refuses_is_200_with_an_error(acme: Caller, query: str, message: str) -> None:
    answer = acme.post("/graphql", {"query": query})

    assert (answer.status, answer.body["data"]) == (200, None)
    assert message in answer.body["errors"][0]["message"]
    assert answer.body["errors"][0]["extensions"]["code"] == "VALIDATION_ERROR"


def test_an_operation_is_chosen_by_its_name(acme: Caller) -> None:
    query = "query A { tenant { name } } query B { accounts { totalCount } }"

    assert acme.post("/graphql", {"query": query, "operationName": "A"}).body == {"data": {"tenant": {"name": "Acme"}}}
    assert "Unknown operation" in acme.post("/graphql", {"query": query, "operationName": "C"}).text


def test_a_document_has_a_depth(acme: Caller) -> None:
    deep = "{ customers { edges { node { invoices { edges { node { payments { edges { node { %s } } } } } } } } } }"

    assert _refusal(ask(acme, deep % "id")) == (200, "VALIDATION_ERROR", "cost")  # 20 * 20 * 20
    assert ask(acme, deep.replace("{ edges", "(limit: 5) { edges", 1).replace("payments {", "payments(limit: 2) {")
               % "id").body["data"] is not None  # fmt: skip
    assert _refusal(ask(acme, deep % "customer { id }")) == (200, "VALIDATION_ERROR", "depth")
    hidden = deep % "...a" + " fragment a on Payment { customer { id } }"
    assert _refusal(ask(acme, hidden)) == (200, "VALIDATION_ERROR", "depth")


@pytest.mark.parametrize(
    ("limit", "cost"),
    [("", 20 * 21), ("(limit: 100)", 100 * 21), ("(limit: 1)", 21), ("(limit: -5)", 20 * 21)],
)
def test_a_document_has_a_cost(acme: Caller, limit: str, cost: int) -> None:
    factor = MAX_COST // cost
    fields = " ".join(f"a{n}: customers{limit} {{ edges {{ node {{ invoices {{ edges {{ node {{ id }} }} }} }} }} }}"
                      for n in range(min(factor + 1, 30)))  # fmt: skip
    answer = ask(acme, f"{{ {fields} }}")

    if factor < MAX_ALIASES:
        assert _refusal(answer) == (200, "VALIDATION_ERROR", "cost")
        assert f"costs {cost * (factor + 1):,}" in answer.text
    else:
        assert _refusal(answer) == (200, "VALIDATION_ERROR", "aliases")


def test_a_limit_in_a_variable_counts(acme: Caller) -> None:
    query = """query ($n: Int = 100) { customers(limit: $n) { edges { node { invoices(limit: $n) { totalCount
        edges { node { id } } } } } } }"""

    assert _refusal(ask(acme, query)) == (200, "VALIDATION_ERROR", "cost")
    assert _refusal(ask(acme, query, n=90)) == (200, "VALIDATION_ERROR", "cost")
    assert ask(acme, query, n=10).body["data"] == {"customers": {"edges": []}}


def test_a_field_stands_twenty_times_in_a_selection(acme: Caller) -> None:
    def query(times: int) -> str:
        return f"{{ tenant {{ {' '.join(f'a{n}: name' for n in range(times))} }} }}"

    assert len(ask(acme, query(MAX_ALIASES)).body["data"]["tenant"]) == MAX_ALIASES
    assert _refusal(ask(acme, query(MAX_ALIASES + 1))) == (200, "VALIDATION_ERROR", "aliases")
    same = "{ tenant { %s } }" % ("name " * 1000)
    assert _refusal(ask(acme, same)) == (200, "VALIDATION_ERROR", "aliases")


def test_fragments_do_not_multiply_without_end(acme: Caller) -> None:
    names = [f"f{n}" for n in range(30)]
    bombs = " ".join(
        f"fragment {name} on Tenant {{ ...{after} ... on Tenant {{ ...{after} }} }}" for name, after in pairwise(names)
    )
    answer = ask(acme, f"{{ tenant {{ ...f0 }} }} {bombs} fragment f29 on Tenant {{ name }}")

    assert _refusal(answer)[2] in ("fields", "aliases")


def test_introspection_is_allowed_and_bounded(acme: Caller) -> None:
    from graphql import get_introspection_query

    answer = ask(acme, get_introspection_query(input_value_deprecation=True))

    assert "errors" not in answer.body
    assert {"Query", "Mutation", "Subscription"} <= {
        type_["name"] for type_ in answer.body["data"]["__schema"]["types"]
    }
    bomb = "{ __schema { types { fields { type { fields { type { fields { type { fields { name } } } } } } } } } }"
    assert ask(acme, bomb).body["data"] is None


def test_amounts_are_exact_in_both_directions(acme: Caller, shop: Shop) -> None:
    sale = {"customerId": "cust_123456", "lines": [{"description": "W", "quantity": 3, "unitPrice": Decimal("0.10")}]}
    by_variable = ask(acme, "mutation ($i: CreateInvoiceInput!) { createInvoice(input: $i) { total } }", i=sale)
    literal = """mutation { createInvoice(input: {customerId: "cust_123456",
        lines: [{description: "W", quantity: 1, unitPrice: 123456789012.34}]
        }) { total lines { quantity unitPrice } } }"""

    assert '"total":0.30}' in by_variable.text
    assert ask(acme, literal).text == (
        '{"data":{"createInvoice":{"total":123456789012.34,"lines":[{"quantity":1,"unitPrice":123456789012.34}]}}}'
    )


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
