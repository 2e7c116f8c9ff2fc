"""The part `graphql` of the bench: a customer with unpaid invoices in one query, and in REST's two requests."""

from __future__ import annotations

import json
import os
import urllib.request

from bench import books, page, stack
from bench.load import Load, Render, request, run

INVOICES = 10
CONNECTIONS = (1, 8)
_WARM_UP_SECONDS = 1.0
# The example of the API reference.
_QUERY = """
query GetCustomerWithInvoices($customerId: ID!) {
  customer(id: $customerId) {
    id name email balance
    invoices(status: UNPAID) {
      edges { node { id number date dueDate total amountDue status } }
      pageInfo { hasNextPage endCursor }
    }
  }
}
"""


def figures() -> str:
    seconds, rounds = float(os.environ.get("SEC", "3")), int(os.environ.get("RUNS", "5"))
    rows = []
    with stack.database(), stack.api() as port:
        owner = books.make("graphql", 10)
        both, pair = _requests(owner, port)
        for connections in CONNECTIONS:

            def load(render: Render, of: float = seconds, at: int = connections) -> Load:
                return run(port, render, connections=at, seconds=of, status=200)

            for render in (both, *pair):
                load(render, _WARM_UP_SECONDS)
            graphql, rest = [], []
            for _ in range(rounds):
                graphql.append(load(both).rate)
                rest.append(1 / sum(1 / load(each, seconds / 2).rate for each in pair))
            shares = [one / two for one, two in zip(graphql, rest, strict=True)]
            whole = "{:.0f}".format
            rows.append(
                [
                    str(connections),
                    page.spread(graphql, whole),
                    page.spread(rest, whole),
                    page.spread(shares, "{:.2f}".format),
                ]
            )
    head = ["connections", "GraphQL queries/s", "REST pairs/s", "GraphQL by REST"]
    about = f"A customer with {INVOICES} unpaid invoices; {rounds} alternating rounds of {seconds:g} s"
    shown = f"{page.measured_on()}; client, API and database share it. {about} (min / median / max)."
    return f"{shown}\n\n{page.table(head, rows)}"


def _requests(owner: books.Books, port: int) -> tuple[Render, list[Render]]:
    customer = _post(owner, port, "customers", {"name": "Northwind", "email": "pay@northwind.example"})["id"]
    for price in range(INVOICES):
        lines = [{"description": "Advice", "quantity": 1, "unit_price": 100 + price}]
        invoice = _post(owner, port, "invoices", {"customer_id": customer, "lines": lines})
        _post(owner, port, f"invoices/{invoice['id']}/send", {"deliver": False})
    asked = json.dumps({"query": _QUERY, "variables": {"customerId": customer}}).encode()
    both = request("POST", "/graphql/v1", owner.api_key, asked)
    pair = [
        request("GET", f"/v1/customers/{customer}", owner.api_key),
        request("GET", f"/v1/invoices?customer_id={customer}&status[in]=sent,overdue&amount_due[gt]=0", owner.api_key),
    ]
    return lambda: both, [lambda: pair[0], lambda: pair[1]]


def _post(owner: books.Books, port: int, path: str, body: object) -> dict[str, str]:
    asked = urllib.request.Request(
        f"http://127.0.0.1:{port}/v1/{path}",
        json.dumps(body).encode(),
        {"Authorization": f"Bearer {owner.api_key}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(asked) as answer:
        found: dict[str, str] = json.load(answer)
        return found
