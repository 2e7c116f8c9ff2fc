"""update_sales_settings: PATCH /v1/sales-settings."""

from __future__ import annotations

from typing import Any

import pytest

from tests.breaking import contents
from tests.conftest import Caller
from tests.sales import Shop

PATH = "/v1/sales-settings"


def test_the_given_fields_change_and_no_other(shop: Shop) -> None:
    before = shop.read(PATH)

    changed = shop.done(shop.caller.patch(PATH, {"tax_rounding": "line"}))

    assert (before["tax_rounding"], changed["tax_rounding"]) == ("document", "line")
    assert {k: v for k, v in changed.items() if v != before[k]}.keys() <= {"tax_rounding", "updated_at"}
    assert shop.read(PATH) == changed


@pytest.mark.parametrize(
    ("change", "field"), [({"tax_rounding": "never"}, "tax_rounding"), ({"colour": "red"}, "colour")]
)
def test_a_fault_is_named_and_nothing_changes(shop: Shop, change: dict[str, Any], field: str) -> None:
    before = contents(shop.caller)

    refused = shop.caller.patch(PATH, {"refuse_over_credit_limit": True} | change)

    assert (refused.status, refused.fields) == (400, [field])
    assert contents(shop.caller) == before


def test_a_viewer_may_not(shop: Shop, acme_viewer: Caller) -> None:
    before = contents(shop.caller)

    assert acme_viewer.patch(PATH, {"tax_rounding": "line"}).status == 403
    assert contents(shop.caller) == before
