"""Members and their credentials for back-office staff: looked at freely, changed through the services only."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from bigledger.access.admin_tenant import ServiceDialog, ServiceForm, TenantAdmin, acting, redirected
from bigledger.access.models import ApiKey, Application, Invitation, KioskLink, Membership, SigningSecret, User
from bigledger.access.principal import Principal
from bigledger.access.scopes import UMBRELLAS
from bigledger.api.lookup import find
from bigledger.identity.services import credentials, members
from bigledger.identity.services.second_factor import reset_second_factor


def _dialog(title: str, description: str, form: type[ServiceDialog], submit: str) -> dict[str, Any]:
    return {"title": title, "description": description, "form_class": form, "form_submit_text": submit}


@admin.register(User)
class UserAdmin(TenantAdmin):
    """The people of the tenant in context: a user is nobody's row, their membership is."""

    shown_for: ClassVar[str] = "members"
    list_display = ("email", "name", "is_active", "is_staff", "last_login")
    search_fields = ("email", "name")
    ordering = ("email",)
    fields = ("email", "name", "is_active", "is_staff", "last_login", "created_at")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return User.objects.filter(memberships__isnull=False).order_by("email")


class RemoveMemberDialog(ServiceDialog):
    def perform(self, principal: Principal) -> None:
        members.remove_member(membership=Membership.objects.get(pk=self.object_id), acting=principal)


class ResetSecondFactorDialog(ServiceDialog):
    def perform(self, principal: Principal) -> None:
        reset_second_factor(membership=Membership.objects.get(pk=self.object_id), acting=principal)


@admin.register(Membership)
class MembershipAdmin(TenantAdmin):
    resource: ClassVar[str] = "members"
    list_display = ("user", "role", "created_at")
    list_filter = ("role",)
    list_select_related = ("user",)
    search_fields = ("user__email", "user__name")
    fields = ("user", "role", "created_at")
    readonly_fields = fields
    actions_detail = ("remove", "reset_factor")

    def has_reset_permission(self, request: HttpRequest, given: Any = None) -> bool:
        """Owners for their members, and everybody for themselves."""
        member, principal = self.found(request, given), acting(request)
        is_own = member is not None and principal is not None and member.user_id == principal.user_id
        return member is not None and (is_own or self.has_write_permission(request))

    @action(
        description="Reset second factor",
        icon="lock_reset",
        permissions=["reset"],
        dialog=_dialog(
            "Reset this person's second factor?",
            "Their authenticator stops working. They set up a new one when they sign in next.",
            ResetSecondFactorDialog,
            "Reset",
        ),
    )
    def reset_factor(self, request: HttpRequest, form: ResetSecondFactorDialog, object_id: str) -> HttpResponse:
        messages.success(request, "The second factor is reset.")
        return redirected(reverse("admin:access_membership_change", args=(object_id,)))

    @action(
        description="Remove",
        icon="person_remove",
        permissions=["write"],
        dialog=_dialog(
            "Remove this member?", "Their credentials for this tenant stop working.", RemoveMemberDialog, "Remove"
        ),
    )
    def remove(self, request: HttpRequest, form: RemoveMemberDialog, object_id: str) -> HttpResponse:
        messages.success(request, "The member is removed.")
        return redirected(reverse("admin:access_membership_changelist"))


@admin.register(Invitation)
class InvitationAdmin(TenantAdmin):
    resource: ClassVar[str] = "invitations"
    list_display = ("email", "role", "invited_by", "expires_at", "accepted_at")
    list_select_related = ("invited_by",)
    search_fields = ("email",)
    fields = ("email", "role", "invited_by", "expires_at", "accepted_at", "created_at")
    readonly_fields = fields


class NewApiKeyForm(ServiceForm):
    """A new key; `scopes` are the umbrellas, narrower ones are asked for over the API."""

    scopes = forms.MultipleChoiceField(
        choices=[(name, f"{name}: {text}") for name, text in UMBRELLAS.items()],
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )
    key = ""  # its text, once it is made

    class Meta:
        model = ApiKey
        fields = ("name", "user", "scopes", "expires_at")

    def write(self) -> Model:
        values = self.cleaned_data
        made = credentials.create_api_key(
            name=values["name"],
            user_id=values["user"].public_id,
            scopes=values["scopes"],
            expires_at=values["expires_at"],
            acting=self.acting,
        )
        self.key = made.key
        return find(ApiKey.objects.all(), made.id)


class RevokeKeyDialog(ServiceDialog):
    def perform(self, principal: Principal) -> None:
        credentials.revoke_api_key(key=ApiKey.objects.get(pk=self.object_id), acting=principal)


@admin.register(ApiKey)
class ApiKeyAdmin(TenantAdmin):
    resource: ClassVar[str] = "api_keys"
    form = NewApiKeyForm
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

    def has_add_permission(self, request: HttpRequest, *_: Any) -> bool:
        return self.has_write_permission(request)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.fields if obj else NewApiKeyForm.Meta.fields

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.readonly_fields if obj else ()

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "user":
            kwargs["queryset"] = User.objects.filter(memberships__isnull=False)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: Model, form: NewApiKeyForm, change: Any) -> None:
        messages.warning(request, f"The key, shown only once: {form.key}")

    def has_revoke_permission(self, request: HttpRequest, given: Any = None) -> bool:
        key = self.found(request, given)
        return key is not None and key.revoked_at is None and self.has_write_permission(request)

    @action(
        description="Revoke",
        icon="key_off",
        permissions=["revoke"],
        dialog=_dialog(
            "Revoke this key?",
            "It stops working with the next request. This cannot be undone.",
            RevokeKeyDialog,
            "Revoke",
        ),
    )
    def revoke(self, request: HttpRequest, form: RevokeKeyDialog, object_id: str) -> HttpResponse:
        messages.success(request, "The key is revoked.")
        return redirected(reverse("admin:access_apikey_change", args=(object_id,)))


class RevokeSecretDialog(ServiceDialog):
    def perform(self, principal: Principal) -> None:
        credentials.revoke_signing_secret(secret=SigningSecret.objects.get(pk=self.object_id), acting=principal)


@admin.register(SigningSecret)
class SigningSecretAdmin(TenantAdmin):
    resource: ClassVar[str] = "signing_secrets"
    list_display = ("hint", "user", "created_at", "revoked_at")
    list_select_related = ("user",)
    fields = ("hint", "user", "created_at", "revoked_at")
    readonly_fields = fields
    actions_detail = ("revoke",)

    @action(
        description="Revoke",
        icon="key_off",
        permissions=["write"],
        dialog=_dialog("Revoke this secret?", "Tokens signed with it stop working.", RevokeSecretDialog, "Revoke"),
    )
    def revoke(self, request: HttpRequest, form: RevokeSecretDialog, object_id: str) -> HttpResponse:
        messages.success(request, "The secret is revoked.")
        return redirected(reverse("admin:access_signingsecret_change", args=(object_id,)))


class RevokeLinkDialog(ServiceDialog):
    def perform(self, principal: Principal) -> None:
        credentials.revoke_kiosk_link(link=KioskLink.objects.get(pk=self.object_id), acting=principal)


@admin.register(KioskLink)
class KioskLinkAdmin(TenantAdmin):
    resource: ClassVar[str] = "kiosk_links"
    list_display = ("name", "hint", "user", "expires_at", "last_used_at", "revoked_at")
    list_select_related = ("user",)
    search_fields = ("name",)
    fields = ("name", "hint", "user", "allowed_networks", "expires_at", "last_used_at", "created_at", "revoked_at")
    readonly_fields = fields
    actions_detail = ("revoke",)

    @action(
        description="Revoke",
        icon="tv_off",
        permissions=["write"],
        dialog=_dialog("Revoke this link?", "Screens that show it stop showing it.", RevokeLinkDialog, "Revoke"),
    )
    def revoke(self, request: HttpRequest, form: RevokeLinkDialog, object_id: str) -> HttpResponse:
        messages.success(request, "The link is revoked.")
        return redirected(reverse("admin:access_kiosklink_change", args=(object_id,)))


@admin.register(Application)
class ApplicationAdmin(TenantAdmin):
    resource: ClassVar[str] = "oauth_applications"
    list_display = ("name", "client_id", "client_type", "authorization_grant_type", "user", "created")
    list_select_related = ("user",)
    search_fields = ("name", "client_id")
    fields = (
        "name", "client_id", "client_type", "authorization_grant_type", "redirect_uris", "scopes", "user", "created",
    )  # fmt: skip
    readonly_fields = fields
