"""Members and credentials in the admin: nothing is written past the services."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from django.contrib import admin
from django.test import Client

from bigledger.access.models import AccessToken, ApiKey, Application, RefreshToken, User
from bigledger.events.models import Event
from bigledger.tenants.context import tenant_context
from tests.access.test_credentials import bearer
from tests.conftest import Caller


@pytest.fixture
def staff(acme: Caller) -> Iterator[Client]:
    """Somebody of the back office, at work in Acme."""
    client = Client()
    client.force_login(User.objects.create_superuser("staff@bigledger.example", "sturdy kettle 42"))
    with tenant_context(acme.tenant):
        yield client


@pytest.mark.parametrize("name", ["user", "membership", "invitation", "apikey", "signingsecret", "application"])
def test_every_list_opens_and_shows_no_secret(staff: Client, acme: Caller, name: str) -> None:
    page = staff.get(f"/admin/access/{name}/")

    assert page.status_code == 200
    assert acme.api_key not in page.content.decode()


def test_a_key_is_made_through_the_service_and_shown_once(staff: Client, acme: Caller) -> None:
    body = {
        "name": "Desk",
        "user": str(acme.principal.user_id),
        "scopes": ["read"],
        "expires_at_0": "",
        "expires_at_1": "",
    }
    page = staff.post("/admin/access/apikey/add/", body, follow=True).content.decode()
    key = re.search(r"blg_sandbox_[\w-]{43}", page)

    assert key, page
    assert acme.get("/v1/accounts", **bearer(key[0])).status == 200
    assert acme.post("/v1/accounts", {}, **bearer(key[0])).status == 403
    assert Event.objects.filter(type="api_key.created").count() == 1
    assert key[0] not in staff.get("/admin/access/apikey/").content.decode()


def test_a_key_is_revoked_through_the_service(staff: Client, acme: Caller) -> None:
    made = acme.post("/v1/api-keys", {"name": "Lost", "scopes": ["read"]}).body
    chosen = str(ApiKey.objects.get(name="Lost").pk)

    staff.post("/admin/access/apikey/", {"action": "revoke", "_selected_action": [chosen]})

    assert acme.get("/v1/accounts", **bearer(made["key"])).status == 401
    assert Event.objects.filter(type="api_key.revoked").count() == 1


def test_nothing_can_be_edited_or_deleted_past_the_services(staff: Client, acme: Caller) -> None:
    key = ApiKey.objects.first()
    assert key
    assert staff.post(f"/admin/access/apikey/{key.pk}/change/", {"name": "x"}).status_code == 403
    assert staff.post(f"/admin/access/apikey/{key.pk}/delete/", {"post": "yes"}).status_code == 403
    assert ApiKey.objects.get(pk=key.pk).name == key.name


def test_tokens_have_no_page() -> None:
    assert admin.site.is_registered(Application)
    assert not admin.site.is_registered(AccessToken)
    assert not admin.site.is_registered(RefreshToken)
