"""`ETag`, `If-Match` (412) and `If-None-Match` (304)."""

from __future__ import annotations

import pytest

from bigledger.api.views import ResourceViewSet
from tests.api.conftest import rent
from tests.conftest import Caller
from tests.everything import one_of_everything
from tests.world import OPERATIONS, Operation


def test_an_edit_based_on_the_latest_state_works(books: Caller) -> None:
    tag = books.get("/v1/accounts/acc_1000").response["ETag"]

    edited = books.patch("/v1/accounts/acc_1000", {"name": "Till"}, if_match=tag)

    assert (edited.status, edited.body["name"]) == (200, "Till")
    assert edited.response["ETag"] != tag


CHANGES = [
    operation
    for operation in OPERATIONS
    if issubclass(operation.view, ResourceViewSet) and "{pk}" in operation.route and operation.method != "GET"
]


@pytest.mark.parametrize("operation", CHANGES, ids=str)
def test_every_change_of_an_object_can_name_the_state_it_is_based_on(acme: Caller, operation: Operation) -> None:
    world = one_of_everything(acme)

    assert operation.description is not None
    body = operation.description.example or {}

    stale = acme.request(operation.method, operation.path(world), body, if_match='"another.state"')

    # What is wrong with its body is said first.
    assert stale.error["code"] in ("PRECONDITION_FAILED", "VALIDATION_ERROR"), stale.text


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
def test_an_edit_based_on_an_older_state_is_refused(books: Caller, method: str) -> None:
    tag = books.get("/v1/accounts/acc_1000").response["ETag"]
    books.patch("/v1/accounts/acc_1000", {"name": "Till"})

    stale = books.request(method, "/v1/accounts/acc_1000", {"name": "Safe"}, if_match=tag)

    assert (stale.status, stale.error["code"]) == (412, "PRECONDITION_FAILED")
    assert books.get("/v1/accounts/acc_1000").body["name"] == "Till"


def test_a_moving_balance_does_not_make_an_edit_stale(books: Caller) -> None:
    tag = books.get("/v1/accounts/acc_1000").response["ETag"]
    books.post("/v1/journal-entries", rent())

    assert books.patch("/v1/accounts/acc_1000", {"name": "Till"}, if_match=tag).status == 200


def test_the_tag_of_a_selection_is_good_for_an_edit(books: Caller) -> None:
    tag = books.get("/v1/accounts/acc_1000?fields=id,name").response["ETag"]

    assert books.patch("/v1/accounts/acc_1000", {"name": "Till"}, if_match=f'"other.tag", {tag}').status == 200


def test_any_state_will_do(books: Caller) -> None:
    assert books.patch("/v1/accounts/acc_1000", {"name": "Till"}, if_match="*").status == 200


def test_a_caller_who_has_the_content_gets_no_body(books: Caller) -> None:
    first = books.get("/v1/accounts/acc_1000")

    again = books.get("/v1/accounts/acc_1000", if_none_match=first.response["ETag"])

    assert (again.status, again.text) == (304, "")
    assert again.response["ETag"] == first.response["ETag"]


def test_a_moved_balance_is_new_content(books: Caller) -> None:
    tag = books.get("/v1/accounts/acc_1000").response["ETag"]
    books.post("/v1/journal-entries", rent())

    assert books.get("/v1/accounts/acc_1000", if_none_match=tag).status == 200


def test_the_tag_of_a_creation_is_the_tag_of_the_object(books: Caller) -> None:
    created = books.post("/v1/journal-entries", rent())

    assert books.get(f"/v1/journal-entries/{created.body['id']}").response["ETag"] == created.response["ETag"]
