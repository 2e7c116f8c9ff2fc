"""The files and bodies that the description of the API shows work on the demo books."""

from __future__ import annotations

import pytest

from tests.conftest import Caller
from tests.world import OPERATIONS, Operation

IMPORTS = [operation for operation in OPERATIONS if operation.action == "import_rows"]


@pytest.mark.parametrize("operation", IMPORTS, ids=str)
def test_an_example_of_an_import_works(demo: Caller, operation: Operation) -> None:
    assert operation.description and operation.description.csv

    answer = demo.send_csv(operation.path({}), operation.description.csv)

    assert answer.status == 201, answer.text


def test_the_example_of_opening_balances_works(demo: Caller) -> None:
    (operation,) = [operation for operation in OPERATIONS if operation.route == "opening-balances"]
    assert operation.description

    answer = demo.post("/v1/opening-balances", operation.description.example)

    assert answer.status == 201, answer.text
