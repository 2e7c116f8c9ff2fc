"""Every page of the admin shows the chosen tenant's rows and no other's, whichever app registers it."""

from __future__ import annotations

from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib import admin
from django.db.models import DecimalField
from django.urls import reverse

from bigledger.access.admin_columns import amount_column, number_column
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


def test_no_number_is_shown_with_the_digits_of_its_column() -> None:
    """`amount_column` and `number_column` show 3,240.00 for 3240.0000."""
    found = [
        f"{type(page).__name__}.{name}"
        for model, model_admin in admin.site._registry.items()
        for page in (model_admin, *(inline(model, admin.site) for inline in model_admin.inlines))
        for name in {*(page.fields or ()), *getattr(page, "list_display", ()), *page.readonly_fields}
        if isinstance(name, str) and name in {field.name for field in page.model._meta.fields}
        if isinstance(page.model._meta.get_field(name), DecimalField)
    ]
    assert found == []


@pytest.mark.parametrize("number", ["0", "3240.0000", "0.0800", "-1234567.5", "1E+3"])
def test_a_number_is_shown_grouped(number: str) -> None:
    shown = {"0": "0.00", "3240.0000": "3,240.00", "0.0800": "0.08", "-1234567.5": "-1,234,567.50", "1E+3": "1,000.00"}
    row = SimpleNamespace(amount=Decimal(number), currency="USD", invoice=SimpleNamespace(currency="JPY"))
    text = shown[number] if Decimal(number) else f'<span class="zero">{shown[number]}</span>'
    assert amount_column("amount")(None, row) == text
    if number == "3240.0000":
        assert (amount_column("amount", of="invoice")(None, row), number_column("amount")(None, row)) == ("3,240",) * 2


@pytest.mark.parametrize("model", TENANT_ADMINS, ids=lambda model: model.__name__)
def test_another_tenants_object_is_not_there(filled: Caller, globex: Caller, model: Any) -> None:
    theirs, browser = row_of(globex, model), staff(filled)
    assert theirs is not None
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}_change"

    shown = browser.get(reverse(name, args=(theirs.pk,)))

    assert (shown.status_code, shown.url) == (302, reverse("admin:index"))
