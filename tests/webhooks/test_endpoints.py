"""/v1/webhook-endpoints and its alias /v1/webhooks."""

from __future__ import annotations

import base64

import pytest

from tests.conftest import Caller
from webhooks.models import WebhookEndpoint
from webhooks.services import endpoints

KNOWN = {"url": "https://hooks.example.com/bigledger", "events": ["account.created"]}


def test_the_secret_is_shown_once(acme: Caller) -> None:
    created = acme.post("/v1/webhook-endpoints", KNOWN | {"description": "Ours"})

    assert created.status == 201
    assert len(base64.b64decode(created.body["secret"].removeprefix("whsec_"))) == 32
    found = acme.get(f"/v1/webhook-endpoints/{created.body['id']}")
    assert found.body == {key: value for key, value in created.body.items() if key != "secret"}
    assert created.body["secret"] not in bytes(WebhookEndpoint.objects.get().encrypted_secret).decode()


def test_the_alias_is_the_same_resource(acme: Caller) -> None:
    created = acme.post("/api/v1/webhooks", KNOWN)

    assert acme.get(f"/v1/webhook-endpoints/{created.body['id']}").status == 200
    assert acme.get("/v1/webhooks").body["data"] == acme.get("/v1/webhook-endpoints").body["data"]


def test_all_faults_are_named_at_once(acme: Caller) -> None:
    refused = acme.post("/v1/webhooks", {"url": "ftp://x", "events": ["account.created", "account.exploded"]})

    assert (refused.status, refused.fields) == (400, ["url", "events[1]"])
    assert acme.get("/v1/webhooks").body["meta"]["total"] == 0


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, ["url", "events"]),
        ({"url": 5, "events": "*"}, ["url", "events"]),
        (KNOWN | {"events": []}, ["events"]),
        (KNOWN | {"secret": "mine"}, ["secret"]),
        (KNOWN | {"is_active": "yes"}, ["is_active"]),
        ([], [None]),
    ],
)
def test_bad_input_is_refused_by_field(acme: Caller, body: object, fields: list[str]) -> None:
    refused = acme.post("/v1/webhooks", body)

    assert (refused.status, refused.fields) == (400, fields)
    assert acme.get("/v1/webhooks").body["meta"]["total"] == 0


def test_an_endpoint_is_changed(acme: Caller) -> None:
    created = acme.post("/v1/webhooks", KNOWN).body

    changed = acme.patch(f"/v1/webhooks/{created['id']}", {"events": ["*"], "is_active": False}).body

    assert (changed["events"], changed["is_active"], changed["url"]) == (["*"], False, KNOWN["url"])


@pytest.mark.parametrize("path", ["", "/test", "/rotate-secret", "/replay", "/deliveries"])
def test_another_tenants_endpoint_is_not_there(acme: Caller, globex: Caller, path: str) -> None:
    created = acme.post("/v1/webhooks", KNOWN).body
    method = "GET" if path in ("", "/deliveries") else "POST"

    answer = globex.request(method, f"/v1/webhooks/{created['id']}{path}", {"from_seq": 1} if "replay" in path else {})

    assert (answer.status, answer.error["code"]) == (404, "RESOURCE_NOT_FOUND")


def test_a_viewer_may_read_but_not_write(acme: Caller, acme_viewer: Caller) -> None:
    created = acme.post("/v1/webhooks", KNOWN).body

    assert acme_viewer.get(f"/v1/webhooks/{created['id']}").status == 200
    for method, path in (("PATCH", ""), ("DELETE", ""), ("POST", "/test"), ("POST", "/rotate-secret")):
        assert acme_viewer.request(method, f"/v1/webhooks/{created['id']}{path}", {}).status == 403
    assert acme_viewer.post("/v1/webhooks", KNOWN).status == 403


def test_nothing_is_sent_to_an_inactive_endpoint_by_request(acme: Caller) -> None:
    created = acme.post("/v1/webhooks", KNOWN | {"is_active": False}).body

    refused = acme.post(f"/v1/webhooks/{created['id']}/test")

    assert (refused.status, refused.error["details"][0]["rule"]) == (422, "endpoint_inactive")
    assert acme.get(f"/v1/webhooks/{created['id']}/deliveries").body["meta"]["total"] == 0


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, ["from_seq"]),
        ({"from_seq": 0}, ["from_seq"]),
        ({"from_seq": "1", "to_seq": True}, ["from_seq", "to_seq"]),
        ({"from_seq": 10**30}, ["from_seq"]),
        ({"from_seq": 10**15}, ["from_seq"]),
    ],
)
def test_a_replay_needs_a_range_that_was_sent(acme: Caller, body: object, fields: list[str]) -> None:
    created = acme.post("/v1/webhooks", KNOWN).body

    refused = acme.post(f"/v1/webhooks/{created['id']}/replay", body)

    assert (refused.status, refused.fields) == (400, fields)


def test_the_number_of_endpoints_is_limited(acme: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(endpoints, "MAX_ENDPOINTS", 1)
    acme.post("/v1/webhooks", KNOWN)

    refused = acme.post("/v1/webhooks", KNOWN)

    assert (refused.status, refused.error["details"][0]["rule"]) == (422, "too_many_endpoints")


def test_deliveries_are_listed_with_filters(acme: Caller) -> None:
    created = acme.post("/v1/webhooks", KNOWN).body
    sent = acme.post(f"/v1/webhooks/{created['id']}/test").body

    found = acme.get(f"/v1/webhooks/{created['id']}/deliveries?status=pending&trigger=test").body
    wrong = acme.get(f"/v1/webhooks/{created['id']}/deliveries?state=pending")

    assert [delivery["id"] for delivery in found["data"]] == [sent["id"]]
    assert acme.get(f"/v1/webhook-deliveries?endpoint_id={created['id']}").body["meta"]["total"] == 1
    assert (wrong.status, wrong.fields) == (400, ["state"])
