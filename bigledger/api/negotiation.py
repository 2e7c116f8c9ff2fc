"""How REST framework reads a request: exact JSON, one media type."""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO, Any

from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.request import Request

from bigledger import exact_json
from bigledger.errors import Detail, ValidationFailed


class ExactJsonParser(BaseParser):
    media_type = "application/json"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        try:
            return exact_json.decode_request(stream.read())
        except exact_json.RepeatedKeys as fault:
            raise ValidationFailed(
                details=[Detail("Given more than once.", field=field, code="repeated") for field in fault.fields]
            ) from None
        except exact_json.MalformedJson as fault:
            details = [Detail("Must be a number.", field=field or None, code="not_a_number") for field in fault.fields]
            raise ValidationFailed(f"The request body is not valid JSON: {fault}", details) from None


class JsonWhateverIsAccepted(DefaultContentNegotiation):
    """The API speaks JSON; an `Accept` header that would like something else does not turn it into a failure."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        if request.content_type == "application/json" and isinstance(parsers[0], ExactJsonParser):
            return parsers[0]
        return super().select_parser(request, parsers)

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> Any:
        return renderers[0], renderers[0].media_type
