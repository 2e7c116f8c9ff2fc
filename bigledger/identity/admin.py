"""Members and credentials for back-office staff: looked at freely, changed through the services only.

The toolkit's own pages for its tables are taken away; they would write past the services.
"""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from bigledger.access.models import (
    AccessToken,
    ApiKey,
    Application,
    Grant,
    IDToken,
    Invitation,
    Membership,
    RefreshToken,
    Role,
    SigningSecret,
    User,
)
from bigledger.access.principal import Principal
from bigledger.access.scopes import UMBRELLAS
from bigledger.errors import ApiError
from bigledger.identity.services import credentials, members
from bigledger.tenants.context import current_tenant

for _model in (AccessToken, Application, Grant, IDToken, RefreshToken):
    if admin.site.is_registered(_model):
        admin.site.unregister(_model)


def _acting(request: HttpRequest) -> Principal:
    """Staff act as an owner of the tenant that they work in; the event names them."""
    return Principal(current_tenant(), cast(User, request.user).pk, Role.OWNER, frozenset({"admin"}), "session")


class ReadOnlyAdmin(ModelAdmin):
    """Lists and shows; the services are the only writers."""

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(User)
class UserAdmin(ReadOnlyAdmin):
    list_display = ("email", "name", "is_active", "is_staff", "last_login")
    search_fields = ("email", "name")
    fields = ("email", "name", "is_active", "is_staff", "last_login", "created_at")


@admin.register(Membership)
class MembershipAdmin(ReadOnlyAdmin):
    list_display = ("user", "role", "created_at")
    list_filter = ("role",)
    search_fields = ("user__email", "user__name")
    actions = ("remove",)

    @admin.action(description="Remove from the tenant", permissions=["view"])
    def remove(self, request: HttpRequest, rows: QuerySet[Membership]) -> None:
        for membership in rows:
            try:
                members.remove_member(membership=membership, acting=_acting(request))
            except ApiError as fault:
                self.message_user(request, fault.message, messages.ERROR)


@admin.register(Invitation)
class InvitationAdmin(ReadOnlyAdmin):
    list_display = ("email", "role", "invited_by", "expires_at", "accepted_at")
    search_fields = ("email",)
    fields = ("email", "role", "invited_by", "expires_at", "accepted_at", "created_at")


class ApiKeyForm(forms.ModelForm):  # type: ignore[type-arg] # not generic when it runs
    """A new key; `scopes` are the umbrellas, narrower ones are asked for over the API."""

    scopes = forms.MultipleChoiceField(choices=[(name, f"{name}: {text}") for name, text in UMBRELLAS.items()])

    class Meta:
        model = ApiKey
        fields = ("name", "user", "scopes", "expires_at")


@admin.register(ApiKey)
class ApiKeyAdmin(ReadOnlyAdmin):
    list_display = ("name", "hint", "user", "scopes", "last_used_at", "expires_at", "revoked_at")
    search_fields = ("name", "user__email")
    exclude = ("digest",)
    form = ApiKeyForm
    actions = ("revoke",)

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return admin.ModelAdmin.has_add_permission(self, request)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:  # noqa: FBT001, FBT002
        form = super().get_form(request, obj, change, **kwargs)
        if "user" in form.base_fields:
            form.base_fields["user"].queryset = User.objects.filter(memberships__tenant=current_tenant())
        return form

    def save_model(self, request: HttpRequest, obj: ApiKey, form: Any, change: bool) -> None:  # noqa: FBT001
        made = credentials.create_api_key(
            name=obj.name,
            user_id=obj.user.public_id,
            scopes=form.cleaned_data["scopes"],
            expires_at=obj.expires_at,
            acting=_acting(request),
        )
        obj.pk = ApiKey.objects.get(hint=made.hint, name=made.name, created_at=made.created_at).pk
        self.message_user(request, f"The key, shown only now: {made.key}", messages.WARNING)

    @admin.action(description="Revoke", permissions=["view"])
    def revoke(self, request: HttpRequest, rows: QuerySet[ApiKey]) -> None:
        for key in rows:
            credentials.revoke_api_key(key=key, acting=_acting(request))


@admin.register(SigningSecret)
class SigningSecretAdmin(ReadOnlyAdmin):
    list_display = ("hint", "user", "created_at", "revoked_at")
    exclude = ("encrypted",)
    actions = ("revoke",)

    @admin.action(description="Revoke", permissions=["view"])
    def revoke(self, request: HttpRequest, rows: QuerySet[SigningSecret]) -> None:
        for secret in rows:
            credentials.revoke_signing_secret(secret=secret, acting=_acting(request))


@admin.register(Application)
class ApplicationAdmin(ReadOnlyAdmin):
    list_display = ("name", "client_id", "client_type", "authorization_grant_type", "user", "created")
    search_fields = ("name", "client_id")
    fields = (
        "name", "client_id", "client_type", "authorization_grant_type", "redirect_uris", "scopes", "user", "created",
    )  # fmt: skip
