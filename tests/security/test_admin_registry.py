"""Kind: pages that a third-party app registers by being imported, outside of every tenant."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group
from django.db import connections
from django.test import Client
from django.urls import get_resolver
from unfold.admin import ModelAdmin

from bigledger.access.admin_site import BackOfficeSite
from bigledger.access.admin_tenant import TenantAdmin
from bigledger.access.models import Authenticator, Membership, Role, User
from bigledger.access.services import add_member
from bigledger.postgres.execute import fetch_one
from bigledger.tenants.context import tenant_context
from tests.backoffice.test_admin import DIALOG, staff
from tests.conftest import Caller

OURS = ("bigledger.", "ledger.", "customers.", "invoicing.", "webhooks.")
# Every table that no tenant's policy guards, with the reason. One more fails the test below.
WITHOUT_POLICY = {
    "access_user": "people, who may belong to several tenants; looked up before any tenant is known",
    "access_authenticator": "a person's second factor in all their tenants; its key is encrypted, no page lists it",
    "access_passkey": "a person's devices in all their tenants; public keys, shown to nobody but them",
    "access_recoverycodes": "as above; only SHA-256 of random codes is kept",
    "access_pagesession": "browsers, some before anybody is known; the key is the secret, shown to nobody",
    "ledger_period": "a view that reads with its reader's rights, so under the policies of what it reads",
    "access_counter": "counts addresses before anybody has said who they are",
    "access_user_groups": "Django's, empty: what a member may do follows from the role",
    "access_user_user_permissions": "Django's, empty, as above",
    "auth_group": "Django's, empty, as above",
    "auth_group_permissions": "Django's, empty, as above",
    "auth_permission": "names of models, the same in every deployment",
    "django_content_type": "names of models, the same in every deployment",
    "django_migrations": "what was migrated",
    "django_admin_log": "not kept; the application has no right to it",
    "oauth2_provider_devicegrant": "not offered; the application has no right to it",
}  # fmt: skip


def test_only_our_own_pages_are_registered() -> None:
    site: Any = admin.site
    assert isinstance(site._wrapped, BackOfficeSite)
    assert len(site._registry) > 15
    for model, page in site._registry.items():
        assert isinstance(page, TenantAdmin), model
        assert type(page).__module__.startswith(OURS), model


def test_none_of_our_pages_was_refused() -> None:
    """A page of ours that forgot `TenantAdmin` is a mistake; here it is told, not silently left out."""
    refused = admin.site.refused  # type: ignore[attr-defined]

    assert Group in refused
    assert [model for model, module in refused.items() if module.startswith(OURS)] == []


def test_a_third_party_page_gets_no_place() -> None:
    site = BackOfficeSite("other")
    for page in (None, admin.ModelAdmin, ModelAdmin):
        site.register(LogEntry, page)

    assert (site._registry, set(site.refused)) == ({}, {LogEntry})


def test_every_admin_url_is_a_page_of_ours_or_djangos_frame() -> None:
    frame = {
        "index", "login", "logout", "password_change", "password_change_done", "autocomplete", "jsi18n", "search",
        "app_list", "reports", "report", "operation", "choices", "export",
        "object_file", "object_history", None,
    }  # fmt: skip
    (namespace, (_, resolver)), *_ = [item for item in get_resolver().namespace_dict.items() if item[0] == "admin"]
    assert namespace == "admin"
    names = set(resolver.reverse_dict) - {value for value in resolver.reverse_dict if callable(value)}
    labels = {f"{model._meta.app_label}_{model._meta.model_name}_" for model in admin.site._registry}

    assert len(names) > 40
    assert [name for name in names - frame if not str(name).startswith(tuple(labels))] == []


@pytest.mark.parametrize("path", ["otp_totp/totpdevice/", "auth/group/", "admin/logentry/", "access/grant/", "r/1/1/"])
def test_other_peoples_pages_are_not_there(acme: Caller, path: str) -> None:
    assert staff(acme).get(f"/admin/{path}").status_code == 404


def test_a_table_without_a_tenants_policy_is_one_we_know(cast: Any, django_db_blocker: Any) -> None:
    with django_db_blocker.unblock(), connections["owner"].cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p', 'v', 'm') AND NOT relforcerowsecurity"
            " AND relnamespace = 'public'::regnamespace AND NOT relispartition"
        )
        found = {row[0] for row in cursor.fetchall()}

    assert found == set(WITHOUT_POLICY)


@pytest.mark.parametrize("table", [name for name, reason in WITHOUT_POLICY.items() if "no right" in reason])
@pytest.mark.parametrize("right", ["SELECT", "INSERT", "UPDATE", "DELETE"])
def test_the_application_has_no_privileges_that_it_does_not_use(acme: Caller, table: str, right: str) -> None:
    assert fetch_one("SELECT has_table_privilege(%s, %s)", [table, right]) == (False,)


def test_no_key_of_a_second_factor_lies_in_clear(acme: Caller) -> None:
    device = Authenticator.objects.create(user_id=acme.principal.user_id, name="phone")
    columns = fetch_one(
        "SELECT row_to_json(a)::text, encrypted_key FROM access_authenticator a WHERE id = %s", [device.pk]
    )
    stored = columns[0] + bytes(columns[1]).decode(errors="replace")

    for text in (device.bin_key.hex(), device.base32_key, device.bin_key.hex().encode().hex()):
        assert text not in stored


@pytest.fixture
def colleague(acme: Caller) -> User:
    user = User.objects.create_user("colleague@acme.example", "sturdy kettle 42")
    with tenant_context(acme.tenant):
        add_member(user=user, role=Role.CLERK)
    Authenticator.objects.create(user=user, name="phone")
    return user


def _reset(client: Client, caller: Caller, user: User) -> Any:
    with tenant_context(caller.tenant):
        member = Membership.objects.get(user=user)
    return client.post(f"/admin/access/membership/{member.pk}/reset_factor/", DIALOG)


def test_an_owner_resets_a_members_second_factor_with_an_event(acme: Caller, colleague: User) -> None:
    done = _reset(staff(acme), acme, colleague)

    assert "HX-Redirect" in done
    assert not Authenticator.objects.filter(user=colleague).exists()
    with tenant_context(acme.tenant):
        assert fetch_one("SELECT count(*) FROM events_pending WHERE type = 'member.second_factor_reset'", []) == (1,)


def test_only_members_of_several_tenants_reset_their_own_factor(acme: Caller, globex: Caller, colleague: User) -> None:
    with tenant_context(globex.tenant):
        add_member(user=colleague, role=Role.VIEWER)

    refused = _reset(staff(acme), acme, colleague)

    assert "only they can reset" in refused.content.decode()
    assert Authenticator.objects.filter(user=colleague).exists()
    own = Client()
    own.force_login(colleague)
    assert "HX-Redirect" in _reset(own, acme, colleague)
    assert not Authenticator.objects.filter(user=colleague).exists()


def test_a_colleague_resets_nobody_elses(acme: Caller, acme_viewer: Caller, colleague: User) -> None:
    for who in (staff(acme_viewer), Client()):
        assert _reset(who, acme, colleague).status_code in (302, 403)
    clerk = Client()
    clerk.force_login(colleague)
    Authenticator.objects.create(user_id=acme.principal.user_id, name="phone")
    owner = User.objects.get(pk=acme.principal.user_id)
    assert _reset(clerk, acme, owner).status_code == 403
    assert Authenticator.objects.count() == 2
