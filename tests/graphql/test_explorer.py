"""The page of GraphQL asks as the person who has signed in, and as nobody else."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.test import Client, override_settings
from playwright.sync_api import expect, sync_playwright

from bigledger.access.models import Role, User
from bigledger.access.services import add_member
from bigledger.tenants.context import tenant_context
from tests.conftest import Caller, make_tenant
from tests.running import api_server
from tests.scenarios.test_hosted_payment import _FLAGS, CHROMIUM

PASSWORD = "correct horse battery staple"
QUESTION = {"query": "{ customers { totalCount } }"}


def signed_in(caller: Caller, **options: Any) -> Client:
    client = Client(**options)
    client.force_login(User.objects.get(pk=caller.principal.user_id))
    return client


def page(client: Client) -> str:
    answer = client.get("/graphql", headers={"Accept": "text/html"})
    assert answer.status_code == 200
    assert (answer["Cache-Control"], "Cookie" in answer["Vary"]) == ("private, no-store", True)
    text: str = answer.content.decode()
    return text


def token(client: Client, tenant: object, **headers: str) -> Any:
    return client.post("/graphql/token", {"tenant": str(tenant)}, headers=headers)


def test_whoever_has_not_signed_in_needs_a_key(acme: Caller) -> None:
    text = page(Client())
    assert 'id="credential"' in text and "/sign-in?next=/graphql" in text and "csrfmiddlewaretoken" not in text
    assert token(Client(), acme.tenant.id).status_code == 401


def test_a_member_asks_as_what_they_are(acme: Caller, acme_viewer: Caller) -> None:
    acme.post("/v1/customers", {"name": "Buyer"})
    for caller, may_write in ((acme, True), (acme_viewer, False)):
        client = signed_in(caller)
        assert f'<option value="{caller.tenant.id}">Acme ({caller.principal.role})</option>' in page(client)
        made = token(client, caller.tenant.id).json()
        assert (sorted(made), made["expires_in"]) == (["access", "expires_in"], 900)

        bearer = f"Bearer {made['access']}"
        assert caller.post("/graphql", QUESTION, authorization=bearer).body == {
            "data": {"customers": {"totalCount": 1}}
        }
        write = {
            "query": 'mutation { createAccount(input: {code: "1", name: "X", type: ASSET, subtype: CURRENT_ASSET},'
            " validateOnly: true) { code } }"
        }
        answer = caller.post("/graphql", write, authorization=bearer).body
        assert ("errors" in answer) is not may_write, answer


def test_nobody_asks_in_a_tenant_of_others(acme: Caller, globex: Caller) -> None:
    client = signed_in(acme)
    for tenant in (globex.tenant.id, uuid.uuid4(), "x", ""):
        assert token(client, tenant).status_code == 404
    assert "Globex" not in page(client)
    with tenant_context(globex.tenant):
        add_member(user=User.objects.get(pk=acme.principal.user_id), role=Role.VIEWER)
    assert "Globex (viewer)" in page(client)
    assert token(client, globex.tenant.id).status_code == 200


def test_the_session_alone_asks_nothing(acme: Caller) -> None:
    """A cookie goes along with every request that any page makes; so GraphQL does not look at it."""
    client = signed_in(acme)
    page(client)
    assert client.post("/graphql", QUESTION, content_type="application/json").status_code == 401


def test_a_page_of_another_origin_gets_no_token(acme: Caller) -> None:
    careful = signed_in(acme, enforce_csrf_checks=True)
    assert token(careful, acme.tenant.id).status_code == 403, "no CSRF token"
    page(careful)
    mine = careful.cookies["csrftoken"].value
    refused = token(careful, acme.tenant.id, **{"X-CSRFToken": mine, "Origin": "https://elsewhere.example"})
    assert refused.status_code == 403
    assert token(careful, acme.tenant.id, **{"X-CSRFToken": mine, "Origin": "http://testserver"}).status_code == 200
    assert careful.get("/graphql/token").status_code == 405


def test_the_token_ends_with_the_session(acme: Caller) -> None:
    client = signed_in(acme)
    bearer = f"Bearer {token(client, acme.tenant.id).json()['access']}"
    assert acme.post("/graphql", QUESTION, authorization=bearer).status == 200
    client.post("/sign-out")
    assert acme.post("/graphql", QUESTION, authorization=bearer).status == 401


def test_a_second_factor_that_is_required_is_required_here(acme: Caller) -> None:
    client = signed_in(acme)
    with override_settings(REQUIRE_SECOND_FACTOR=True):
        assert "/sign-in/second-factor?next=/graphql" in page(client)
        assert token(client, acme.tenant.id).status_code == 401


@pytest.mark.parametrize("path", ["/graphql", "/graphql/v1"])
def test_both_addresses_show_it(acme: Caller, path: str) -> None:
    answer = signed_in(acme).get(path, headers={"Accept": "text/html"})
    assert b'id="tenant"' in answer.content


@pytest.mark.xdist_group("whole machine")
def test_in_a_browser(committed: None) -> None:
    caller = make_tenant("Explorer")
    user = User.objects.get(pk=caller.principal.user_id)
    user.set_password(PASSWORD)
    user.save()
    with api_server() as base, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=_FLAGS)
        window = browser.new_page()
        said: list[str] = []
        window.on("console", lambda message: said.append(message.text))
        window.on("pageerror", lambda fault: said.append(str(fault)))
        window.goto(f"{base}/graphql")
        window.get_by_role("link", name="sign in").click()
        window.locator("input[type=email]").fill(user.email)
        window.locator("input[type=password]").fill(PASSWORD)
        window.get_by_role("button", name="Sign in").click()
        window.wait_for_url(f"{base}/graphql")

        window.get_by_role("button", name="Run").click()
        expect(window.locator("#status")).to_contain_text("200, ")
        expect(window.locator("#answer")).to_contain_text('"totalCount": 0')

        expect(window.get_by_label("API key or token")).to_be_hidden()
        window.get_by_label("Ask as").select_option(label="another, with a key")
        window.get_by_label("API key or token").fill(caller.api_key)
        window.get_by_role("button", name="Run").click()
        expect(window.locator("#answer")).to_contain_text('"totalCount": 0')
        assert said == []
        browser.close()
