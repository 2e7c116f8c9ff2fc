"""Webhooks in the admin: endpoints and deliveries read; tested, replayed, redelivered and switched by services."""

from __future__ import annotations

from typing import Any, ClassVar

import msgspec
from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminIntegerFieldWidget

from bigledger.access.admin_tenant import ServiceDialog, TenantAdmin, redirected
from bigledger.access.principal import Principal
from webhooks.models import WebhookDelivery, WebhookEndpoint
from webhooks.services.endpoints import replay_events, update_endpoint
from webhooks.services.redelivery import redeliver, test_endpoint


class ReplayDialog(ServiceDialog):
    from_seq = forms.IntegerField(min_value=1, widget=UnfoldAdminIntegerFieldWidget)
    to_seq = forms.IntegerField(
        min_value=1,
        required=False,
        widget=UnfoldAdminIntegerFieldWidget,
        help_text="If empty, the last event that was sent.",
    )

    def perform(self, principal: Principal) -> None:
        endpoint = WebhookEndpoint.objects.get(pk=self.object_id)
        given = {name: self.cleaned_data[name] for name in ("from_seq", "to_seq")}
        self.made = replay_events(endpoint=endpoint, **given, acting=principal)


class TestDialog(ServiceDialog):
    def perform(self, principal: Principal) -> None:
        self.made = test_endpoint(endpoint=WebhookEndpoint.objects.get(pk=self.object_id), acting=principal)


class SwitchDialog(ServiceDialog):
    def perform(self, principal: Principal) -> None:
        endpoint = WebhookEndpoint.objects.get(pk=self.object_id)
        changes = {"is_active": not endpoint.is_active}
        self.made = update_endpoint(endpoint=endpoint, changes=changes, acting=principal)


class RedeliverDialog(ServiceDialog):
    def perform(self, principal: Principal) -> None:
        delivery = WebhookDelivery.objects.select_related("endpoint").get(pk=self.object_id)
        self.made = redeliver(delivery=delivery, acting=principal)


def _dialog(title: str, description: str, form_class: type[ServiceDialog], submit: str) -> Any:
    return {"title": title, "description": description, "form_class": form_class, "form_submit_text": submit}


@admin.register(WebhookEndpoint)
class WebhookEndpointAdmin(TenantAdmin):
    resource: ClassVar[str] = "webhook_endpoints"
    list_display = ("url", "is_active", "cursor", "consecutive_failures", "failing_since", "created_at")
    list_filter = ("is_active",)
    search_fields = ("url", "description")
    ordering = ("-id",)
    fields = (
        "public_id", "url", "events", "description", "is_active", "cursor", "replay_cursor", "replay_to",
        "consecutive_failures", "failing_since", "disabled_at", "disabled_reason", "previous_secret_expires_at",
        "deleted_at", "created_at", "updated_at",
    )  # fmt: skip
    readonly_fields = fields
    actions_detail = ("send_test", "replay", "switch")

    def has_send_permission(self, request: HttpRequest, given: Any = None) -> bool:
        endpoint = self.found(request, given)
        return endpoint is not None and endpoint.is_active and self.has_write_permission(request)

    def has_switch_permission(self, request: HttpRequest, given: Any = None) -> bool:
        endpoint = self.found(request, given)
        return endpoint is not None and endpoint.deleted_at is None and self.has_write_permission(request)

    @action(
        description="Send a test",
        icon="send",
        permissions=["send"],
        dialog=_dialog("Send a test event?", "It is sent to this endpoint only.", TestDialog, "Send"),
    )
    def send_test(self, request: HttpRequest, form: TestDialog, object_id: str) -> HttpResponse:
        messages.success(request, "The test event is on its way.")
        delivery = WebhookDelivery.id_in(form.made.id)
        return redirected(reverse("admin:webhooks_webhookdelivery_change", args=(delivery,)))

    @action(
        description="Replay",
        icon="replay",
        permissions=["send"],
        dialog=_dialog("Send a range of events again?", "Both ends are included.", ReplayDialog, "Replay"),
    )
    def replay(self, request: HttpRequest, form: ReplayDialog, object_id: str) -> HttpResponse:
        messages.success(request, f"Events {form.made.from_seq} to {form.made.to_seq} are sent again.")
        return redirected(reverse("admin:webhooks_webhookendpoint_change", args=(object_id,)))

    @action(
        description="Enable or disable",
        icon="power_settings_new",
        permissions=["switch"],
        dialog=_dialog(
            "Enable or disable this endpoint?", "Once enabled, it receives the events that it missed.", SwitchDialog,
            "Apply",
        ),
    )  # fmt: skip
    def switch(self, request: HttpRequest, form: SwitchDialog, object_id: str) -> HttpResponse:
        messages.success(request, "The endpoint is enabled." if form.made.is_active else "The endpoint is disabled.")
        return redirected(reverse("admin:webhooks_webhookendpoint_change", args=(object_id,)))


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(TenantAdmin):
    resource: ClassVar[str] = "webhook_deliveries"
    list_display = ("created_at", "event_type", "endpoint", "state", "trigger", "attempts", "response_status")
    list_select_related = ("endpoint",)
    list_filter = ("state", "trigger", "event_type")
    search_fields = ("event_type", "endpoint__url")
    ordering = ("-id",)
    fields = (
        "public_id", "endpoint", "event_type", "seq", "trigger", "state", "attempts", "next_attempt_at",
        "attempted_at", "duration_milliseconds", "response_status", "response_body", "error", "delivered_at",
        "request_headers", "sent",
    )  # fmt: skip
    readonly_fields = fields
    actions_detail = ("send_again",)

    @display(description="Body")
    def sent(self, delivery: WebhookDelivery) -> SafeString:
        """Indented for reading; the text that is sent is on one line."""
        text = msgspec.json.format(delivery.body, indent=2)
        return format_html('<pre class="whitespace-pre-wrap text-xs">{}</pre>', text)

    def has_send_permission(self, request: HttpRequest, given: Any = None) -> bool:
        delivery = self.found(request, given)
        return delivery is not None and delivery.endpoint.is_active and self.has_write_permission(request)

    @action(
        description="Redeliver",
        icon="replay",
        permissions=["send"],
        dialog=_dialog("Send this event again?", "The same bytes are sent as a new delivery.", RedeliverDialog, "Send"),
    )
    def send_again(self, request: HttpRequest, form: RedeliverDialog, object_id: str) -> HttpResponse:
        messages.success(request, "The event is sent again.")
        delivery = WebhookDelivery.id_in(form.made.id)
        return redirected(reverse("admin:webhooks_webhookdelivery_change", args=(delivery,)))
