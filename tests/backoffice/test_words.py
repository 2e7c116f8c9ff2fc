"""What people read in the back office: names in words, their own tenants, times that say whose they are."""

from __future__ import annotations

import re

import pytest
from django.apps import apps
from django.contrib import admin
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from bigledger.access.models import Role, User
from bigledger.access.services import add_member
from bigledger.tenants.context import tenant_context
from bigledger.tenants.models import Tenant
from tests.backoffice.test_admin import books, row_of, staff, text  # noqa: F401 - a fixture
from tests.conftest import Caller

OURS = [model for model in apps.get_models() if not model.__module__.startswith(("django.", "oauth2_provider."))]
AN_ID = re.compile(r"\b[a-z]{2,5}_[0-9a-z]{26}\b|\b[0-9a-f]{8}-[0-9a-f]{4}-")


@pytest.mark.parametrize("model", OURS, ids=lambda model: model.__name__)
def test_every_model_has_a_name_for_people(model: type[Model]) -> None:
    assert model.__str__ is not Model.__str__


@pytest.mark.parametrize("model", list(admin.site._registry), ids=lambda model: model.__name__)
def test_a_title_holds_no_id_and_keeps_its_letters(books: Caller, model: type[Model]) -> None:  # noqa: F811
    row = row_of(books, model)
    with tenant_context(books.tenant):
        title = str(row)
    assert title and not AN_ID.search(title) and " object (" not in title, title

    shown = text(
        staff(books).get(reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_change", args=(row.pk,)))
    )
    assert re.search(rf">\s*{re.escape(title.replace('&', '&amp;'))}\s*<", shown), title


def test_the_switcher_is_on_the_page_and_switches(books: Caller, globex: Caller) -> None:  # noqa: F811
    client = staff(books)
    assert reverse("choose_tenant") not in text(client.get("/admin/"))
    user = User.objects.get(pk=books.principal.user_id)
    with tenant_context(globex.tenant):
        add_member(user=user, role=Role.CLERK)

    for path in ("/admin/", reverse("admin:ledger_account_changelist"), reverse("admin:ledger_account_add")):
        page = text(client.get(path))
        choices = re.findall(r'name="tenant" value="([^"]+)".*?<span class="grow truncate">([^<]+)</span>', page, re.S)
        assert sorted(name for _, name in choices) == ["Acme", "Globex"], path
    wanted = next(value for value, name in choices if name == "Globex")
    assert client.post(reverse("choose_tenant"), {"tenant": wanted}).status_code == 302
    assert "Globex, times in UTC" in text(client.get("/admin/"))


def test_times_are_the_tenants_and_say_so(books: Caller) -> None:  # noqa: F811
    client = staff(books)
    with tenant_context(books.tenant):
        Tenant.objects.filter(pk=books.tenant.pk).update(time_zone="Asia/Tokyo", created_at="2024-01-15T20:30:00Z")

    page = text(client.get(reverse("admin:tenants_tenant_change", args=(books.tenant.pk,))))

    assert "Acme, times in Asia/Tokyo" in page
    assert "Jan. 16, 2024, 5:30 a.m." in page


def test_a_member_without_a_flag_works_in_their_tenant(books: Caller) -> None:  # noqa: F811
    user = User.objects.create_user("clerk@acme.example", "sturdy kettle 42")
    with tenant_context(books.tenant):
        add_member(user=user, role=Role.CLERK)
    client = Client()
    client.force_login(user)

    assert "Acme" in text(client.get("/admin/"))
    assert client.get(reverse("admin:ledger_account_add")).status_code == 403
    assert client.get(reverse("admin:ledger_document_add")).status_code == 200


def test_the_scopes_of_a_key_are_boxes_to_tick(books: Caller) -> None:  # noqa: F811
    page = text(staff(books).get(reverse("admin:access_apikey_add")))

    assert re.findall(r'<input type="checkbox" name="scopes" value="(\w+)"', page) == ["read", "write", "admin"]
