"""GraphQL over HTTP: one document in a POST, the answer in JSON."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any, cast

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from graphene_django.views import GraphQLView
from rest_framework.exceptions import UnsupportedMediaType

from bigledger import errors, exact_json
from bigledger.api.error_pages import wants_page
from bigledger.api.failures import error_response
from bigledger.api.negotiation import ExactJsonParser
from bigledger.api.request import ApiRequest
from bigledger.errors import Detail, ValidationFailed
from bigledger.graphql.building import Schema
from bigledger.graphql.execution import answer
from bigledger.graphql.page import explorer


def at_host(beginning: str, view: Callable[..., Any]) -> Callable[..., Any]:
    """The view, where the host's name begins so; on any other host there is nothing at this path."""

    @csrf_exempt
    def there(request: HttpRequest) -> Any:
        return view(request) if request.get_host().startswith(beginning) else error_response(request, Http404())

    return there


class GraphView(GraphQLView):
    """`POST {query, variables?, operationName?}`; a browser that opens the address gets a page to ask from.

    What GraphQL says is 200, faults in `errors`. Around it everything is as with REST: 400 for a body that is no such
    object, 401, 405, 413, 415, 429. Of the library's view little is left: it reads floats, sets a cookie, answers
    validation with 400, and its explorer comes from a CDN.
    """

    schema: Schema

    def __init__(self, schema: Schema) -> None:
        self.schema = schema

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return self._answer(cast(ApiRequest, request))
        except Exception as fault:  # noqa: BLE001 - any exception becomes an error envelope
            return error_response(request, fault)

    def _answer(self, request: ApiRequest) -> HttpResponse:
        if request.method in ("GET", "HEAD") and wants_page(request):
            return explorer(request, self.schema.text())
        if request.method != "POST":
            refusal = error_response(request, errors.MethodNotAllowed())
            refusal["Allow"] = "POST"
            return refusal
        if request.principal is None:
            raise errors.AuthenticationFailed("The Authorization header is missing")
        if request.GET:
            raise ValidationFailed(
                details=[Detail("Unknown parameter.", field=name, code="unknown_parameter") for name in request.GET]
            )
        body = self.parse_body(request)
        found = answer(
            self.schema, request.principal, request.id, body["query"], body.get("variables"), body.get("operationName")
        )
        return HttpResponse(exact_json.encode(found.body), status=found.status, content_type="application/json")

    def parse_body(self, request: HttpRequest) -> dict[str, Any]:
        """The checked body. Raises ValidationFailed with every fault at once."""
        if request.content_type != "application/json":
            raise UnsupportedMediaType(request.content_type or "")
        found = ExactJsonParser().parse(BytesIO(request.body))
        if not isinstance(found, dict):
            raise ValidationFailed("The request body must be one object with a query; batches are not taken.")
        faults = []
        if not isinstance(found.get("query"), str):
            faults.append(
                Detail("Must be a string.", field="query", code="not_a_string")
                if "query" in found
                else Detail("This field is required.", field="query", code="required")
            )
        if not isinstance(found.get("variables"), dict | None):
            faults.append(Detail("Must be an object.", field="variables", code="not_an_object"))
        if not isinstance(found.get("operationName"), str | None):
            faults.append(Detail("Must be a string.", field="operationName", code="not_a_string"))
        if faults:
            raise ValidationFailed(details=faults)
        return found
