"""An object of each kind of resource of this app, for the walks."""

from __future__ import annotations

from tests.conftest import Caller


def one_of_each(caller: Caller) -> dict[str, str]:
    made = caller.post("/v1/cost-centers", {"code": "secret", "name": "Secret"})
    assert made.status == 201, made.text
    return {"cost_centers": made.body["id"]}
