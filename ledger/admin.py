"""The books in the admin: accounts written through their services, entries posted and reversed, the rest read."""

from __future__ import annotations

from typing import Any, ClassVar, cast

from django import forms
from django.contrib import admin, messages
from django.db.models import DecimalField, F, Func, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import content_disposition_header
from unfold.decorators import action, display
from unfold.widgets import (
    UnfoldAdminDateWidget,
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
)

from bigledger import money
from bigledger.access.admin_tenant import ServiceDialog, ServiceForm, ShownInline, TenantAdmin, acting, redirected
from bigledger.access.principal import Principal
from bigledger.api.lookup import find
from bigledger.errors import ApiError
from bigledger.tenants.context import current_tenant
from ledger.models import Account, Document, DraftLine, EntryStatus, JournalEntry, JournalLine
from ledger.selectors import account_body
from ledger.services.accounts import create_account, delete_account, update_account
from ledger.services.documents import upload_document
from ledger.services.drafts import post_draft_entry
from ledger.services.reversal import reverse_journal_entry

_ACCOUNT_FIELDS = (
    "code", "name", "type", "subtype", "currency", "description", "parent", "is_active", "is_reconcilable",
)  # fmt: skip


def _amount(name: str) -> Any:
    """A column that shows the amount with its currency's digits."""

    @display(description=name.replace("_", " ").capitalize(), ordering=name)
    def shown(_: Any, row: Any) -> str:
        currency = row.currency if hasattr(row, "currency") else row.account.currency
        return f"{money.to_currency(getattr(row, name), currency):,}"

    return shown


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
        return f"{account_body(account, account.debit_less_credit).balance:,}"  # type: ignore[attr-defined]

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


class _Lines(ShownInline):
    shown_debit, shown_credit = _amount("debit"), _amount("credit")
    fields = ("position", "account", "shown_debit", "shown_credit", "description")
    readonly_fields = fields
    verbose_name_plural = "lines"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return cast("QuerySet[Any]", super().get_queryset(request)).select_related("account")


class JournalLines(_Lines):
    model = JournalLine


class DraftLines(_Lines):
    model = DraftLine


class ReverseDialog(ServiceDialog):
    reason = forms.CharField(max_length=500, widget=UnfoldAdminTextInputWidget)
    date = forms.DateField(required=False, widget=UnfoldAdminDateWidget, help_text="If empty, today.")

    def perform(self, principal: Principal) -> None:
        entry = JournalEntry.objects.get(pk=self.object_id)
        self.made = reverse_journal_entry(
            entry=entry, reason=self.cleaned_data["reason"], date=self.cleaned_data["date"], acting=principal
        )


class PostDialog(ServiceDialog):
    def perform(self, principal: Principal) -> None:
        self.made = post_draft_entry(entry=JournalEntry.objects.get(pk=self.object_id), acting=principal)


@admin.register(JournalEntry)
class JournalEntryAdmin(TenantAdmin):
    resource: ClassVar[str] = "journal_entries"
    shown_debit, shown_credit = _amount("total_debit"), _amount("total_credit")
    list_display = ("number", "date", "description", "status", "currency", "shown_debit")
    list_filter = ("status", "currency")
    search_fields = ("number", "reference", "description")
    date_hierarchy = "date"
    ordering = ("-date", "-id")
    fields = (
        "number", "reference", "date", "description", "status", "currency", "shown_debit", "shown_credit",
        "reversal_of", "reversal_reason", "source", "created_at", "posted_at",
    )  # fmt: skip
    readonly_fields = fields
    actions_detail = ("post_draft", "reverse")

    def get_inlines(self, request: HttpRequest, obj: JournalEntry | None) -> list[type[_Lines]]:
        return [DraftLines if obj and obj.status == EntryStatus.DRAFT else JournalLines]

    def has_reverse_permission(self, request: HttpRequest, given: Any = None) -> bool:
        entry = self.found(request, given)
        is_open = entry is not None and entry.status == EntryStatus.POSTED and not entry.reversals.exists()
        return is_open and self.has_write_permission(request)

    def has_post_permission(self, request: HttpRequest, given: Any = None) -> bool:
        entry = self.found(request, given)
        return entry is not None and entry.status == EntryStatus.DRAFT and self.has_write_permission(request)

    @action(
        description="Reverse",
        icon="undo",
        permissions=["reverse"],
        dialog={
            "title": "Reverse this entry?",
            "description": "The mirrored entry is posted and both are linked. Nothing is deleted.",
            "form_class": ReverseDialog,
            "form_submit_text": "Reverse",
        },
    )
    def reverse(self, request: HttpRequest, form: ReverseDialog, object_id: str) -> HttpResponse:
        messages.success(request, f"Reversed by {form.made.number}.")
        made = JournalEntry.id_in(form.made.id)
        return redirected(reverse("admin:ledger_journalentry_change", args=(made,)))

    @action(
        description="Post",
        icon="check",
        permissions=["post"],
        dialog={
            "title": "Post this draft?",
            "description": "A posted entry is in the books for good; it can be reversed, but not edited.",
            "form_class": PostDialog,
            "form_submit_text": "Post",
        },
    )
    def post_draft(self, request: HttpRequest, form: PostDialog, object_id: str) -> HttpResponse:
        messages.success(request, f"{form.made.number} is posted.")
        return redirected(reverse("admin:ledger_journalentry_change", args=(object_id,)))


class DocumentForm(ServiceForm):
    class Meta:
        model = Document
        fields = ("file", "reference")

    def write(self) -> Document:
        file = self.cleaned_data["file"]
        body = upload_document(
            name=file.name, content=file.read(), reference=self.cleaned_data["reference"] or None, acting=self.acting
        )
        return find(Document.objects.all(), body.id)


@admin.register(Document)
class DocumentAdmin(TenantAdmin):
    resource: ClassVar[str] = "documents"
    list_display = ("name", "reference", "media_type", "size_bytes", "created_at")
    list_filter = ("media_type",)
    search_fields = ("name", "reference", "sha256")
    ordering = ("-id",)
    form = DocumentForm
    actions_detail = ("download",)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        shown = ("name", "reference", "media_type", "size_bytes", "sha256", "created_at")
        return shown if obj else ("file", "reference")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.get_fields(request, obj) if obj else ()

    def has_add_permission(self, request: HttpRequest, *_: Any) -> bool:
        return self.has_write_permission(request)

    @action(description="Download", icon="download")
    def download(self, request: HttpRequest, object_id: str) -> HttpResponse:
        document = self.get_object(request, object_id)
        if document is None:
            raise Http404
        with document.file.open("rb") as file:
            content = file.read()
        disposition = content_disposition_header(as_attachment=True, filename=document.name)
        return HttpResponse(content, document.media_type, headers={"Content-Disposition": disposition})
