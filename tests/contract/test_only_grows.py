"""`/v1` only ever grows: today's document against each released one in `tests/contract/released/`.

When a version is released, its openapi.json is copied there as `<version>.json`.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bigledger.docs.openapi import encoded
from tests.contract.growth import losses

RELEASED = sorted((Path(__file__).parent / "released").glob("*.json"))


def today() -> dict[str, Any]:
    document: dict[str, Any] = json.loads(encoded())
    return document


def test_nothing_released_went_away() -> None:
    assert {path.stem: losses(json.loads(path.read_text()), today()) for path in RELEASED} == {
        path.stem: [] for path in RELEASED
    }


def test_growing_is_no_loss() -> None:
    grown = copy.deepcopy(today())
    grown["paths"]["/v1/wishes"] = {"get": {"responses": {"200": {}}}}
    grown["components"]["schemas"]["Account"]["properties"]["colour"] = {"type": "string"}

    assert losses(today(), grown) == []


def _drop_path(document: dict[str, Any]) -> None:
    del document["paths"]["/v1/accounts/{id}"]["patch"]


def _drop_field(document: dict[str, Any]) -> None:
    del document["components"]["schemas"]["Account"]["properties"]["balance"]


def _drop_enum_member(document: dict[str, Any]) -> None:
    document["components"]["schemas"]["Error"]["properties"]["error"]["properties"]["code"]["enum"].remove("CONFLICT")


def _change_type(document: dict[str, Any]) -> None:
    document["components"]["schemas"]["Account"]["properties"]["balance"]["type"] = "string"


def _require(document: dict[str, Any]) -> None:
    document["components"]["schemas"]["AccountInput"]["required"].append("currency")


def _drop_parameter(document: dict[str, Any]) -> None:
    parameters = document["paths"]["/v1/accounts"]["get"]["parameters"]
    parameters[:] = [p for p in parameters if p["name"] != "type"]


@pytest.mark.parametrize(
    ("change", "loss"),
    [
        (_drop_path, "PATCH /v1/accounts/{id} is gone"),
        (_drop_field, "Account.balance is gone"),
        (_drop_enum_member, "Error.error.code: CONFLICT is gone"),
        (_change_type, "Account.balance: type number became string"),
        (_require, "AccountInput.currency became required"),
        (_drop_parameter, "GET /v1/accounts: parameter type is gone"),
    ],
    ids=lambda value: getattr(value, "__name__", value),
)
def test_each_kind_of_loss_is_seen(change: Callable[[dict[str, Any]], None], loss: str) -> None:
    changed = copy.deepcopy(today())
    change(changed)

    assert losses(today(), changed) == [loss]


def test_no_two_operations_have_one_name() -> None:
    """Two views of one resource with actions of one name would be told apart by a number in clients."""
    operations = [one for path in today()["paths"].values() for one in path.values() if isinstance(one, dict)]

    names = [one["operationId"] for one in operations if "operationId" in one]
    assert len(names) > 100
    assert len(set(names)) == len(names)
    assert [name for name in names if name.rpartition("_")[2].isdigit()] == []
