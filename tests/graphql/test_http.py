"""GraphQL over HTTP: what the whole request is answered, the limits of a document, exact numbers."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise

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
    for method in ("GET", "PUT"):
        other = acme.request(method, "/graphql", {"query": _ANY})
        assert (other.error["code"], other.response["Allow"]) == ("METHOD_NOT_ALLOWED", "POST")
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


_NASTY = {
    "empty": "",
    "nul": "{ a\x00 }",
    "nul in an id": '{ account(id: "acc_\\u0000") { id } }',
    "surrogate in an id": '{ account(id: "acc_\\uD800") { id } }',
    "surrogate in a search": '{ accounts(filter: {search: "\\uD800"}) { totalCount } }',
    "long id": '{ account(id: "acc_%s") { id } }' % ("x" * 5000),
    "no id at all": '{ account(id: "") { id } }',
    "another kind of id": '{ account(id: "cust_1") { id } }',
    "braces": "{" * 3000,
    "lists": "{ accounts(filter: {codeIn: %s}) { totalCount } }" % ("[" * 900 + "]" * 900),
    "inline fragments": "{{ tenant {} name {} }}".format("{ ... on Tenant " * 300, "}" * 300),
    "huge number": "mutation { createAccount(input: {openingBalance: %s}) { id } }" % ("9" * 3000),
    "huge exponent": "{ invoices(filter: {total: 1e999999999}) { totalCount } }",
    "a huge page": "{ accounts(page: 2147483647) { totalCount } }",
    "a name of Python's": "{ __class__ }",
    "a type by name": '{ __type(name: "Account") { name } }',
    "a directive": "{ accounts @include(if: $nothing) { totalCount } }",
    "a variable that is a list": "query ($id: [ID!]) { account(id: $id) { id } }",
    "a null": "{ account(id: null) { id } accounts(filter: null, limit: null, sort: null) { totalCount } }",
    "nothing twice": "fragment a on Account { id } fragment a on Account { id } { accounts { totalCount } }",
    "a block string": '{ account(id: """acc_1""") { id } }',
}


@pytest.mark.parametrize("name", _NASTY)
def test_nothing_that_is_sent_is_a_failure_of_ours(acme: Caller, name: str) -> None:
    answer = acme.post("/graphql", {"query": _NASTY[name]})

    assert answer.status in (200, 400), answer.text
    assert "INTERNAL_ERROR" not in answer.text
    assert answer.status == 400 or "data" in answer.body
