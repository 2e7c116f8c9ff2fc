"""Mails in the admin: read, and nothing else. What is in them is made when they leave."""

from __future__ import annotations

from django.contrib import admin

from bigledger.access.admin_tenant import TenantAdmin
from bigledger.mail.models import Mail


@admin.register(Mail)
class MailAdmin(TenantAdmin):
    list_display = ("created_at", "kind", "to", "subject", "state", "attempts", "last_error")
    list_filter = ("state", "kind")
    search_fields = ("subject", "last_error")
    ordering = ("-id",)
    fields = (
        "public_id", "kind", "to", "cc", "reply_to", "subject", "state", "attempts", "next_attempt_at", "last_error",
        "created_at", "sent_at",
    )  # fmt: skip
    readonly_fields = fields
