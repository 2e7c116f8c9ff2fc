"""Tenants, members and their credentials in the admin. Secrets are not shown: the database holds none."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from unfold.decorators import action, display

from bigledger.access.admin_tenant import ServiceDialog, TenantAdmin, redirected
from bigledger.access.models import ApiKey, Membership, SigningSecret, User
from bigledger.access.principal import Principal
from bigledger.access.services import revoke_api_key
from bigledger.tenants.models import Tenant

admin.site.unregister(Group)  # what a member may do follows from the role


@admin.register(Tenant)
class TenantRowAdmin(TenantAdmin):
    list_display = ("name", "plan", "base_currency", "time_zone", "created_at")
    fields = ("id", "name", "plan", "base_currency", "time_zone", "created_at")
    readonly_fields = fields


@admin.register(Membership)
class MembershipAdmin(TenantAdmin):
    list_display = ("user", "role", "created_at")
    list_filter = ("role",)
    list_select_related = ("user",)
    search_fields = ("user__email", "user__name")
    fields = ("user", "role", "created_at")
    readonly_fields = fields


@admin.register(User)
class UserAdmin(TenantAdmin):
    """The people of the tenant in context: a user is nobody's row, their membership is."""

    list_display = ("email", "name", "is_active", "is_staff", "last_login")
    search_fields = ("email", "name")
    ordering = ("email",)
    fields = ("email", "name", "is_active", "is_staff", "last_login", "created_at")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return User.objects.filter(memberships__isnull=False)


class RevokeDialog(ServiceDialog):
    def perform(self, principal: Principal) -> None:
        revoke_api_key(key=ApiKey.objects.get(pk=self.object_id), acting=principal)


@admin.register(ApiKey)
class ApiKeyAdmin(TenantAdmin):
    resource: ClassVar[str] = "api_keys"
    list_display = ("name", "hint", "user", "is_live", "scopes", "last_used_at", "expires_at")
    list_select_related = ("user",)
    search_fields = ("name", "user__email")
    fields = (
        "name", "hint", "user", "scopes", "allowed_networks", "created_at", "last_used_at", "expires_at", "revoked_at",
    )  # fmt: skip
    readonly_fields = fields
    actions_detail = ("revoke",)

    @display(description="Live", boolean=True)
    def is_live(self, key: ApiKey) -> bool:
        return key.revoked_at is None

    def has_revoke_permission(self, request: HttpRequest, given: Any = None) -> bool:
        key = self.found(request, given)
        return key is not None and key.revoked_at is None and self.has_write_permission(request)

    @action(
        description="Revoke",
        icon="key_off",
        permissions=["revoke"],
        dialog={
            "title": "Revoke this key?",
            "description": "From the next request on it opens nothing. This cannot be undone.",
            "form_class": RevokeDialog,
            "form_submit_text": "Revoke",
        },
    )
    def revoke(self, request: HttpRequest, form: RevokeDialog, object_id: str) -> HttpResponse:
        messages.success(request, "The key is revoked.")
        return redirected(reverse("admin:access_apikey_change", args=(object_id,)))


@admin.register(SigningSecret)
class SigningSecretAdmin(TenantAdmin):
    list_display = ("hint", "user", "created_at", "revoked_at")
    list_select_related = ("user",)
    fields = ("hint", "user", "created_at", "revoked_at")
    readonly_fields = fields
