"""The quick way through a shape accepts exactly what the long way accepts, as the same values."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rest_framework.serializers import Serializer, ValidationError

from bigledger.api.shapes import Shape
from customers.serializers import CustomerInput
from ledger.serializers import AccountInput, JournalLineInput, NewAccountInput, NewJournalEntryInput

_TEXTS = st.one_of(
    st.text(max_size=30),
    st.sampled_from(
        ["", " ", " padded ", "a" * 1001, "nul\x00", "tab\there", "acc_1000", "acc_", "USD", "asset", "Ümlaut"]
    ),
)
_VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(-10, 10**17), st.decimals(allow_nan=True), _TEXTS,
    st.sampled_from(["2024-01-15", "2024-02-30", Decimal("1.005"), Decimal("1e400"), "posted", "current_asset"]),
)  # fmt: skip
_LINES = st.lists(
    st.dictionaries(st.sampled_from(["account_id", "debit", "credit", "description", "other"]), _VALUES), max_size=3
)


class _LongWay:
    """Stands in front of a shape's own quick way."""

    _quick = None


_LINE = {"account_id": "acc_1000", "debit": Decimal("1.50"), "description": "Rent"}
_ACCOUNT = {"code": "1000", "name": "Cash", "type": "asset", "subtype": "current_asset"}
_VALID: dict[type[Shape], dict[str, Any]] = {
    JournalLineInput: _LINE,
    NewJournalEntryInput: {"date": "2024-01-15", "lines": [_LINE, _LINE]},
    AccountInput: _ACCOUNT,
    NewAccountInput: _ACCOUNT,
    CustomerInput: {"name": "Buyer", "email": "buyer@example.com"},
}


@pytest.mark.parametrize("shape", _VALID)
@given(data=st.data())
def test_both_ways_agree(shape: type[Shape], data: st.DataObject) -> None:
    """Of a body that is in order but for a few fields."""
    names = [*shape().fields, "other"]
    values = st.one_of(_VALUES, _LINES, st.lists(_VALUES, max_size=3))
    body = _VALID[shape] | data.draw(st.dictionaries(st.sampled_from(names), values, max_size=2))
    for name in data.draw(st.sets(st.sampled_from(sorted(body)), max_size=1)):
        del body[name]
    long_way: Any = type(f"Long{shape.__name__}", (_LongWay, shape), {})

    assert _outcome(shape(), body) == _outcome(long_way(), body)


@pytest.mark.parametrize("shape", _VALID)
def test_a_body_in_order_takes_the_quick_way(shape: type[Shape], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Serializer, "run_validation", lambda *_: pytest.fail("took the long way"))
    assert shape().run_validation(_VALID[shape])


def _outcome(shape: Shape, body: Any) -> tuple[str, Any]:
    try:
        return "accepted", dict(shape.run_validation(body))
    except ValidationError as fault:
        return "refused", fault.detail
