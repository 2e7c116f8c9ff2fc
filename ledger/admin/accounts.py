"""Accounts in the admin, written through their services."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar, cast

from django import forms
from django.contrib import admin, messages
from django.db.models import DecimalField, F, Func, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from unfold.decorators import display
from unfold.widgets import UnfoldAdminDateWidget, UnfoldAdminDecimalFieldWidget, UnfoldAdminSelectWidget

from bigledger import money
from bigledger.access.admin_tenant import ServiceForm, TenantAdmin, acting
from bigledger.access.principal import Principal
from bigledger.api.lookup import find
from bigledger.errors import ApiError
from bigledger.tenants.context import current_tenant
from ledger.models import Account
from ledger.selectors import Balance, account_body
from ledger.services.accounts import create_account, delete_account, update_account

_ACCOUNT_FIELDS = (
    "code", "name", "type", "subtype", "cash_flow", "currency", "description", "parent", "is_active", "is_reconcilable",
)  # fmt: skip


class AccountForm(ServiceForm):
    currency = forms.ChoiceField(
        choices=[(code, code) for code in sorted(money.currencies())], widget=UnfoldAdminSelectWidget
    )
    api_names = {"parent_id": "parent"}

    class Meta:
        model = Account
        fields = _ACCOUNT_FIELDS

    def changes(self, names: Any) -> dict[str, Any]:
        """The named fields as the services take them: the parent by its id."""
        values = {name: self.cleaned_data[name] for name in names}
        if "parent" in values:
            parent = values.pop("parent")
            values["parent_id"] = parent.public_id if parent else None
        return values

    def write(self) -> Account:
        body = update_account(account=self.instance, changes=self.changes(self.changed_data), acting=self.acting)
        return find(Account.objects.all(), body.id)


class NewAccountForm(AccountForm):
    opening_balance = forms.DecimalField(
        required=False,
        max_digits=money.MAX_INTEGER_DIGITS + money.MAX_DECIMAL_PLACES,
        decimal_places=money.MAX_DECIMAL_PLACES,
        widget=UnfoldAdminDecimalFieldWidget,
        help_text="Positive on the account's normal side; posted against Opening Balance Equity.",
    )
    opening_date = forms.DateField(required=False, widget=UnfoldAdminDateWidget, help_text="If empty, today.")

    def write(self) -> Account:
        values = self.changes([*_ACCOUNT_FIELDS, "opening_balance", "opening_date"])
        body = create_account(**values, acting=self.acting)
        return find(Account.objects.all(), body.id)


@admin.register(Account)
class AccountAdmin(TenantAdmin):
    resource: ClassVar[str] = "accounts"
    choice_hints: ClassVar[Mapping[str, str]] = {"currency": "currency"}
    list_display = ("code", "name", "type", "subtype", "currency", "balance", "is_active")
    list_filter = ("type", "is_active", "is_reconcilable", "currency")
    search_fields = ("code", "name")
    ordering = ("code",)
    autocomplete_fields = ("parent",)
    readonly_fields = ("balance",)
    form = AccountForm

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:  # noqa: FBT001, FBT002
        if obj is None:
            kwargs["form"] = NewAccountForm
        return super().get_form(request, obj, change=change, **kwargs)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"currency": current_tenant().base_currency}

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return (*_ACCOUNT_FIELDS, "balance") if obj else (*_ACCOUNT_FIELDS, "opening_balance", "opening_date")

    @display(description="Balance")
    def balance(self, account: Account) -> str:
        return f"{account_body(account, Balance(account.debit_less_credit, Decimal(0))).balance:,}"  # type: ignore[attr-defined]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Account]:
        net: Any = Func(F("id"), function="ledger_balance", output_field=DecimalField())
        return Account.objects.annotate(debit_less_credit=net).order_by("code")

    def has_add_permission(self, request: HttpRequest, *_: Any) -> bool:
        return self.has_write_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_write_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_write_permission(request)

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        try:
            answer: HttpResponse = super().delete_view(request, object_id, extra_context)
            return answer
        except ApiError as fault:
            messages.error(request, fault.message)
            return redirect(reverse("admin:ledger_account_change", args=(object_id,)))

    def delete_model(self, request: HttpRequest, obj: Account) -> None:
        delete_account(account=obj, acting=cast(Principal, acting(request)))
