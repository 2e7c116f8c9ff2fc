"""Members and credentials in the admin: nothing is written past the services."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from bigledger.access.models import AccessToken, ApiKey, Application, RefreshToken, Role, User
from bigledger.access.services import add_member
from bigledger.postgres.execute import fetch_one
from bigledger.tenants.context import tenant_context
from tests.access.conftest import bearer
from tests.conftest import Caller


@pytest.fixture
def staff(acme: Caller) -> Iterator[Client]:
    """Somebody of the back office, at work in Acme."""
    client = Client()
    user = User.objects.create_superuser("staff@bigledger.example", "sturdy kettle 42")
    client.force_login(user)
    with tenant_context(acme.tenant):
        add_member(user=user, role=Role.OWNER)
        yield client


def recorded(type_: str) -> int:
    """How many events of this type wait for their number in the tenant's log."""
    return int(fetch_one("SELECT count(*) FROM events_pending WHERE type = %s", [type_])[0])


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
    assert recorded("api_key.created") == 1
    assert key[0] not in staff.get("/admin/access/apikey/").content.decode()


def test_a_key_is_revoked_through_the_service(staff: Client, acme: Caller) -> None:
    made = acme.post("/v1/api-keys", {"name": "Lost", "scopes": ["read"]}).body
    chosen = str(ApiKey.objects.get(name="Lost").pk)

    staff.post(reverse("admin:access_apikey_revoke", args=(chosen,)), {"_form_submitted": "True"})

    assert acme.get("/v1/accounts", **bearer(made["key"])).status == 401
    assert recorded("api_key.revoked") == 1


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
