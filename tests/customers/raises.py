"""What raises each event of customers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.conftest import Caller
from tests.sales import Shop


def on_customer(method: str, change: Any = None) -> Callable[[Caller], object]:
    return lambda caller: caller.request(method, f"/v1/customers/{Shop(caller).customer()['id']}", change)


def over_limit(caller: Caller) -> None:
    shop = Shop(caller)
    shop.sent("1.01", customer=shop.customer(credit_limit=1)["id"])


RAISES: dict[str, Callable[[Caller], object]] = {
    "customer.created": lambda caller: Shop(caller).customer(),
    "customer.updated": on_customer("PATCH", {"name": "Seller"}),
    "customer.deleted": on_customer("DELETE"),
    "customer.credit_limit_exceeded": over_limit,
}
