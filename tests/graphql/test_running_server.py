"""The reference's question to a server as `manage.py up` starts it."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from bigledger.sandbox.demo import Demo
from tests.contract.test_graphql import printed
from tests.running import api_server

pytestmark = pytest.mark.xdist_group("whole machine")


def test_the_customer_with_invoices(committed_demo: Demo, committed: None) -> None:
    body: dict[str, Any] = {
        "query": printed("Get Customer with Invoices"),
        "variables": {"customerId": "cust_123456"},
        "operationName": "GetCustomerWithInvoices",
        "extensions": {},
    }
    with api_server() as base, httpx.Client(headers={"Authorization": f"Bearer {committed_demo.api_key}"}) as client:
        answers = [client.post(f"{base}/graphql", json=body) for _ in range(3)]
        stranger = client.post(f"{base}/graphql", json=body, headers={"Authorization": ""})

    assert {answer.status_code for answer in answers} == {200}
    customer = answers[0].json()["data"]["customer"]
    assert (customer["name"], customer["balance"]) == ("Acme Corporation", 12500)
    assert '"balance":12500.00' in answers[0].text
    assert {answer.text for answer in answers} == {answers[0].text}
    assert stranger.status_code == 401
