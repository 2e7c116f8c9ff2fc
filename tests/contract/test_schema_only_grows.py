"""The schema only ever grows: today's against each released one in `tests/contract/released/`.

When a version is released, its schema.graphql is copied there as `<version>.graphql`.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from graphql import GraphQLSchema, build_schema
from graphql.utilities import find_breaking_changes

from bigledger.schema import SCHEMA

RELEASED = sorted((Path(__file__).parent / "released").glob("*.graphql"))


def losses(old: GraphQLSchema, new: GraphQLSchema) -> list[str]:
    return [change.description for change in find_breaking_changes(old, new)]


def test_nothing_released_went_away() -> None:
    today = build_schema(SCHEMA.text())
    assert {path.stem: losses(build_schema(path.read_text()), today) for path in RELEASED} == {
        path.stem: [] for path in RELEASED
    }


def test_growing_is_no_loss() -> None:
    text = SCHEMA.text().replace("type Account {", "type Account {\n  colour: String", 1)

    assert losses(build_schema(SCHEMA.text()), build_schema(text)) == []


@pytest.mark.parametrize(
    ("was", "is_now", "loss"),
    [
        ("  balance: Decimal!\n  baseBalance", "  baseBalance", "Account.balance was removed."),
        ("  deleteAccount(", "  removeAccount(", "Mutation.deleteAccount was removed."),
        ("  openingDate: Date\n", "  openingDate: Date!\n", "changed type from Date to Date!"),
        ("  CURRENT_ASSET\n", "", "CURRENT_ASSET was removed from enum type AccountSubtype."),
        ("reports(type: ReportType!, params: ReportParams)", "reports(type: ReportType!)", "params was removed."),
    ],
)
def test_each_kind_of_loss_is_seen(was: str, is_now: str, loss: str) -> None:
    assert was in SCHEMA.text()

    found = losses(build_schema(SCHEMA.text()), build_schema(SCHEMA.text().replace(was, is_now, 1)))

    assert any(loss in each for each in found), found
