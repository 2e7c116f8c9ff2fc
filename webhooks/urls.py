from __future__ import annotations

from rest_framework.routers import SimpleRouter

from webhooks.views import WebhookDeliveryViewSet, WebhookEndpointViewSet

router = SimpleRouter(trailing_slash=False)
router.register("webhook-endpoints", WebhookEndpointViewSet, basename="webhook-endpoint")
router.register("webhook-deliveries", WebhookDeliveryViewSet, basename="webhook-delivery")
urlpatterns = router.urls

# `/v1/webhooks` is a second name of the endpoints; the OpenAPI document describes them under the first.
aliases = SimpleRouter(trailing_slash=False)
aliases.register("webhooks", WebhookEndpointViewSet, basename="webhook")
alias_patterns = aliases.urls
