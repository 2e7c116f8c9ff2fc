"""Work has a bound before it is done: lengths before elements, a bounded number of faults, small answers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from rest_framework import serializers
from rest_framework.fields import Field

from bigledger.api.patience import MAX_FAULTS
from bigledger.api.shapes import ListField, Shape
from bigledger.docs.contracts import view_classes
from bigledger.errors import MAX_DETAILS, MAX_ERROR_BYTES
from ledger.serializers import JournalLineInput
from tests.api.conftest import open_chart
from tests.conftest import Answer, Caller

UNBOUNDED = (serializers.ListField, serializers.ListSerializer, serializers.DictField, serializers.JSONField)


@pytest.fixture
def books(acme: Caller) -> Caller:
    open_chart(acme)
    return acme


def shapes() -> list[type[Shape]]:
    """Every input of every route, and those inside them."""
    assert len(list(view_classes())) > 10  # which imports them all

    def below(shape: type[Shape]) -> Iterator[type[Shape]]:
        for inner in shape.__subclasses__():
            yield inner
            yield from below(inner)

    return sorted((s for s in set(below(Shape)) if not s.__module__.startswith("tests.")), key=lambda s: s.__name__)


def fields(field: Field[Any, Any, Any, Any], path: str) -> Iterator[tuple[str, Field[Any, Any, Any, Any]]]:
    yield path, field
    if isinstance(field, serializers.BaseSerializer):
        for name, inner in getattr(field, "fields", {}).items():
            yield from fields(inner, f"{path}.{name}")
    child = getattr(field, "child", None)
    if child is not None:
        yield from fields(child, f"{path}[]")


EVERY_FIELD = [pair for shape in shapes() for pair in fields(shape(), shape.__name__)]
LISTS = [(path, field) for path, field in EVERY_FIELD if isinstance(field, ListField)]


def test_every_list_of_every_input_has_a_bound() -> None:
    unbounded = [
        path for path, field in EVERY_FIELD if isinstance(field, UNBOUNDED) and not isinstance(field, ListField)
    ]

    assert unbounded == []
    assert len(LISTS) > 15
    assert [path for path, field in LISTS if not 1 <= field.most <= 1000] == []


def test_a_list_without_a_bound_cannot_be_written() -> None:
    with pytest.raises(TypeError, match="no bound"):
        JournalLineInput(many=True)
    with pytest.raises(TypeError, match="max_length"):
        ListField(child=JournalLineInput())  # type: ignore[call-arg]


@pytest.mark.parametrize(("path", "field"), LISTS, ids=[path for path, _ in LISTS])
def test_the_length_is_checked_before_any_element(path: str, field: ListField, monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at: list[Any] = []
    monkeypatch.setattr(field.child, "run_validation", looked_at.append)

    with pytest.raises(serializers.ValidationError) as refused:
        field.run_validation([{}] * (field.most + 1))

    assert (looked_at, refused.value.get_codes()) == ([], ["too_many"])


@pytest.mark.parametrize(("path", "field"), LISTS, ids=[path for path, _ in LISTS])
def test_elements_are_looked_at_until_enough_faults_are_found(path: str, field: ListField) -> None:
    unknown = {f"unknown{n}": 1 for n in range(MAX_FAULTS // 2)}

    with pytest.raises(serializers.ValidationError) as refused:
        field.run_validation([unknown] * field.most)

    assert isinstance(refused.value.detail, dict)
    assert isinstance(field.child, Shape) is (len(refused.value.detail) <= 2) or field.most <= 2


class Looked:
    """How often a line, an operation or a field was validated."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.times = 0
        original = Shape.run_validation

        def counted(shape: Shape, *arguments: Any) -> Any:
            self.times += 1
            return original(shape, *arguments)

        monkeypatch.setattr(Shape, "run_validation", counted)


@pytest.fixture
def looked(monkeypatch: pytest.MonkeyPatch) -> Looked:
    return Looked(monkeypatch)


def is_small(answer: Answer) -> bool:
    return answer.status == 400 and len(answer.text.encode()) <= MAX_ERROR_BYTES


def test_six_hundred_thousand_lines_cost_nothing(books: Caller, looked: Looked) -> None:
    refused = books.post(
        "/v1/journal-entries", b'{"date":"2024-01-15","lines":[' + b",".join([b"{}"] * 600_000) + b"]}"
    )

    assert is_small(refused)
    assert looked.times == 0


def test_a_list_that_is_too_long_is_one_fault(books: Caller, looked: Looked) -> None:
    refused = books.post("/v1/journal-entries", {"date": "2024-01-15", "lines": [{}] * 100_000})

    assert refused.error["details"] == [
        {"field": "lines", "code": "too_many", "message": "Must have at most 1000 elements."}
    ]
    assert looked.times <= 2


def test_a_hundred_thousand_operations_cost_nothing(books: Caller, looked: Looked) -> None:
    for path in ("/v1/journal-entries/bulk", "/v1/invoices/bulk"):
        refused = books.post(path, {"operations": [{}] * 100_000})

        assert [(d["field"], d["code"]) for d in refused.error["details"]] == [("operations", "too_many")]
    assert looked.times <= 6


def test_a_hundred_faults_are_listed_and_the_others_counted(books: Caller) -> None:
    refused = books.post("/v1/journal-entries", {"date": "2024-01-15", "lines": [{}] * 250})

    assert is_small(refused)
    assert len(refused.error["details"]) == MAX_DETAILS
    assert refused.error["details"][99] == {
        "field": "lines[99].account_id",
        "code": "required",
        "message": "This field is required.",
    }
    assert refused.error["details_omitted"] == 150
    assert "details_omitted" not in books.post("/v1/journal-entries", {"date": "2024-01-15", "lines": [{}] * 99}).error


@pytest.mark.parametrize("continue_on_error", [False, True])
def test_checking_stops_after_more_faults_than_are_listed(
    books: Caller, looked: Looked, *, continue_on_error: bool
) -> None:
    """Of 200 entries with 1,000 wrong lines each, a hundredth is looked at, and then one line of each."""
    entry = {"operation": "create", "data": {"date": "2024-01-15", "lines": [{}] * 1000}}
    body = {"operations": [entry] * 200, "options": {"continue_on_error": continue_on_error}}

    answer = books.post("/v1/journal-entries/bulk", body)

    assert looked.times < 5000
    assert len(answer.text) < 5 * MAX_ERROR_BYTES
    if continue_on_error:
        assert answer.body["summary"] == {"total": 200, "succeeded": 0, "failed": 200}
        first, second = answer.body["results"][0]["error"], answer.body["results"][150]["error"]
        assert (len(first["details"]), first["details_omitted"], len(second["details"])) == (100, 900, 1)
    else:
        assert is_small(answer)
        assert (len(answer.error["details"]), answer.error["details_omitted"]) == (100, 1099)


def test_faults_that_a_service_finds_are_bounded_too(books: Caller) -> None:
    lines = [{"account_id": f"acc_x{n}", "debit": 1} for n in range(1000)]
    entry = {"operation": "create", "data": {"date": "2024-01-15", "lines": lines}}

    refused = books.post("/v1/journal-entries/bulk", {"operations": [entry] * 20})

    assert (refused.status, len(refused.error["details"])) == (404, MAX_DETAILS)
    assert refused.error["details_omitted"] < 2 * MAX_FAULTS


@pytest.mark.parametrize(
    "body",
    [
        b"{" + b",".join(b'"f%d":1' % n for n in range(400_000)) + b"}",
        b"[" + b",".join([b"NaN"] * 1_000_000) + b"]",
        b"[" + b",".join([b"NaN"] * 250_000) + b"]",
        b"[" + b",".join([b"[]"] * 1_700_000) + b"]",
        b"[" * 5_000_000,
        b'{"a":' * 100_000,
        b'{"email":"x","password":"y"' + b',"email":"x"' * 200_000 + b"}",
        b"[" + b"9" * 5_000_000 + b"]",
        b'{"email":1.' + b"9" * 5_000_000 + b"}",
        b'{"email":"' + b"\\u0000" * 800_000 + b'"}',
        b'{"' + b"\\u0001" * 800_000 + b'":1}',
        b"{" + b",".join(b'"%s%d":1' % (b"\\u0001" * 5_000, n) for n in range(100)) + b"}",
        b"{" + b",".join(b'"%s%d":1' % ("é".encode() * 5_000, n) for n in range(200)) + b"}",
    ],
    ids=[
        "unknown fields", "a million NaN", "NaN", "lists", "deep", "deep objects", "one key", "digits", "decimals",
        "NULs", "a long name", "control characters", "long names",
    ],
)  # fmt: skip
def test_a_large_body_of_nonsense_gets_a_small_answer(acme: Caller, looked: Looked, body: bytes) -> None:
    for path in ("/v1/auth/token", "/v1/customers"):
        refused = acme.post(path, body)

        assert is_small(refused), refused.text[:200]
        assert len(refused.error["details"]) <= MAX_DETAILS
    assert looked.times <= 4


def test_parameters_that_nobody_knows_are_bounded(acme: Caller) -> None:
    for path in ("/v1/accounts", "/v1/accounts/acc_none"):
        refused = acme.get(path + "?" + "&".join(f"unknown{n}=1" for n in range(900)))

        assert is_small(refused)
        assert (len(refused.error["details"]), refused.error["details_omitted"]) == (100, 800)


@pytest.mark.parametrize("name", ["fields", "expand", "sort", "code[in]"])
def test_lists_in_parameters_are_bounded(books: Caller, name: str) -> None:
    refused = books.get(f"/v1/accounts?{name}=" + ",".join(f"name{n}" for n in range(2000)))

    assert is_small(refused)
    assert len(refused.error["details"]) == 1
