"""The common parts of all views: the caller, lists and single objects."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, ClassVar, cast

from django.db.models import Model, QuerySet
from msgspec import Struct, UnsetType
from rest_framework.decorators import action
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.viewsets import ViewSet

from bigledger import exact_json
from bigledger.access.principal import Principal
from bigledger.api.bodies import Body, etag, matches_content, matches_version, shows_secret
from bigledger.api.bulk import BulkBody
from bigledger.api.describe import Description, describe
from bigledger.api.events import LOG, EventBody, event_body
from bigledger.api.listing import GIVEN_TWICE, MAX_LINES, unknown_parameter
from bigledger.api.lookup import find
from bigledger.api.request import ApiRequest
from bigledger.api.resource import Resource
from bigledger.api.response import Response
from bigledger.api.selection import Expansion, Selection
from bigledger.errors import Detail, PreconditionFailed, ResourceNotFound, ValidationFailed


class ApiViewSet(ViewSet):
    """Base of the API's views: parameters are known or refused, bodies carry an ETag.

    `body` is the type of what the views answer with and `expansions` what of it can be expanded.
    """

    resource: ClassVar[str]
    lookup_value_regex = "[^/]+"  # a natural key may hold a dot
    body: ClassVar[type[Body] | None] = None
    expansions: ClassVar[Mapping[str, Expansion]] = {}
    selection: Selection | None = None
    default_response_headers: dict[str, str] = {}  # `Allow` comes with a 405 and needs no telling otherwise

    @property
    def principal(self) -> Principal:
        return cast(Principal, self.request.user)

    def known_parameters(self) -> Collection[str] | None:
        """The query parameters this action takes; None when its listing checks them."""
        if self.action == "list" or (self.operation and (self.operation.listing or self.operation.filtering)):
            return None
        selecting = ("expand", "fields") if self.selectable else ()
        own = self.operation.query.names() if self.operation and self.operation.query else ()
        return (*own, *selecting) if self.request.method in SAFE_METHODS else ("validate_only", *own, *selecting)

    def own_parameters(self) -> dict[str, Any]:
        """The operation's own query parameters, checked. Raises ValidationFailed."""
        shape = self.operation.query if self.operation else None
        if shape is None:
            return {}
        given = self.request.query_params.items() if self.request.META.get("QUERY_STRING") else ()
        return shape.read({name: value for name, value in given if name in shape.names()})

    def perform_authentication(self, request: Request) -> None:
        """The middleware has authenticated the caller; REST framework does so only where anyone may call."""
        principal = cast(ApiRequest, request._request).principal
        if principal is None or not self.authentication_classes:
            super().perform_authentication(request)
        else:
            request.user = cast(Any, principal)
            request.auth = principal.credential

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        # REST framework's, without the choices that this API does not have: format, version, throttle.
        self.perform_authentication(request)
        self.check_permissions(request)
        if not request.META.get("QUERY_STRING"):
            return
        known = self.known_parameters()
        if request.method and not hasattr(self, request.method.lower()):
            return  # 405 is what follows, whatever the parameters
        given_twice = (name for name, given in request.query_params.lists() if len(given) > 1)
        faults = [Detail(GIVEN_TWICE, field=name, code="repeated") for name in given_twice]
        if known is not None:
            faults += [unknown_parameter(name, known) for name in request.query_params if name not in known]
        if faults:
            raise ValidationFailed(details=faults)
        self.selection = self._read_selection(request)

    @property
    def operation(self) -> Description | None:
        """The description of the current operation."""
        return getattr(getattr(self, self.action or "", None), "operation", None)

    @property
    def selectable(self) -> tuple[type[Struct], Mapping[str, Expansion]] | None:
        """The body whose fields can be chosen and what of it can be expanded; None for a file, a report, no content."""
        operation = self.operation
        if operation is None or operation.gives is BulkBody or operation.gives is self.body:
            return (self.body, self.expansions) if self.body else None
        if operation.gives is None or self.body is None:
            return None
        return operation.gives, operation.expansions

    def _read_selection(self, request: Request) -> Selection | None:
        fields, expand = request.query_params.get("fields"), request.query_params.get("expand")
        if (fields is None and expand is None) or self.selectable is None:
            return None
        body, expansions = self.selectable
        return Selection(body, expansions, fields=fields, expand=expand)

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        if isinstance(response, Response):  # a file is none
            self._finish(request, response)
        return super().finalize_response(request, response, *args, **kwargs)

    def _finish(self, request: Request, response: Response) -> None:
        data = response.data
        if shows_secret(data):
            response["Cache-Control"] = "no-store"
        if isinstance(data, Body):
            self._finish_body(request, response, data)
            return
        if self.selection and isinstance(data, BulkBody):
            succeeded = [result for result in data.results if not isinstance(result.data, UnsetType)]
            bodies = self.selection.apply([cast(Struct, result.data) for result in succeeded])
            for result, shown in zip(succeeded, bodies, strict=True):
                result.data = shown
        elif self.selection and isinstance(data, dict) and isinstance(data.get("data"), list):
            data["data"] = self.selection.apply(data["data"])
        if data is None:
            del response["Content-Type"]
        else:
            response.content = exact_json.encode(data)

    def _finish_body(self, request: Request, response: Response, body: Body) -> None:
        """The selected fields, the tag, and nothing at all for a caller who has this content already."""
        shown = exact_json.encode(self.selection.apply([body])[0] if self.selection else body)
        response["ETag"] = tag = etag(body, shown, whole=self.selection is None)
        given = request.META.get("HTTP_IF_NONE_MATCH")
        if given and request.method in SAFE_METHODS and matches_content(given, tag):
            response.status_code = 304
            del response["Content-Type"]
        else:
            response.content = shown


class ResourceViewSet(ApiViewSet):
    """Lists and single objects of one resource (`of`); what changes them is a method that calls one service."""

    of: ClassVar[Resource]

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        cls.resource, cls.body, cls.expansions = cls.of.name, cls.of.body, cls.of.expanded()

    def rows(self) -> QuerySet[Any]:
        return self.of.all()

    def find(self, pk: str) -> Any:
        """The row of an id or natural key, in the state that `If-Match` names when the request has one.

        The row is locked before it is compared, so that nobody can change it in between.
        """
        rows = cast(QuerySet[Model], self.rows())
        given = self.request.META.get("HTTP_IF_MATCH")
        if given is None or self.request.method in SAFE_METHODS:
            return find(rows, pk)
        row = find(self.locked(rows), pk)
        if not matches_version(given, self.of.bodies([row])[0]):
            raise PreconditionFailed()
        return row

    def locked(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """The rows, so that what is found among them cannot change until the request is done."""
        return rows.select_for_update(of=("self",))

    def list(self, request: Request) -> Response:
        return Response(page_of(self.of, self.of.listed(request.query_params.dict()), request.query_params))

    def retrieve(self, request: Request, pk: str) -> Response:
        return Response(self.of.bodies([self.find(pk)])[0])

    @describe(gives=EventBody, listing=LOG)
    @action(detail=True)
    def events(self, request: Request, pk: str) -> Response:
        """What happened to the object: its events, oldest first.

        Each names the request that caused it and who acted. Of a deleted object too, by its id.
        """
        try:
            history = self.of.history([find(self.rows(), pk).id])
        except ResourceNotFound:
            history = self.of.history_of_deleted(pk)
            if not history.exists():
                raise
        page = LOG.read(history, request.query_params)
        return Response({"data": [event_body(event) for event in page.rows], "meta": page.meta})


def page_of(resource: Resource, rows: QuerySet[Any], query: Any) -> dict[str, Any]:
    """The page of `rows` that the caller asks for in `query`, with at most as many lines as a page may have."""
    page = resource.listing.read(rows, query)
    if resource.line_counts and len(page.rows) > MAX_LINES // resource.most_lines:
        page = page.bounded(resource.line_counts(page.rows))
    return {"data": resource.bodies(page.rows), "meta": page.meta}
