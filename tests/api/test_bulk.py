"""POST /v1/journal-entries/bulk, the first user of the bulk shape."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from tests.api.conftest import rent
from tests.conftest import Caller

PATH = "/v1/journal-entries/bulk"


def operations(*entries: Any, **options: bool) -> dict[str, Any]:
    listed = [{"operation": "create", "reference_id": f"mine-{n}", "data": entry} for n, entry in enumerate(entries)]
    return {"operations": listed, "options": options} if options else {"operations": listed}


def unbalanced() -> dict[str, Any]:
    return rent() | {"lines": [{"account_id": "acc_1000", "debit": 5}, {"account_id": "acc_6100", "credit": 7}]}


def count(books: Caller) -> int:
    total: int = books.get("/v1/journal-entries").body["meta"]["total"]
    return total


def test_a_thousand_entries_are_one_call(books: Caller) -> None:
    answer = books.post(PATH, operations(*(rent("1.00") for _ in range(1000))))

    assert answer.status == 200
    assert answer.body["summary"] == {"total": 1000, "succeeded": 1000, "failed": 0}
    assert [r["index"] for r in answer.body["results"]] == list(range(1000))
    assert answer.body["results"][7]["reference_id"] == "mine-7"
    assert answer.body["results"][7]["data"]["lines"][0]["debit"] == Decimal("1.00")
    assert books.get("/v1/accounts/acc_6100").body["balance"] == Decimal("1000.00")


def test_by_default_it_is_all_or_nothing(books: Caller) -> None:
    refused = books.post(PATH, operations(rent(), unbalanced(), rent() | {"date": "soon"}, rent()))

    assert (refused.status, refused.fields) == (400, ["operations[2].data.date"])
    assert count(books) == 0


def test_the_services_faults_carry_the_path_too(books: Caller) -> None:
    refused = books.post(PATH, operations(rent(), unbalanced()))

    assert refused.error["details"] == [
        {
            "field": "operations[1].data.lines",
            "code": "unbalanced",
            "message": "Debits of 5.00 USD do not equal credits of 7.00 USD.",
        }
    ]
    assert count(books) == 0


def test_operations_that_can_succeed_do_so_one_by_one(books: Caller) -> None:
    nowhere = rent() | {"lines": [{"account_id": "acc_9", "debit": 5}, {"account_id": "acc_1000", "credit": 5}]}
    answer = books.post(
        PATH,
        operations(
            rent("1.00"), unbalanced(), rent() | {"date": "soon"}, nowhere, rent("2.00"), continue_on_error=True
        ),
    )

    results = answer.body["results"]
    assert answer.status == 200
    assert answer.body["summary"] == {"total": 5, "succeeded": 2, "failed": 3}
    assert [r["status"] for r in results] == [201, 400, 400, 404, 201]
    assert results[1]["error"]["details"][0]["field"] == "operations[1].data.lines"
    assert results[3]["error"]["code"] == "RESOURCE_NOT_FOUND"
    assert "data" not in results[1]
    assert "error" not in results[0]
    assert count(books) == 2
    assert books.get("/v1/accounts/acc_6100").body["balance"] == Decimal("3.00")


def test_validate_only_keeps_nothing(books: Caller) -> None:
    answer = books.post(PATH, operations(rent(), rent(), validate_only=True))

    assert answer.status == 200
    assert len(answer.body["journal_lines"]) == 4
    assert [event["type"] for event in answer.body["events"]] == ["journal_entry.posted"] * 2
    assert count(books) == 0


def test_the_shape_is_checked(books: Caller) -> None:
    assert books.post(PATH, {"operations": []}).fields == ["operations"]
    assert books.post(PATH, {"operations": [{"operation": "void", "data": {}}]}).fields == ["operations[0].operation"]
    assert books.post(PATH, operations(*[rent()] * 1001)).fields == ["operations"]
    assert books.post(PATH, [1]).status == 400
    assert count(books) == 0


def test_references_within_a_batch_are_numbers_once(books: Caller) -> None:
    answer = books.post(PATH, operations(rent(reference="A"), rent(reference="A"), rent()))

    numbers = [r["data"]["number"] for r in answer.body["results"]]
    assert numbers[0] == "A"
    assert numbers[1:] == ["JE-2024-001", "JE-2024-002"]
    assert [r["data"]["reference"] for r in answer.body["results"]] == ["A", "A", None]


def test_fields_apply_to_each_result(books: Caller) -> None:
    answer = books.post(f"{PATH}?fields=total_debit", operations(rent(), rent()))

    assert [r["data"] for r in answer.body["results"]] == [{"total_debit": Decimal("5000.00")}] * 2
