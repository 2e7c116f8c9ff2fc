"""OAuth 2.0: the reference's flow, and what is tried against it."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from oauth2_provider.settings import oauth2_settings

from bigledger.access.models import AccessToken, Application, Grant, RefreshToken, Role, User
from bigledger.access.services import add_member
from bigledger.tenants.context import tenant_context
from tests.access.conftest import bearer
from tests.access.program import CALLBACK, CHALLENGE, VERIFIER, Program, register
from tests.conftest import Caller


@pytest.fixture
def app(acme: Caller) -> Program:
    return register(acme)


@pytest.fixture
def public(acme: Caller) -> Program:
    return register(acme, client_type="public")


def test_the_references_flow_with_a_json_body(app: Program, acme: Caller) -> None:
    page = app.authorize(state="xyz")
    assert "Give Your App access to your books?" in page.content.decode()
    sent = app.consent(page)
    query = parse_qs(urlsplit(sent["Location"]).query)
    assert sent["Location"].startswith(CALLBACK + "?")
    assert (query["state"], query["iss"]) == (["xyz"], [settings.PUBLIC_URL])

    token = app.exchange(query["code"][0])

    assert token.status == 200
    assert (token.body["token_type"], token.body["expires_in"], token.body["scope"]) == ("Bearer", 3600, "read write")
    assert token.response["Cache-Control"] == "no-store"
    assert acme.get("/v1/accounts", **bearer(token.body["access_token"])).status == 200


def test_a_form_and_a_slash_at_the_end_do_as_well(app: Program) -> None:
    for path in ("/oauth/token", "/oauth/token/"):
        body = {"grant_type": "authorization_code", "code": app.code(), "redirect_uri": CALLBACK}
        assert app.token(path, form=True, **body).status == 200


def test_the_white_space_of_a_template_literal_is_stripped_from_the_names(app: Program) -> None:
    literal = (
        f"/oauth/authorize?%0A%20%20client_id={app.client_id}&%0A%20%20redirect_uri={CALLBACK}"
        "&%20%20response_type=code&%20%20scope=read%20write"
    )
    assert "Give Your App access to your books?" in app.browser.get(literal).content.decode()


def test_a_visitor_who_is_not_signed_in_is_sent_to_sign_in(app: Program) -> None:
    app.browser.logout()
    sent = app.authorize()

    assert (sent.status_code, sent["Location"].startswith("/sign-in?next=/oauth/authorize")) == (302, True)


def test_cancelling_sends_no_code(app: Program) -> None:
    sent = app.consent(app.authorize(), allow="")

    assert parse_qs(urlsplit(sent["Location"]).query)["error"] == ["access_denied"]
    with tenant_context(app.caller.tenant):
        assert not Grant.objects.exists()


def test_a_person_of_several_tenants_chooses_whose_books(app: Program, acme: Caller, globex: Caller) -> None:
    with tenant_context(globex.tenant):
        add_member(user=User.objects.get(pk=acme.principal.user_id), role=Role.VIEWER)
    page = app.authorize()
    assert "Globex (viewer)" in page.content.decode()

    pair = app.exchange(app.code(tenant=str(globex.tenant.id))).body
    assert acme.get("/v1/tenant", **bearer(pair["access_token"])).body["name"] == "Globex"
    renewed = app.refresh(pair["refresh_token"]).body
    assert acme.get("/v1/tenant", **bearer(renewed["access_token"])).body["name"] == "Globex"
    refused = acme.post("/v1/accounts", {}, **bearer(renewed["access_token"]))
    assert refused.status == 403, "the role is the person's in Globex"


def test_another_persons_tenant_cannot_be_chosen(app: Program, globex: Caller) -> None:
    sent = app.consent(app.authorize(), tenant=str(globex.tenant.id))

    assert parse_qs(urlsplit(sent["Location"]).query)["error"] == ["invalid_request"]


def test_consent_needs_the_pages_own_token(app: Program) -> None:
    page = app.authorize()
    assert app.consent(page, csrfmiddlewaretoken="forged").status_code == 403
    assert "frame-ancestors 'none'" in page["Content-Security-Policy"]
    assert "form-action" not in page["Content-Security-Policy"]  # it would stop the way back to the application


def test_a_public_client_without_pkce_is_refused(public: Program) -> None:
    sent = public.authorize()

    query = parse_qs(urlsplit(sent["Location"]).query)
    assert (query["error"], query["error_description"]) == (["invalid_request"], ["Code challenge required."])


def test_a_public_client_with_pkce_gets_a_token_for_its_verifier_only(public: Program) -> None:
    challenge = {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}
    code = public.code(**challenge)
    assert public.exchange(code, code_verifier="x" * 43).body["error"] == "invalid_grant"
    assert public.exchange(public.code(**challenge)).status == 400
    assert public.exchange(public.code(**challenge), code_verifier=VERIFIER).status == 200


def test_plain_pkce_is_refused(public: Program) -> None:
    page = public.authorize(code_challenge=VERIFIER, code_challenge_method="plain")
    sent = public.consent(page)

    assert parse_qs(urlsplit(sent["Location"]).query)["error"] == ["invalid_request"]


def test_the_settings_do_not_switch_pkce_off() -> None:
    assert "PKCE_REQUIRED" not in settings.OAUTH2_PROVIDER
    assert oauth2_settings.PKCE_REQUIRED is True
    validator = oauth2_settings.OAUTH2_VALIDATOR_CLASS
    assert validator.is_pkce_required.__qualname__ == "Validator.is_pkce_required"


def test_a_code_works_once(app: Program) -> None:
    code = app.code()
    assert app.exchange(code).status == 200

    again = app.exchange(code)
    assert (again.status, again.body["error"]) == (400, "invalid_grant")


def test_a_code_ends_after_a_minute_and_belongs_to_its_client_and_address(app: Program, acme: Caller) -> None:
    other = register(acme, name="Other")
    assert other.exchange(app.code()).body["error"] == "invalid_grant"
    elsewhere = app.token(grant_type="authorization_code", code=app.code(), redirect_uri=CALLBACK + "/x")
    assert elsewhere.status == 400
    code = app.code()
    with tenant_context(acme.tenant):
        Grant.objects.update(expires=timezone.now() - timedelta(seconds=1))
    assert app.exchange(code).body["error"] == "invalid_grant"


@pytest.mark.parametrize(
    "uri",
    [
        "https://yourapp.com/callback/",
        "https://yourapp.com/callback/../evil",
        "https://yourapp.com/callback?next=evil",
        "https://yourapp.com.evil.example/callback",
        "https://yourapp.com@evil.example/callback",
        "https://evil@yourapp.com/callback",
        "https://yourapp.com:8443/callback",
        "http://yourapp.com/callback",
        "https://yourapp.com/callback#",
        "https://YOURAPP.com/callback;x=1",
        "javascript:alert(1)//yourapp.com/callback",
        "//yourapp.com/callback",
        "https://yourapp.com/callback%0d%0aX: y",
    ],
)
def test_an_unregistered_redirect_address_is_refused(app: Program, uri: str) -> None:
    page = app.authorize(redirect_uri=uri)

    assert page.status_code == 400
    assert "Location" not in page
    assert "Access cannot be granted" in page.content.decode()


def test_a_wrong_secret_and_an_unknown_client(app: Program) -> None:
    code = app.code()
    assert app.exchange(code, client_secret="wrong").body["error"] == "invalid_client"
    assert app.exchange(code, client_id="unknown").body["error"] == "invalid_client"
    assert app.exchange(code).status == 200


def test_a_refresh_rotates_and_two_at_once_log_nobody_out(app: Program, acme: Caller) -> None:
    first = app.exchange(app.code()).body
    second = app.refresh(first["refresh_token"])
    late = app.refresh(first["refresh_token"])

    assert (second.status, late.status) == (200, 200)
    assert len({first["refresh_token"], second.body["refresh_token"], late.body["refresh_token"]}) == 3
    for pair in (second.body, late.body):
        assert pair["access_token"] and acme.get("/v1/accounts", **bearer(pair["access_token"])).status == 200
    assert acme.get("/v1/accounts", **bearer(first["access_token"])).status == 401


def test_a_refresh_token_that_comes_back_after_the_grace_ends_its_whole_family(app: Program, acme: Caller) -> None:
    first = app.exchange(app.code()).body
    second = app.refresh(first["refresh_token"]).body
    with tenant_context(acme.tenant):
        RefreshToken.objects.exclude(revoked=None).update(revoked=timezone.now() - timedelta(minutes=2))

    assert app.refresh(first["refresh_token"]).body["error"] == "invalid_grant"
    assert app.refresh(second["refresh_token"]).status == 400
    assert acme.get("/v1/accounts", **bearer(second["access_token"])).status == 401


def test_tokens_are_kept_as_checksums_only(app: Program, acme: Caller) -> None:
    pair = app.exchange(app.code()).body
    with tenant_context(acme.tenant):
        assert list(AccessToken.objects.values_list("token", flat=True)) == [""]
        assert list(RefreshToken.objects.values_list("token", flat=True)) == [""]
        kept = Application.objects.get().client_secret
        assert kept.startswith("random_secret$") and app.client_secret not in kept
    assert pair["access_token"]


def test_revoking(app: Program, acme: Caller) -> None:
    pair = app.exchange(app.code()).body
    assert app.token("/oauth/revoke", token=pair["refresh_token"]).status == 200

    assert acme.get("/v1/accounts", **bearer(pair["access_token"])).status == 401
    assert app.refresh(pair["refresh_token"]).status == 400


def test_introspecting_ones_own_tokens(app: Program, globex: Caller) -> None:
    token = app.exchange(app.code()).body["access_token"]
    found = app.token("/oauth/introspect", token=token).body
    assert (found["active"], found["scope"], found["client_id"]) == (True, "read write", app.client_id)

    stranger = register(globex)
    assert stranger.token("/oauth/introspect", token=token).body == {"active": False}
    assert app.token("/oauth/introspect", token=token, client_secret="wrong").status == 403


def test_client_credentials_act_as_the_member_who_registered_them(acme: Caller) -> None:
    program = register(acme, grant_type="client_credentials", redirect_uris=[], scopes=["read"])
    answer = program.token(grant_type="client_credentials")

    assert (answer.status, answer.body["scope"]) == (200, "read")
    assert "refresh_token" not in answer.body
    assert acme.get("/v1/tenant", **bearer(answer.body["access_token"])).body["name"] == "Acme"
    assert program.token(grant_type="client_credentials", scope="write").body["error"] == "invalid_scope"


def test_an_application_asks_for_no_more_than_it_was_registered_with(app: Program) -> None:
    sent = app.authorize(scope="read admin")
    assert parse_qs(urlsplit(sent["Location"]).query)["error"] == ["invalid_scope"]

    token = app.exchange(app.code(scope="read:accounts")).body
    assert token["scope"] == "read:accounts"


@pytest.mark.parametrize("grant_type", ["password", "implicit", "urn:ietf:params:oauth:grant-type:device_code", ""])
def test_grants_that_are_not_offered(app: Program, grant_type: str) -> None:
    answer = app.token(grant_type=grant_type, username="owner@acme.example", password="x", device_code="x")
    assert (answer.status, answer.body["error"]) == (400, "unsupported_grant_type")


def test_the_implicit_response_is_not_offered(app: Program) -> None:
    sent = app.authorize(response_type="token")
    assert parse_qs(urlsplit(sent["Location"]).fragment or urlsplit(sent["Location"]).query)["error"]


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b'{"grant_type": 7}', b'"x"', b'{"client_id":"\\u0000"}', b"\xff\xfe", b"[" * 5000]
)
def test_an_unreadable_body_is_refused(db_access: None, body: bytes) -> None:
    for path in ("/oauth/token", "/oauth/revoke", "/oauth/introspect"):
        for kind in ("application/json", "application/x-www-form-urlencoded"):
            assert 400 <= Client().post(path, body, content_type=kind).status_code < 500


def test_the_metadata_lists_the_endpoints(db_access: None, client: Client) -> None:
    found = client.get("/.well-known/oauth-authorization-server").json()

    assert found["issuer"] == settings.PUBLIC_URL
    assert found["token_endpoint"] == f"{settings.PUBLIC_URL}/oauth/token"
    assert found["grant_types_supported"] == ["authorization_code", "refresh_token", "client_credentials"]
    assert found["code_challenge_methods_supported"] == ["S256"]
    for name in ("authorization_endpoint", "token_endpoint", "revocation_endpoint", "introspection_endpoint"):
        assert client.options(found[name].removeprefix(settings.PUBLIC_URL)).status_code < 400 or "authorize" in name


def test_a_page_of_another_origin_may_fetch_a_token(app: Program) -> None:
    asked = {"HTTP_ORIGIN": "https://yourapp.com", "HTTP_ACCESS_CONTROL_REQUEST_METHOD": "POST"}
    allowed = Client().options("/oauth/token", HTTP_ACCESS_CONTROL_REQUEST_HEADERS="content-type", **asked)

    assert allowed["Access-Control-Allow-Origin"] == "*"
    assert "content-type" in allowed["Access-Control-Allow-Headers"]
    assert "Access-Control-Allow-Credentials" not in allowed
    assert "Access-Control-Allow-Origin" not in app.browser.get("/sign-in", HTTP_ORIGIN="https://evil.example")


def test_deleting_an_application_ends_its_tokens(app: Program, acme: Caller) -> None:
    pair = app.exchange(app.code()).body
    app.refresh(pair["refresh_token"])
    token = app.refresh(pair["refresh_token"]).body["access_token"]
    found = acme.get("/v1/oauth-applications").body["data"][0]["id"]

    assert acme.delete(f"/v1/oauth-applications/{found}").status == 204
    assert acme.get("/v1/accounts", **bearer(token)).status == 401
