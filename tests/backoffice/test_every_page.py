"""Every page of the admin shows the chosen tenant's rows and no other's, whichever app registers it."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib import admin
from django.urls import reverse

from bigledger.access.admin_tenant import TenantAdmin
from tests.backoffice.test_admin import row_of, staff, text
from tests.conftest import Caller
from tests.world import with_log

TENANT_ADMINS = [model for model, model_admin in admin.site._registry.items() if isinstance(model_admin, TenantAdmin)]


@pytest.fixture
def filled(acme: Caller, globex: Caller) -> Caller:
    """acme, which like globex has a row of every kind."""
    with_log(globex)
    with_log(acme)
    return acme


@pytest.mark.parametrize("model", TENANT_ADMINS, ids=lambda model: model.__name__)
def test_every_resource_is_listed_and_shown(filled: Caller, model: Any) -> None:
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
    row, browser = row_of(filled, model), staff(filled)

    page = browser.get(reverse(f"{name}_changelist"))

    assert page.status_code == 200
    assert "globex" not in text(page).lower()
    shown = browser.get(reverse(f"{name}_change", args=(row.pk,)))
    assert shown.status_code == 200
    assert "globex" not in text(shown).lower()


@pytest.mark.parametrize("model", TENANT_ADMINS, ids=lambda model: model.__name__)
def test_another_tenants_object_is_not_there(filled: Caller, globex: Caller, model: Any) -> None:
    theirs, browser = row_of(globex, model), staff(filled)
    assert theirs is not None
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}_change"

    shown = browser.get(reverse(name, args=(theirs.pk,)))

    assert (shown.status_code, shown.url) == (302, reverse("admin:index"))
