"""Failures that no view makes carry the envelope too."""

from __future__ import annotations

import pytest
from django.test import Client, override_settings

from tests.conftest import Answer, Caller


def test_an_unknown_path(acme: Caller) -> None:
    for path in ("/v1/nothing", "/nothing", "/v1/accounts/", "/v1//accounts"):
        answer = acme.get(path)
        assert (answer.status, answer.error["code"]) == (404, "RESOURCE_NOT_FOUND"), path


def test_an_unsupported_method_is_refused(acme: Caller) -> None:
    answer = acme.request("PUT", "/v1/accounts")

    assert (answer.status, answer.error["code"]) == (405, "METHOD_NOT_ALLOWED")
    assert answer.response["Allow"] == "GET, POST, HEAD, OPTIONS"


def test_no_credential(acme: Caller) -> None:
    answer = Answer(Client().get("/v1/accounts"))

    assert (answer.status, answer.error["code"]) == (401, "AUTHENTICATION_FAILED")
    assert answer.response["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic abc", "Bearer nonsense", "Bearer blg_sandbox_x",
                                    "Bearer " + "x" * 9000, "Bearer ü"])  # fmt: skip
def test_an_invalid_credential_is_refused(acme: Caller, header: str) -> None:
    answer = acme.get("/v1/accounts", authorization=header)

    assert (answer.status, answer.error["code"]) == (401, "AUTHENTICATION_FAILED")


def test_a_media_type_other_than_json_is_refused(acme: Caller) -> None:
    response = acme.client.post(
        "/v1/accounts", b"code=1", content_type="text/plain", HTTP_AUTHORIZATION=f"Bearer {acme.api_key}"
    )

    answer = Answer(response)
    assert (answer.status, answer.error["code"]) == (415, "UNSUPPORTED_MEDIA_TYPE")


def test_a_body_that_is_too_large(acme: Caller) -> None:
    answer = acme.request("POST", "/v1/accounts", b" " * (10 * 1024 * 1024))

    assert (answer.status, answer.error["code"]) == (413, "PAYLOAD_TOO_LARGE")


@override_settings(ALLOWED_HOSTS=["api.bigledger.com"])
def test_an_unknown_host_is_refused(acme: Caller) -> None:
    answer = acme.get("/v1/accounts", host="nobody-else-asks-for-this.example")

    assert (answer.status, answer.error["code"]) == (400, "VALIDATION_ERROR")


@pytest.mark.parametrize("accept", ["text/html", "application/xml", "nonsense", "image/png;q=0.3"])
def test_an_accept_header_does_not_turn_an_answer_into_a_failure(acme: Caller, accept: str) -> None:
    answer = acme.get("/v1/accounts", accept=accept)

    assert (answer.status, answer.response["Content-Type"]) == (200, "application/json")


def test_the_documentation_url_opens_the_code_on_this_server(acme: Caller) -> None:
    url = acme.get("/v1/nothing").error["documentation_url"]
    path, _, anchor = url.removeprefix("http://testserver").partition("#")

    assert f'id="{anchor}"' in Client().get(path).content.decode()


def test_a_sane_request_id_is_echoed(acme: Caller) -> None:
    echoed = acme.get("/v1/nothing", x_request_id="mine-1")
    own = acme.get("/v1/nothing", x_request_id="mine 1; drop")

    assert echoed.response["X-Request-ID"] == echoed.error["request_id"] == "mine-1"
    assert own.response["X-Request-ID"].startswith("req_")
    assert own.error["request_id"] == own.response["X-Request-ID"]
    assert own.response["X-API-Version"] == "1.0.2"
