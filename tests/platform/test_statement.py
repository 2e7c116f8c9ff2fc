"""Statements as objects: no text of SQL is searched for what looks like a parameter."""

from __future__ import annotations

import pytest

from bigledger.postgres.statement import Call, Statement, guarded


def test_a_parameter_may_stand_several_times() -> None:
    statement = Statement("VALUES ({1}::text, {0}, {1} || '100%')")

    assert statement.count == 2
    assert statement.numbered == "VALUES ($2::text, $1, $2 || '100%')"
    assert statement.for_cursor == "VALUES (%s::text, %s, %s || '100%%')"
    assert statement.in_order(["a", "b"]) == ["b", "a", "b"]


def test_what_only_looks_like_a_parameter_stays_as_it_is() -> None:
    then = Call("f({0}, '$1 costs {{1}}')")

    joined = guarded(Call("who({0}, {1})"), then)

    assert then.numbered == "SELECT f($1, '$1 costs {1}')"
    assert joined.numbered == (
        "SELECT CASE WHEN (who($1, $2)) = $4::text THEN COALESCE((f($3, '$1 costs {1}'))::text, '') END"
    )
    assert joined.count == 4


def test_parameters_have_no_gaps() -> None:
    with pytest.raises(ValueError, match="without gaps"):
        Statement("SELECT {0}, {2}")
