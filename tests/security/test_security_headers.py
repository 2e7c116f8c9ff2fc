"""Every answer carries the security headers: every route, every method, in every manner of answering."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client, override_settings
from django.urls import URLPattern, get_resolver
from django.urls.resolvers import RoutePattern

from bigledger.server import headers
from tests.conftest import Caller

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
NAMES = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def _is_secured(response: Any) -> None:
    assert {name: response.get(name) for name in NAMES} == NAMES
    assert "camera=()" in response["Permissions-Policy"]
    policy = response["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    if response.get("Content-Type", "").startswith("text/html"):
        assert "frame-ancestors 'none'" in policy
        assert "base-uri 'none'" in policy
        assert "script-src 'self'" in policy
        assert "'unsafe-inline'" not in policy.partition("script-src")[2].partition(";")[0]


def _paths(patterns: Any, prefix: str = "") -> Iterator[str]:
    for pattern in patterns:
        shown = str(pattern.pattern)
        part = shown if isinstance(pattern.pattern, RoutePattern) else shown.strip("^$").replace("\\Z", "")
        if isinstance(pattern, URLPattern):
            yield f"/{prefix}{part}"
        else:
            yield from _paths(pattern.url_patterns, prefix + part)


def _concrete(path: str) -> str:
    out, rest = "", path
    while "<" in rest:
        before, _, after = rest.partition("<")
        out, rest = f"{out}{before}1", after.partition(">")[2]
    return (out + rest).replace("(?P1", "1").replace("\\", "").replace("/?", "/")


def test_every_route_and_method_carries_them(acme: Caller) -> None:
    paths = sorted({_concrete(path) for path in _paths(get_resolver().url_patterns)})
    assert len(paths) > 200
    signed_out = Client(raise_request_exception=False)
    signed_out.credentials = {}  # type: ignore[attr-defined]
    acme.client.raise_request_exception = False
    for path in paths:
        is_api = headers is not None and path.startswith(("/v1/", "/api/v1/"))
        for method in METHODS:
            with_key = {"HTTP_AUTHORIZATION": f"Bearer {acme.api_key}"} if is_api else {}
            for accept in ("*/*", "text/html"):
                response = signed_out.generic(method, path, b"{", "application/json", HTTP_ACCEPT=accept, **with_key)
                _is_secured(response)
                response.close()


def test_a_rehearsal_a_replay_a_304_and_a_conflict_carry_them(acme: Caller) -> None:
    new = {"code": "1999", "name": "Petty cash", "type": "asset", "subtype": "current_asset"}
    rehearsed = acme.post("/v1/accounts?validate_only=true", new)
    first = acme.post("/v1/accounts", new, idempotency_key="once")
    replayed = acme.post("/v1/accounts", new, idempotency_key="once")
    conflict = acme.post("/v1/accounts", {}, idempotency_key="once")
    again = acme.get(f"/v1/accounts/{first.body['id']}", if_none_match=first.response["ETag"])

    assert [one.status for one in (rehearsed, first, replayed, conflict, again)] == [200, 201, 201, 409, 304]
    assert replayed.response["Idempotent-Replayed"] == "true"
    for answer in (rehearsed, first, replayed, conflict, again):
        _is_secured(answer.response)
        assert answer.response["Content-Security-Policy"] == headers.DATA_POLICY


def test_static_files_redirects_and_preflights_carry_them(db_access: None) -> None:
    client = Client()
    page = client.get("/static/bigledger/page.css")
    assert b"".join(page)  # type: ignore[arg-type]
    answers = [
        page,
        client.get("/docs"),
        client.get("/admin/"),
        client.options("/v1/accounts", HTTP_ORIGIN="https://app.example", HTTP_ACCESS_CONTROL_REQUEST_METHOD="POST"),
        client.get("/", HTTP_HOST="not a host"),
    ]
    assert [answer.status_code for answer in answers] == [200, 302, 302, 200, 400]
    for answer in answers:
        _is_secured(answer)


def test_a_policy_of_the_views_own_stays(acme: Caller, db_access: None) -> None:
    page = Client().get("/oauth/authorize")
    assert page.status_code in (302, 400)
    _is_secured(page)


@pytest.mark.parametrize("path", ["/nowhere", "/i/mistyped", "/static/nothing.css", "/admin/nothing/"])
@pytest.mark.parametrize("accept", ["text/html,application/xhtml+xml,*/*;q=0.8", "*/*", "application/json", ""])
def test_not_found_is_a_page_for_browsers_and_the_envelope_for_programs(
    db_access: None, path: str, accept: str
) -> None:
    answer = Client().get(path, HTTP_ACCEPT=accept)
    if answer.status_code == 302:  # the admin asks who it is first
        return
    assert answer.status_code == 404
    if "text/html" in accept:
        assert answer["Content-Type"].startswith("text/html")
        assert "Page not found" in answer.content.decode()
        assert answer["X-Request-ID"] in answer.content.decode()
    else:
        assert answer.json()["error"]["code"] == "RESOURCE_NOT_FOUND"


def test_the_api_answers_browsers_in_json(acme: Caller) -> None:
    for path in ("/v1/nothing", "/api/v1/nothing", "/v1/accounts"):
        assert Client().get(path, HTTP_ACCEPT="text/html").json()["error"]["code"]


def test_a_wrong_method_on_a_page_is_a_page(db_access: None) -> None:
    for path in ("/", "/docs", "/sign-out", "/sign-in"):
        answer = Client().generic("DELETE", path, HTTP_ACCEPT="text/html")
        assert (answer.status_code, answer["Content-Type"]) == (405, "text/html; charset=utf-8")
        assert answer["Allow"]


def test_the_start_page_links_to_the_other_pages(db_access: None) -> None:
    client = Client()
    page = client.get("/").content.decode()
    for target in ("/docs/api", "/docs/api/errors", "/docs/api/events", "/docs/api/rules", "/admin/"):
        assert f'href="{target}"' in page
        assert client.get(target).status_code in (200, 302)
    assert client.get("/favicon.ico")["Content-Type"] == "image/svg+xml"


@pytest.fixture
def production() -> Iterator[None]:
    headers.of_data.cache_clear()
    headers.of_page.cache_clear()
    with override_settings(IS_SANDBOX=False):
        yield
    headers.of_data.cache_clear()
    headers.of_page.cache_clear()


@pytest.mark.parametrize(
    ("given", "served"),
    [
        ({"REMOTE_ADDR": "203.0.113.9"}, False),
        ({"REMOTE_ADDR": "203.0.113.9", "HTTP_X_FORWARDED_PROTO": "https"}, False),
        ({"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_PROTO": "https"}, False),
        ({"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "203.0.113.9"}, False),
        ({"REMOTE_ADDR": "127.0.0.1"}, True),
        ({"REMOTE_ADDR": "203.0.113.9", "wsgi.url_scheme": "https"}, True),
    ],
)
def test_production_answers_over_https_only(
    acme: Caller, production: None, given: dict[str, str], served: bool
) -> None:
    client = Client()
    key = f"Bearer {acme.api_key}"
    found = client.get("/v1/accounts", HTTP_AUTHORIZATION=key, **given)  # type: ignore[arg-type]
    posted = client.post("/sign-in", {}, **given)  # type: ignore[arg-type]
    probe = client.get("/healthz", **given)  # type: ignore[arg-type]

    assert found.status_code == (200 if served else 403)
    assert (posted.status_code == 403) is not served  # never a redirect
    if not served:
        assert found.json()["error"]["request_id"] == found["X-Request-ID"]
    assert probe.status_code == 200
    assert found["Strict-Transport-Security"].startswith("max-age=31536000")
