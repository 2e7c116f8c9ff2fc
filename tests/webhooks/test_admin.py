"""Webhooks in the admin: tested, replayed, redelivered and switched, by those who may."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse

from bigledger.tenants.context import tenant_context
from tests.backoffice.test_admin import DIALOG, staff, text
from tests.conftest import Caller, number_events
from webhooks.models import WebhookDelivery, WebhookEndpoint

ACTIONS = ["webhookendpoint_send_test", "webhookendpoint_replay", "webhookendpoint_switch"]


@pytest.fixture
def endpoint(acme: Caller) -> WebhookEndpoint:
    acme.post("/v1/webhooks", {"url": "https://acme.example/", "events": ["*"]})
    number_events(acme)
    with tenant_context(acme.tenant):
        WebhookEndpoint.objects.update(cursor=1)
        return WebhookEndpoint.objects.get()


def _row(acme: Caller, model: Any) -> Any:
    with tenant_context(acme.tenant):
        return model.objects.order_by("-id").first()


def test_a_test_is_sent_and_sent_again(acme: Caller, endpoint: WebhookEndpoint) -> None:
    browser = staff(acme)

    sent = browser.post(reverse("admin:webhooks_webhookendpoint_send_test", args=(endpoint.pk,)), DIALOG)
    first = _row(acme, WebhookDelivery)
    again = browser.post(reverse("admin:webhooks_webhookdelivery_send_again", args=(first.pk,)), DIALOG)
    second = _row(acme, WebhookDelivery)

    assert sent["HX-Redirect"] == reverse("admin:webhooks_webhookdelivery_change", args=(first.pk,))
    assert again["HX-Redirect"] == reverse("admin:webhooks_webhookdelivery_change", args=(second.pk,))
    assert (first.trigger, second.trigger, first.body == second.body) == ("test", "redelivery", True)
    assert "webhook_endpoint.test" in text(browser.get(again["HX-Redirect"]))


def test_a_range_is_replayed(acme: Caller, endpoint: WebhookEndpoint) -> None:
    browser = staff(acme)
    dialog = reverse("admin:webhooks_webhookendpoint_replay", args=(endpoint.pk,))

    refused = browser.post(dialog, DIALOG | {"from_seq": "9"})
    done = browser.post(dialog, DIALOG | {"from_seq": "1"})

    assert "Must not be after event 1" in text(refused)
    assert [str(message) for message in get_messages(done.wsgi_request)] == ["Events 1 to 1 are sent again."]
    found = _row(acme, WebhookEndpoint)
    assert (found.replay_cursor, found.replay_to) == (0, 1)


def test_an_endpoint_is_disabled_and_enabled(acme: Caller, endpoint: WebhookEndpoint) -> None:
    browser = staff(acme)
    dialog = reverse("admin:webhooks_webhookendpoint_switch", args=(endpoint.pk,))

    browser.post(dialog, DIALOG)
    assert not _row(acme, WebhookEndpoint).is_active
    assert (
        browser.post(reverse("admin:webhooks_webhookendpoint_send_test", args=(endpoint.pk,)), DIALOG).status_code
        == 403
    )
    browser.post(dialog, DIALOG)

    assert _row(acme, WebhookEndpoint).is_active


@pytest.mark.parametrize("action", ACTIONS)
def test_a_viewer_does_none_of_it(acme: Caller, acme_viewer: Caller, endpoint: WebhookEndpoint, action: str) -> None:
    refused = staff(acme_viewer).post(
        reverse(f"admin:webhooks_{action}", args=(endpoint.pk,)), DIALOG | {"from_seq": "1"}
    )

    assert refused.status_code == 403
    assert _row(acme, WebhookDelivery) is None
    assert _row(acme, WebhookEndpoint).is_active
