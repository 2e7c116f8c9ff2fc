"""Applications of OAuth: /v1/oauth-applications."""

from __future__ import annotations

import pytest

from tests.breaking import contents
from tests.conftest import Caller


def test_an_application_is_registered_changed_and_deleted(acme: Caller) -> None:
    body = {"name": "App", "redirect_uris": ["https://yourapp.com/callback"]}
    made = acme.post("/v1/oauth-applications", body)

    assert made.status == 201
    assert made.body["client_id"] and made.body["client_secret"]
    assert (made.body["client_type"], made.body["scopes"]) == ("confidential", ["read", "write"])
    path = f"/v1/oauth-applications/{made.body['id']}"
    assert "client_secret" not in acme.get(path).body
    assert acme.patch(path, {"name": "New"}).body["name"] == "New"
    assert acme.delete(path).status == 204
    assert acme.get(path).status == 404


@pytest.mark.parametrize(
    "uri",
    [
        "http://yourapp.com/callback",
        "https://yourapp.com/callback#part",
        "https://user@yourapp.com/callback",
        "https://*.yourapp.com/callback",
        "javascript:alert(1)",
        "//yourapp.com",
        "https://yourapp.com/a b",
    ],
)
def test_a_redirect_address_that_invites_tricks_is_refused(acme: Caller, uri: str) -> None:
    refused = acme.post("/v1/oauth-applications", {"name": "App", "redirect_uris": [uri]})

    assert (refused.status, refused.fields) == (400, ["redirect_uris[0]"])
    assert acme.get("/v1/oauth-applications").body["meta"]["total"] == 0


def test_a_new_secret_takes_the_place_of_the_old(acme: Caller) -> None:
    made = acme.post("/v1/oauth-applications", {"name": "App", "redirect_uris": ["https://a.example/"]}).body

    rotated = acme.post(f"/v1/oauth-applications/{made['id']}/rotate-secret")

    assert rotated.status == 200
    assert rotated.body["client_id"] == made["client_id"]
    assert rotated.body["client_secret"] not in ("", made["client_secret"])


def test_a_viewer_may_not(acme: Caller, acme_viewer: Caller) -> None:
    body = {"name": "App", "redirect_uris": ["https://a.example/"]}
    path = f"/v1/oauth-applications/{acme.post('/v1/oauth-applications', body).body['id']}"
    before = contents(acme)

    answers = [
        acme_viewer.post("/v1/oauth-applications", body), acme_viewer.patch(path, {"name": "Mine"}),
        acme_viewer.delete(path), acme_viewer.post(f"{path}/rotate-secret"),
    ]  # fmt: skip

    assert [answer.status for answer in answers] == [403] * 4
    assert contents(acme) == before
