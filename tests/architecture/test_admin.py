"""Each resource is in the admin from the day it exists, and none writes past its services."""

from __future__ import annotations

from django.apps import apps
from django.contrib import admin

from bigledger.access.admin_tenant import ServiceForm, TenantAdmin
from bigledger.tenants.models import TenantModel

# Parts that a page shows in a way of its own, or that nobody looks at. Inlines of a page are found by themselves.
PARTS = {
    "JournalLine", "DraftLine", "Attachment", "IdempotencyKey", "NumberSeries", "InvoiceTax", "CreditNoteTax",
    "DocumentVersion", "Logo", "PeriodState",
}  # fmt: skip
# Short-lived secrets, which are nothing to look at.
TOKENS = {"AccessToken", "Grant", "IDToken", "RefreshToken", "SignIn"}


def test_every_tenant_table_has_a_page() -> None:
    tables = {model for model in apps.get_models() if issubclass(model, TenantModel)}

    assert len(tables) >= 8
    inlines = {inline.model for page in admin.site._registry.values() for inline in page.inlines}
    assert {model.__name__ for model in tables - set(admin.site._registry) - inlines} - PARTS - TOKENS == set()


def test_every_page_is_read_only_or_written_by_a_service() -> None:
    for model, model_admin in admin.site._registry.items():
        if issubclass(model, TenantModel):
            assert isinstance(model_admin, TenantAdmin), model.__name__
            shown = set(model_admin.fields or ())
            read_only = bool(shown) and shown <= set(model_admin.readonly_fields)
            assert read_only or issubclass(model_admin.form, ServiceForm), model.__name__
