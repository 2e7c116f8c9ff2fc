"""The event log in the admin, read-only."""

from __future__ import annotations

import msgspec
from django.contrib import admin
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import display

from bigledger.access.admin_tenant import TenantAdmin
from bigledger.events.models import Event


@admin.register(Event)
class EventAdmin(TenantAdmin):
    list_display = ("created_at", "type", "seq", "interface", "actor", "request_id")
    list_filter = ("type",)
    search_fields = ("type", "request_id", "actor")
    ordering = ("-id",)
    fields = ("public_id", "seq", "type", "created_at", "interface", "actor", "request_id", "payload")
    readonly_fields = fields

    @display(description="Data")
    def payload(self, event: Event) -> SafeString:
        """As it was frozen; numbers keep their digits."""
        text = msgspec.json.format(event.data, indent=2)
        return format_html('<pre class="whitespace-pre-wrap text-xs">{}</pre>', text)
