"""Endpoints and deliveries over REST."""

from __future__ import annotations

from rest_framework.decorators import action
from rest_framework.request import Request

from bigledger.api.describe import describe
from bigledger.api.response import Response
from bigledger.api.shapes import EmptyInput
from bigledger.api.views import ResourceViewSet, page_of
from webhooks.bodies import DeliveryBody, EndpointBody, ReplayBody
from webhooks.resources import WEBHOOK_DELIVERIES, WEBHOOK_ENDPOINTS
from webhooks.rules import ENDPOINT_INACTIVE, REPLAY_RUNNING, TOO_MANY_ENDPOINTS
from webhooks.serializers import EndpointInput, ReplayInput, RotationInput
from webhooks.services.endpoints import create_endpoint, delete_endpoint, replay_events, rotate_secret, update_endpoint
from webhooks.services.redelivery import redeliver, test_endpoint

DEFAULT_OVERLAP_HOURS = 24

_HOOK = {"url": "https://example.com/hooks", "events": ["account.created"], "description": "Our shop"}


class WebhookEndpointViewSet(ResourceViewSet):
    of = WEBHOOK_ENDPOINTS

    @describe(takes=EndpointInput, gives=EndpointBody, status=201, example=_HOOK, rules=(TOO_MANY_ENDPOINTS,))
    def create(self, request: Request) -> Response:
        return Response(create_endpoint(**EndpointInput.read(request.data), acting=self.principal), status=201)

    @describe(takes=EndpointInput, gives=EndpointBody, example={"events": ["*"]})
    def partial_update(self, request: Request, pk: str) -> Response:
        changes = EndpointInput.read(request.data, partial=True)
        return Response(update_endpoint(endpoint=self.find(pk), changes=changes, acting=self.principal))

    @describe(status=204)
    def destroy(self, request: Request, pk: str) -> Response:
        delete_endpoint(endpoint=self.find(pk), acting=self.principal)
        return Response(status=204)

    @describe(gives=DeliveryBody, status=202, rules=(ENDPOINT_INACTIVE,))
    @action(detail=True, methods=["post"])
    def test(self, request: Request, pk: str) -> Response:
        """Send a test event to the endpoint, whichever events it subscribes to."""
        EmptyInput.read(request.data)
        return Response(test_endpoint(endpoint=self.find(pk), acting=self.principal), status=202)

    @describe(takes=RotationInput, gives=EndpointBody, example={"overlap_hours": 24})
    @action(detail=True, methods=["post"], url_path="rotate-secret")
    def rotate_secret(self, request: Request, pk: str) -> Response:
        """Give the endpoint a new secret, shown once; the old one also signs during the overlap."""
        hours = RotationInput.read(request.data).get("overlap_hours", DEFAULT_OVERLAP_HOURS)
        return Response(rotate_secret(endpoint=self.find(pk), overlap_hours=hours, acting=self.principal))

    @describe(
        takes=ReplayInput,
        gives=ReplayBody,
        status=202,
        example={"from_seq": 1},
        rules=(ENDPOINT_INACTIVE, REPLAY_RUNNING),
    )
    @action(detail=True, methods=["post"])
    def replay(self, request: Request, pk: str) -> Response:
        """Send a range of events to the endpoint again, including both ends."""
        data = ReplayInput.read(request.data)
        body = replay_events(
            endpoint=self.find(pk), from_seq=data["from_seq"], to_seq=data.get("to_seq"), acting=self.principal
        )
        return Response(body, status=202)

    @describe(gives=DeliveryBody, listing=WEBHOOK_DELIVERIES.listing)
    @action(detail=True, methods=["get"])
    def deliveries(self, request: Request, pk: str) -> Response:
        """The deliveries to the endpoint, with its answers."""
        rows = self.find(pk).deliveries.select_related("endpoint")
        return Response(page_of(WEBHOOK_DELIVERIES, rows, request.query_params))


class WebhookDeliveryViewSet(ResourceViewSet):
    of = WEBHOOK_DELIVERIES

    @describe(gives=DeliveryBody, status=202, rules=(ENDPOINT_INACTIVE,))
    @action(detail=True, methods=["post"])
    def redeliver(self, request: Request, pk: str) -> Response:
        """Send the same bytes again."""
        EmptyInput.read(request.data)
        return Response(redeliver(delivery=self.find(pk), acting=self.principal), status=202)
