"""Journal entries in the admin: shown with their lines, posted and reversed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, cast

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from unfold.contrib.filters.admin import RangeDateFilter, RangeNumericFilter
from unfold.decorators import action
from unfold.widgets import UnfoldAdminDateWidget, UnfoldAdminTextInputWidget

from bigledger.access.admin_columns import amount_column, state_column
from bigledger.access.admin_tenant import ServiceDialog, ShownInline, TenantAdmin, redirected
from bigledger.access.principal import Principal
from ledger.models import DraftLine, EntryStatus, JournalEntry, JournalLine
from ledger.services.drafts import post_draft_entry
from ledger.services.reversal import reverse_journal_entry


class _Lines(ShownInline):
    shown_debit, shown_credit = amount_column("debit"), amount_column("credit")
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
    line_columns = ("account_id", "description", "debit", "credit")
    line_sum = "balance"
    sum_columns = ("total_debit",)
    templates: ClassVar[Mapping[str, str]] = {"recurring_journal_entries": "template"}
    shown_debit, shown_credit = amount_column("total_debit"), amount_column("total_credit")
    list_display = ("number", "date", "description", state_column, "currency", "shown_debit")
    list_filter = (("date", RangeDateFilter), "status", ("total_debit", RangeNumericFilter), "currency")
    list_filter_submit = True
    search_fields = ("number", "reference", "description")
    date_hierarchy = "date"
    ordering = ("-date", "-id")
    fields = (
        "number", "reference", "date", "description", "status", "currency", "shown_debit", "shown_credit",
        "reversal_of", "reversal_reason", "reverse_on", "source", "created_at", "posted_at",
    )  # fmt: skip
    readonly_fields = fields
    actions_detail = ("post_draft", "reverse")

    def get_inlines(self, request: HttpRequest, obj: JournalEntry | None) -> list[type[_Lines]]:
        return [DraftLines if obj and obj.status == EntryStatus.DRAFT else JournalLines]

    def offers(self, action: str, row: Any) -> bool:
        return bool(row.status == EntryStatus.DRAFT)

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
